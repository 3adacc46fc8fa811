"""Races about notices, objections and who is confirmed without one, each with its control."""

from collections.abc import Callable
from datetime import date

import pytest

from audit.models import Event
from audit.refusal import Refused
from review import actions
from review.actions import confirmations
from review.models import Case, Notice, NoticeLine, Objection, Recognition
from schools import clock
from tests import database
from tests.cast import Cast
from tests.racing import meanwhile, race, unguarded
from tests.review import cases

pytestmark = pytest.mark.race
DAY, AFTER = date(2026, 9, 1), date(2026, 9, 9)
Act = Callable[[int], object]


def drafting(cast: Cast) -> Act:
    cases.office_phones(cast)
    meeting = cases.decided(cast)
    actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
    return lambda i: actions.draft_notice(round_=meeting.round, by=cast.operator)


def test_one_notice_is_drafted(committed: Cast) -> None:
    outcome = race(drafting(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


def test_without_lock_and_constraint_several_are_drafted(committed: Cast, no_locks: None) -> None:
    act = drafting(committed)
    with database.without("review_notice", "notice_live_once"):
        assert unguarded(act, organisation=committed.school) > 1


def revising(cast: Cast) -> Act:
    notice = cases.drafted(cast)
    return lambda i: actions.revise_notice(notice=notice, by=cast.operator)


def test_a_draft_revised_often_at_once_lists_everyone_once(committed: Cast) -> None:
    assert race(revising(committed), organisation=committed.school) == {"won": 64}
    lines = NoticeLine.objects.values_list("case", flat=True)
    assert len(set(lines)) == len(lines) == 2


def test_without_lock_and_constraints_it_lists_them_several_times(
    committed: Cast, no_locks: None
) -> None:
    act = revising(committed)
    with database.without("review_noticeline", "notice_serial", "notice_case"):
        unguarded(act, organisation=committed.school)
        assert NoticeLine.objects.count() > 2


def withdrawing(cast: Cast) -> Act:
    notice = cases.published(cast)
    return lambda i: actions.withdraw_notice(notice=notice, reason="印错了", by=cast.reviewer)


def undisputed(cast: Cast) -> Act:
    round_ = cases.proposed(cast, votes=[{"none": 9}] * 3)
    actions.confirm_meeting(meeting=cases.decided(cast, round_), by=cast.reviewer)
    return lambda i: actions.confirm_undisputed(round_=round_, by=cast.reviewer)


@pytest.mark.parametrize("arrange", [withdrawing, undisputed])
def test_one_of_many(committed: Cast, arrange: Callable[[Cast], Act]) -> None:
    act = arrange(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
    found = Recognition.objects.filter(valid_to=None)
    assert found.count() == (3 if arrange is undisputed else 0)


def test_without_the_lock_a_notice_is_withdrawn_often(committed: Cast, no_locks: None) -> None:
    assert unguarded(withdrawing(committed), organisation=committed.school) > 1


def test_without_guards_who_is_not_difficult_is_confirmed_often(
    committed: Cast, no_guards: None
) -> None:
    act = undisputed(committed)
    with database.without("review_recognition", "recognition_once"):
        assert unguarded(act, organisation=committed.school) > 1
        assert Recognition.objects.count() > 3


# --- objections ---


def lodging(cast: Cast) -> Act:
    notice = cases.published(cast)
    return lambda i: actions.object_to(notice=notice, text="不实", contact="")


def test_no_more_objections_wait_than_may(committed: Cast) -> None:
    outcome = race(lodging(committed), organisation=committed.school)
    assert outcome == {"won": 20, "Refused": 44}
    assert set(Objection.objects.values_list("serial", flat=True)) == set(range(1, 21))


def test_without_lock_and_constraint_more_wait(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = lodging(committed)
    monkeypatch.setattr(actions.objections, "MOST_OPEN", 1)
    with database.without("review_objection", "objection_serial"):
        assert unguarded(act, organisation=committed.school) > 1


def objected(cast: Cast) -> Objection:
    """About the first of two published students; the family of the other heard nothing."""
    notice = cases.published(cast)
    line = notice.lines.get(serial=1)
    return actions.object_to(notice=notice, line=line, text="家里有商铺", contact="")


def answer(cast: Cast, objection: Objection, upheld: bool) -> object:
    return actions.answer(objection=objection, upheld=upheld, conclusion="已调查", by=cast.operator)


def confirm(cast: Cast, notice: Notice) -> object:
    return actions.confirm_notice(notice=notice, by=cast.reviewer)


def end_of(objection: Objection) -> tuple[str, str, int]:
    """The objection, the case it is about, and how many grades came of that."""
    objection.refresh_from_db()
    assert objection.line is not None
    case = Case.objects.get(pk=objection.line.case_id)
    grades = Recognition.objects.filter(case=case, valid_to=None).count()
    return objection.status, case.status, grades


@pytest.mark.parametrize("upheld", [True, False])
def test_an_objection_is_answered_once(committed: Cast, upheld: bool) -> None:
    objection = objected(committed)
    outcome = race(
        lambda i: answer(committed, objection, upheld), organisation=committed.school, on=AFTER
    )
    assert outcome == {"won": 1, "Refused": 63}
    verb = "objection.uphold" if upheld else "objection.dismiss"
    assert Event.objects.filter(verb=verb).count() == 1


def test_without_the_lock_it_is_answered_both_ways(committed: Cast, no_locks: None) -> None:
    objection = objected(committed)
    won = unguarded(
        lambda i: answer(committed, objection, bool(i)),
        organisation=committed.school,
        threads=2,
        on=AFTER,
    )
    assert won == 2


@pytest.mark.parametrize("upheld", [True, False])
def test_answered_while_the_list_is_confirmed(committed: Cast, upheld: bool) -> None:
    objection = objected(committed)

    def act(i: int) -> object:
        if i % 2:
            return confirm(committed, objection.notice)
        return answer(committed, objection, upheld)

    outcome = race(act, organisation=committed.school, on=AFTER)
    other = Recognition.objects.exclude(case=objection.line.case)
    assert other.filter(valid_to=None).exists()
    if upheld:
        assert outcome == {"won": 2, "Refused": 62}
        assert end_of(objection) == ("upheld", "proposed", 0)
    else:
        # Dismissed before: confirmed with the rest; after: by whoever confirms next.
        assert outcome["won"] in (2, 3)
        assert end_of(objection) == ("dismissed", "confirmed", 1)


def test_without_guards_a_grade_comes_of_an_objection_upheld(
    committed: Cast, no_guards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    objection = objected(committed)
    _answered_in_between(committed, objection, monkeypatch)
    with clock.at(AFTER):
        confirm(committed, objection.notice)
    assert end_of(objection) == ("upheld", "confirmed", 1)


def test_with_the_last_guard_alone_it_does_not(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    objection = objected(committed)
    _answered_in_between(committed, objection, monkeypatch)
    with clock.at(AFTER), pytest.raises(Refused, match="有人同时在办理"):
        confirm(committed, objection.notice)
    assert end_of(objection) == ("upheld", "proposed", 0)


def _answered_in_between(cast: Cast, objection: Objection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The objection is upheld after the confirmation has read the cases."""
    monkeypatch.setattr(
        confirmations, "locked", lambda found: list(found.select_related("decide_by"))
    )
    judge = confirmations.judge

    def late(*seen: object) -> object:
        meanwhile(lambda: answer(cast, objection, True), organisation=cast.school, on=AFTER)
        return judge(*seen)  # type: ignore[arg-type]

    monkeypatch.setattr(confirmations, "judge", late)
