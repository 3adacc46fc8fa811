"""A recusal recorded by mistake in a blind vote is taken back before counting, in own words."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from review import actions, ballot_reading
from review.models import Ballot, BallotCase, BallotRecusal, BallotSlip, Tally
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded
from tests.review import ballots

SAID = "看错了编号，不是亲属"


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def aside(cast: Cast) -> BallotRecusal:
    """The head teacher took the parent for a relative of the first applicant."""
    ballot = ballots.opened(cast)
    secret = ballots.handed_out(cast, ballot)[ballots.PARENT]
    return actions.set_aside(
        slip=ballots.slip(secret),
        ballot_case=ballots.rows(ballot)[0],
        reason="叔叔",
        by=cast.head_teacher,
    )


def own_mistake(cast: Cast) -> tuple[BallotSlip, BallotCase]:
    """The parent withdrew from the first case by mistake and has handed the slip in."""
    ballot = ballots.opened(cast)
    secret = ballots.handed_out(cast, ballot)[ballots.PARENT]
    first, *rest = ballots.rows(ballot)
    ballots.vote(secret, {row.pk: "hard" for row in rest}, {first.pk: "表哥"})
    return ballots.slip(secret), first


def test_the_head_teacher_takes_it_back_with_what_the_member_says(cast: Cast, sign_in: Any) -> None:
    recusal = aside(cast)
    ballot = recusal.slip.ballot
    client = sign_in(cast.head_teacher)
    page = reverse("review:ballot", args=[ballot.appraisal_id])
    assert "登记错了，撤回回避" in client.get(page).text
    address = reverse("review:take_back_recusal", args=[ballot.pk])
    told = {"recusal": str(recusal.pk), "said": SAID}
    assert client.post(address, {**told, "said": " "}).status_code == 409
    assert client.post(address, {**told, "recusal": "x"}).status_code == 404
    assert client.post(address, told)["Location"] == page
    assert client.post(address, told).status_code == 404
    shown = client.get(page).text
    assert f"本人说明：{SAID}" in shown
    assert "登记错了，撤回回避" not in shown
    assert sign_in(cast.b.head_teacher).post(address, told).status_code == 404
    set_scope(cast.school.pk)
    assert not BallotRecusal.objects.exists()
    event = Event.objects.get(verb="ballot.take_back_recusal")
    assert (event.reason, event.facts["recusal"]) == (SAID, "叔叔")


def test_the_member_takes_back_what_the_head_teacher_recorded(cast: Cast) -> None:
    recusal = aside(cast)
    ballot, slip = recusal.slip.ballot, recusal.slip
    row = recusal.ballot_case
    actions.vote_after_all(slip=slip, row=row, said=SAID)
    secret = ballots.handed_out(cast, ballot)[ballots.PARENT]
    ballots.vote(secret, ballots.all_say(ballot, "hard"))
    [told] = ballot_reading.taken_back(ballot)
    assert (told.name, told.by, told.said) == (ballots.PARENT, ballots.PARENT, SAID)


def test_who_has_voted_adds_the_vote_on_that_case_alone(cast: Cast) -> None:
    slip, row = own_mistake(cast)
    for choice, words in (("", ["没有选择等级"]), ("recuse", ["没有选择等级"])):
        with pytest.raises(Refused) as error:
            actions.vote_after_all(slip=slip, row=row, said=SAID, choice=choice)
        assert refusal(error) == words
    actions.vote_after_all(slip=slip, row=row, said=SAID, choice="general")
    assert BallotCase.objects.get(pk=row.pk).general == 1
    assert BallotCase.objects.aggregate(n=Sum("hard"))["n"] == 2
    # What was chosen stands nowhere.
    event = Event.objects.get(verb="ballot.take_back_recusal")
    assert "general" not in str(event.facts) + event.reason
    with pytest.raises(Refused) as error:
        actions.vote_after_all(slip=slip, row=row, said=SAID, choice="general")
    assert refusal(error) == ["没有登记这一件的回避"]


def test_the_head_teacher_does_not_vote_for_who_has_voted(cast: Cast) -> None:
    slip, row = own_mistake(cast)
    recusal = BallotRecusal.objects.get(slip=slip, ballot_case=row)
    with pytest.raises(Refused) as error:
        actions.take_back_recusal(recusal=recusal, said=SAID, by=cast.head_teacher)
    assert refusal(error) == ["这张票已经投过"]
    with pytest.raises(Refused) as error:
        actions.take_back_recusal(recusal=recusal, said=" ", by=cast.operator)
    assert refusal(error) == ["班级评议由本班班主任主持", "没有写本人的说明", "这张票已经投过"]


def test_the_own_application_is_never_voted_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    recusal = aside(cast)
    own = {recusal.slip.name: recusal.ballot_case.case.student_id}
    monkeypatch.setattr(ballot_reading, "voters_of", lambda appraisal: own)
    acts: list[Callable[[], object]] = [
        lambda: actions.take_back_recusal(recusal=recusal, said=SAID, by=cast.head_teacher),
        lambda: actions.vote_after_all(slip=recusal.slip, row=recusal.ballot_case, said=SAID),
    ]
    for act in acts:
        with pytest.raises(Refused) as error:
            act()
        assert refusal(error) == ["这是本人的申请，必须回避"]


def test_after_counting_it_stands(cast: Cast) -> None:
    slip, row = own_mistake(cast)
    ballot = Ballot.objects.get()
    for name, secret in ballots.handed_out(cast, ballot).items():
        assert name != ballots.PARENT
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    with pytest.raises(Refused) as error:
        actions.vote_after_all(slip=slip, row=row, said=SAID, choice="hard")
    assert refusal(error) == ["已经收票，投票结束了"]
    assert Tally.objects.get(case=row.case).recusals.count() == 1


def test_the_phone_offers_it_to_the_member_alone(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secret = ballots.handed_out(cast, ballot)[ballots.PARENT]
    first, *rest = ballots.rows(ballot)
    ballots.vote(secret, {row.pk: "hard" for row in rest}, {first.pk: "表哥"})
    phone = Client()
    set_scope(None)
    phone.get(reverse("ballot:enter", args=[secret]))
    page = phone.get("/v/").text
    assert "选错了，不应回避" in page
    told = {"do": "back", "ballot_case": str(first.pk), "choice": "hard", "said": SAID}
    assert phone.post("/v/", {**told, "ballot_case": "999999"}).status_code == 404
    assert phone.post("/v/", {**told, "said": ""}).status_code == 409
    assert phone.post("/v/", told).status_code == 302
    assert "选错了，不应回避" not in phone.get("/v/").text
    assert phone.post("/v/", told).status_code == 409
    set_scope(cast.school.pk)
    assert set(BallotCase.objects.values_list("hard", flat=True)) == {1}


# ------------------------------------------------------------------------------------- races


def by_teacher(cast: Cast) -> Callable[[int], object]:
    recusal = aside(cast)
    return lambda _: actions.take_back_recusal(recusal=recusal, said=SAID, by=cast.head_teacher)


@pytest.mark.race
def test_a_recusal_is_taken_back_once(committed: Cast) -> None:
    act = by_teacher(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_locks_it_is_taken_back_often(committed: Cast, no_locks: None) -> None:
    act = by_teacher(committed)
    with without("review_ballotrecusal", triggers=True):
        assert unguarded(act, organisation=committed.school) > 1
        assert Event.objects.filter(verb="ballot.take_back_recusal").count() > 1


def by_member(cast: Cast) -> Callable[[int], object]:
    slip, row = own_mistake(cast)
    return lambda _: actions.vote_after_all(slip=slip, row=row, said=SAID, choice="hard")


@pytest.mark.race
def test_the_added_vote_counts_once(committed: Cast) -> None:
    act = by_member(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
    assert set(BallotCase.objects.values_list("hard", flat=True)) == {1}


@pytest.mark.race
def test_without_locks_and_guards_it_counts_often(committed: Cast, no_locks: None) -> None:
    act = by_member(committed)
    with (
        without("review_ballotcase", triggers=True),
        without("review_ballotrecusal", triggers=True),
    ):
        assert unguarded(act, organisation=committed.school) > 1
        assert max(BallotCase.objects.values_list("hard", flat=True)) > 1
