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
from tests.review.test_ballot_guards import refused

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
    for nothing in ("x", "", str(recusal.pk + 1)):
        assert client.post(address, {**told, "recusal": nothing}).status_code == 409
    assert client.post(address, told)["Location"] == page
    assert "刚刚已经撤回" in client.post(address, told).text
    shown = client.get(page).text
    assert f"本人说明：{SAID}" in shown
    assert "登记错了，撤回回避" not in shown
    assert sign_in(cast.b.head_teacher).post(address, told).status_code == 404
    set_scope(cast.school.pk)
    assert not BallotRecusal.objects.exists()
    event = Event.objects.get(verb="ballot.take_back_recusal")
    assert (event.reason, event.facts["recusal"]) == (SAID, "叔叔")


def aside_and_voted(cast: Cast) -> tuple[BallotRecusal, BallotSlip, str]:
    """Who was set aside has handed the slip in with the other cases."""
    recusal = aside(cast)
    ballot = recusal.slip.ballot
    secret = ballots.handed_out(cast, ballot)[ballots.PARENT]
    rest = [row.pk for row in ballots.rows(ballot) if row.pk != recusal.ballot_case_id]
    ballots.vote(secret, dict.fromkeys(rest, "hard"))
    return recusal, ballots.slip(secret), secret


def test_who_was_set_aside_does_not_set_himself_back(cast: Cast) -> None:
    recusal = aside(cast)
    ballot, row = recusal.slip.ballot, recusal.ballot_case
    with pytest.raises(Refused) as error:
        actions.vote_after_all(slip=recusal.slip, row=row, said=SAID, choice="hard")
    assert refusal(error) == ["这一件的回避是班主任登记的"]
    secret = ballots.handed_out(cast, ballot)[ballots.PARENT]
    phone = Client()
    set_scope(None)
    phone.get(reverse("ballot:enter", args=[secret]))
    page = phone.get("/v/").text
    assert "请班主任当场撤回" in page
    assert "撤回回避" not in page
    told = {"do": "back", "ballot_case": str(row.pk), "choice": "hard", "said": SAID}
    assert phone.post("/v/", told).status_code == 409
    set_scope(cast.school.pk)
    assert BallotRecusal.objects.get().pk == recusal.pk


def test_the_chair_gives_it_back_and_who_has_voted_adds_the_vote(cast: Cast, sign_in: Any) -> None:
    recusal, slip, secret = aside_and_voted(cast)
    row = recusal.ballot_case
    with pytest.raises(Refused) as error:
        actions.vote_after_all(slip=slip, row=row, said=SAID, choice="hard")
    assert refusal(error) == ["这一件的回避是班主任登记的"]
    phone = Client()
    set_scope(None)
    phone.get(reverse("ballot:enter", args=[secret]))
    assert "登记错了，不应回避" not in phone.get("/v/").text
    address = reverse("review:take_back_recusal", args=[slip.ballot_id])
    told = {"recusal": str(recusal.pk), "said": SAID}
    client = sign_in(cast.head_teacher)
    assert client.post(address, told).status_code == 302
    assert client.post(address, told).status_code == 409
    page = client.get(reverse("review:ballot", args=[slip.ballot.appraisal_id]))
    assert page.context["may_take_back"] == []
    set_scope(cast.school.pk)
    # Until the member adds the vote nothing has changed.
    assert BallotRecusal.objects.get().pk == recusal.pk
    assert Event.objects.get(verb="ballot.give_back_recusal").reason == SAID
    set_scope(None)
    assert "登记错了，不应回避" in phone.get("/v/").text
    back = {"do": "back", "ballot_case": str(row.pk), "choice": "hard", "said": "不是亲属"}
    assert phone.post("/v/", back).status_code == 302
    set_scope(cast.school.pk)
    assert set(BallotCase.objects.values_list("hard", flat=True)) == {1}
    [told_of] = ballot_reading.taken_back(slip.ballot)
    assert (told_of.name, told_of.by, told_of.said) == (ballots.PARENT,) * 2 + ("不是亲属",)


def test_the_database_lets_the_chairs_recusal_stand(cast: Cast) -> None:
    recusal, _, secret = aside_and_voted(cast)
    away = "DELETE FROM review_ballotrecusal"
    refused("before the slip votes", away)
    refused("before the slip votes", f"{away} WHERE id = %s", recusal.pk)
    for change in ("by_chair = false, reason = 'x'", "by_chair = false, id = id + 1"):
        refused("before the slip votes", f"UPDATE review_ballotrecusal SET {change}")
    actions.take_back_recusal(recusal=recusal, said=SAID, by=cast.head_teacher)
    # Given back it may go, together with the vote on its case alone.
    refused("figures of ballot", away)
    refused("before the slip votes", "UPDATE review_ballotrecusal SET by_chair = true")
    assert ballots.slip(secret).recusals.count() == 1


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
    assert refusal(error) == ["这一件的回避由本人撤回"]
    with pytest.raises(Refused) as error:
        actions.take_back_recusal(recusal=recusal, said=" ", by=cast.operator)
    assert refusal(error) == [
        "班级评议由本班班主任主持",
        "没有写本人的说明",
        "这一件的回避由本人撤回",
    ]


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
    assert "登记错了，不应回避" in page
    told = {"do": "back", "ballot_case": str(first.pk), "choice": "hard", "said": SAID}
    assert phone.post("/v/", {**told, "ballot_case": "999999"}).status_code == 404
    assert phone.post("/v/", {**told, "said": ""}).status_code == 409
    assert phone.post("/v/", told).status_code == 302
    assert "登记错了，不应回避" not in phone.get("/v/").text
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


def to_who_voted(cast: Cast) -> Callable[[int], object]:
    recusal, _, _ = aside_and_voted(cast)
    return lambda _: actions.take_back_recusal(recusal=recusal, said=SAID, by=cast.head_teacher)


@pytest.mark.race
def test_a_recusal_is_given_back_once(committed: Cast) -> None:
    act = to_who_voted(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_locks_it_is_given_back_often(committed: Cast, no_locks: None) -> None:
    act = to_who_voted(committed)
    with without("review_ballotrecusal", triggers=True):
        assert unguarded(act, organisation=committed.school) > 1
        assert Event.objects.filter(verb="ballot.give_back_recusal").count() > 1


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
