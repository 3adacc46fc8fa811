"""Races of a blind vote on committed rows, each with a control in which the guard is off."""

from collections.abc import Callable

import pytest
from django.db.models import Model, Sum

from audit import moves
from audit.models import Event
from review import actions, ballot_reading
from review.models import Appraisal, Ballot, BallotCase, BallotRecusal, BallotSlip, Tally
from tests.cast import Cast
from tests.database import without
from tests.racing import meanwhile, race, unguarded, unlocked
from tests.review import ballots, cases
from tests.review.test_races import AFTER

pytestmark = pytest.mark.race


def hand_in(ballot: Ballot, secret: str) -> Callable[[int], object]:
    choices = ballots.all_say(ballot, "hard")
    slip = ballots.slip(secret)
    return lambda _: actions.hand_in(slip=slip, choices=choices)


def cast_votes() -> int:
    return int(BallotCase.objects.aggregate(n=Sum("hard"))["n"])


def test_a_slip_is_handed_in_once(committed: Cast) -> None:
    ballot = ballots.opened(committed)
    act = hand_in(ballot, ballots.handed_out(committed, ballot)[ballots.PARENT])
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
    assert cast_votes() == 3


def test_without_lock_and_guards_a_slip_counts_often(committed: Cast, no_locks: None) -> None:
    ballot = ballots.opened(committed)
    act = hand_in(ballot, ballots.handed_out(committed, ballot)[ballots.PARENT])
    with without("review_ballotcase", triggers=True), without("review_ballotslip", triggers=True):
        assert unguarded(act, organisation=committed.school) > 1
        assert cast_votes() > 3


def test_the_database_alone_counts_a_slip_once(committed: Cast, no_locks: None) -> None:
    ballot = ballots.opened(committed)
    act = hand_in(ballot, ballots.handed_out(committed, ballot)[ballots.PARENT])
    assert unguarded(act, organisation=committed.school) == 1
    assert cast_votes() == 3


def open_anew(cast: Cast) -> Callable[[int], object]:
    appraisal = ballots.held(cast)
    here = {*ballots.STUDENTS, ballots.PARENT}
    return lambda _: actions.open_ballot(appraisal=appraisal, here=here, by=cast.head_teacher)


def test_voting_is_opened_once(committed: Cast) -> None:
    act = open_anew(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
    assert (Ballot.objects.count(), BallotSlip.objects.count()) == (1, 4)


def test_without_lock_and_key_it_is_opened_often(committed: Cast, no_locks: None) -> None:
    act = open_anew(committed)
    with without("review_ballot", "ballot_open_once"):
        assert unguarded(act, organisation=committed.school) > 1
        assert Ballot.objects.filter(status="open").count() > 1


def test_votes_are_counted_once(committed: Cast) -> None:
    ballot = ballots.everybody_voted(committed)
    found = race(
        lambda _: actions.count_ballot(ballot=ballot, by=committed.head_teacher),
        organisation=committed.school,
    )
    assert found == {"won": 1, "Refused": 63}
    assert Tally.objects.count() == 3


def test_without_locks_and_guard_they_are_counted_often(committed: Cast, no_locks: None) -> None:
    ballot = ballots.everybody_voted(committed)
    with without("review_ballot", triggers=True):
        act = lambda _: actions.count_ballot(ballot=ballot, by=committed.head_teacher)  # noqa: E731
        assert unguarded(act, organisation=committed.school) > 1


def test_votes_and_counting_at_once_lose_nothing(committed: Cast) -> None:
    ballot = ballots.opened(committed)
    first, second, third, *others = ballots.handed_out(committed, ballot).values()
    for early in (first, second, third):
        ballots.vote(early, ballots.all_say(ballot, "hard"))
    acts = [hand_in(ballot, secret) for secret in others]

    def act(i: int) -> object:
        if i % 8 == 0:
            return actions.count_ballot(ballot=ballot, by=committed.head_teacher)
        return acts[i % len(acts)](i)

    found = race(act, organisation=committed.school)
    assert set(found) <= {"won", "Refused"}
    voted = BallotSlip.objects.filter(voted=True).count()
    assert {t.hard for t in Tally.objects.all()} == {voted}
    assert {t.abstain for t in Tally.objects.all()} == {4 - voted}


def interrupted(
    monkeypatch: pytest.MonkeyPatch,
    cast: Cast,
    at: type[Model],
    lock: Callable[..., object],
    act: Callable[[], object],
) -> None:
    """Somebody does `act` from beginning to end right after a row of `at` has been looked at."""

    def then_act(row: object) -> object:
        found = lock(row)
        if isinstance(row, at):
            monkeypatch.setattr(moves, "lock", lock)
            meanwhile(act, organisation=cast.school, on=AFTER)
        return found

    monkeypatch.setattr(moves, "lock", then_act)


def test_without_locks_and_guards_a_vote_comes_after_counting(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballot = ballots.opened(committed)
    *early, last = ballots.handed_out(committed, ballot).values()
    for secret in early:
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    with without("review_ballotcase", triggers=True), without("review_ballotslip", triggers=True):
        interrupted(
            monkeypatch,
            committed,
            BallotSlip,
            unlocked,
            lambda: actions.count_ballot(ballot=ballot, by=committed.head_teacher),
        )
        ballots.vote(last, ballots.all_say(ballot, "hard"))
        # The harm: a slip that was told it had voted and is counted as an abstention.
        assert BallotSlip.objects.filter(voted=True).count() == 4
        assert {t.hard for t in Tally.objects.all()} == {3}


def test_with_the_locks_counting_waits_for_the_vote(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballot = ballots.opened(committed)
    *early, last = ballots.handed_out(committed, ballot).values()
    for secret in early:
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    interrupted(
        monkeypatch,
        committed,
        BallotSlip,
        moves.lock,
        lambda: actions.count_ballot(ballot=ballot, by=committed.head_teacher),
    )
    with pytest.raises(Exception, match="lock timeout"):
        ballots.vote(last, ballots.all_say(ballot, "hard"))


def aside(cast: Cast) -> Callable[[int], object]:
    ballot = ballots.opened(cast)
    slip, row = ballot_reading.slips_of(ballot)[0], ballots.rows(ballot)[0]
    return lambda _: actions.set_aside(
        slip=slip, ballot_case=row, reason="表哥", by=cast.head_teacher
    )


def test_a_recusal_is_recorded_once(committed: Cast) -> None:
    act = aside(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


def test_without_lock_and_key_it_is_recorded_often(committed: Cast, no_locks: None) -> None:
    act = aside(committed)
    with without("review_ballotrecusal", "ballotrecusal_once", triggers=True):
        assert unguarded(act, organisation=committed.school) > 1
        assert BallotRecusal.objects.count() > 1


def cancel(cast: Cast) -> Callable[[int], object]:
    ballot = ballots.counted(cast)
    return lambda _: actions.cancel_ballot(ballot=ballot, reason="有误", by=cast.head_teacher)


def test_a_ballot_is_cancelled_once(committed: Cast) -> None:
    act = cancel(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


def test_without_locks_and_guard_it_is_cancelled_often(committed: Cast, no_locks: None) -> None:
    act = cancel(committed)
    with without("review_ballot", triggers=True):
        assert unguarded(act, organisation=committed.school) > 1
        assert Event.objects.filter(verb="ballot.cancel").count() > 1


def test_of_slips_handed_out_at_once_one_is_alive(committed: Cast) -> None:
    slip = ballot_reading.slips_of(ballots.opened(committed))[0]
    told: list[str] = []
    found = race(
        lambda _: told.append(actions.hand_out(slip=slip, by=committed.head_teacher)),
        organisation=committed.school,
    )
    assert found == {"won": 64}
    assert sum(actions.slip_of(secret) is not None for secret in told) == 1


def test_of_sheets_printed_at_once_one_is_alive(committed: Cast) -> None:
    ballot = ballots.opened(committed)
    told: list[dict[str, str]] = []
    found = race(
        lambda _: told.append(actions.hand_out_rest(ballot=ballot, by=committed.head_teacher)),
        organisation=committed.school,
    )
    assert found == {"won": 64}
    alive = [{actions.slip_of(s) is not None for s in sheet.values()} for sheet in told]
    assert alive.count({True}) == 1
    assert alive.count({False}) == 63


Again = Callable[[Cast, Ballot, BallotSlip], object]


def one_again(cast: Cast, ballot: Ballot, slip: BallotSlip) -> object:
    return actions.hand_out(slip=slip, by=cast.head_teacher)


def all_again(cast: Cast, ballot: Ballot, slip: BallotSlip) -> object:
    return actions.hand_out_rest(ballot=ballot, by=cast.head_teacher)


@pytest.mark.parametrize("again", [one_again, all_again])
def test_without_locks_and_guards_a_voted_slip_is_handed_out_again(
    committed: Cast, monkeypatch: pytest.MonkeyPatch, again: Again
) -> None:
    ballot = ballots.opened(committed)
    secret = next(iter(ballots.handed_out(committed, ballot).values()))
    slip, choices = ballots.slip(secret), ballots.all_say(ballot, "hard")
    with without("review_ballotslip", triggers=True):
        interrupted(
            monkeypatch,
            committed,
            BallotSlip,
            unlocked,
            lambda: actions.hand_in(slip=slip, choices=choices),
        )
        again(committed, ballot, slip)
        # The harm: who has voted holds a dead slip, and another secret stands for the voted one.
        assert BallotSlip.objects.get(pk=slip.pk).voted
        assert actions.slip_of(secret) is None


def explained(cast: Cast) -> Callable[[int], object]:
    kept = Tally.objects.filter(ballot=ballots.counted(cast)).order_by("pk")[0]
    # Without a reason where panel and score differ nothing ends.
    Tally.objects.update(reason=cases.WHY)
    return lambda i: actions.explain(kept=kept, reason=f"理由{i}", by=cast.head_teacher)


def test_of_reasons_written_at_once_one_stands(committed: Cast) -> None:
    act = explained(committed)
    assert race(act, organisation=committed.school) == {"won": 64}
    assert Event.objects.filter(verb="appraisal.explain").count() == 64
    assert Tally.objects.exclude(reason=cases.WHY).count() == 1


def test_without_the_locks_a_reason_is_written_after_the_end(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = explained(committed)
    appraisal = Appraisal.objects.get()
    interrupted(
        monkeypatch,
        committed,
        Tally,
        unlocked,
        lambda: actions.finish_appraisal(appraisal=appraisal, by=committed.head_teacher),
    )
    act(0)
    assert Appraisal.objects.get().status == "finished"
    assert Tally.objects.exclude(reason=cases.WHY).count() == 1
