"""回避 of one case in a meeting: the others vote on it, and the minutes and database say so."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from review import actions
from review.minutes import minutes
from review.models import (
    Case,
    CaseRecusal,
    CaseVote,
    Meeting,
)
from review.rules import Votes
from schools.tenancy import set_scope
from students.models import Guardian
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded
from tests.review import cases

WHY = "申请学生的叔父"


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


# --------------------------------------------------------------------------- meeting


def meeting_of(cast: Cast) -> tuple[Meeting, Case]:
    meeting = cases.convened(cases.proposed(cast), cast.a)
    return meeting, Case.objects.order_by("pk")[0]


def recuse(cast: Cast, meeting: Meeting, case: Case, **more: Any) -> CaseRecusal:
    told = {"person": cast.a.committee.person, "reason": WHY, **more}
    return actions.recuse(meeting=meeting, case=case, by=cast.operator, **told)


def decide(cast: Cast, meeting: Meeting, **more: Any) -> Meeting:
    told = {"votes_for": 4, "votes_against": 0, "votes_abstain": 0, "resolution": "", **more}
    return actions.decide(meeting=meeting, by=cast.operator, **told)


def test_the_others_vote_on_that_case_alone(cast: Cast) -> None:
    meeting, case = meeting_of(cast)
    recuse(cast, meeting, case)
    with pytest.raises(Refused) as error:
        decide(cast, meeting)
    assert refusal(error) == [f"编号{case.code}有成员回避，没有单独表决"]
    with pytest.raises(Refused) as error:
        decide(cast, meeting, apart={case.pk: Votes(4, 0, 0)})
    assert refusal(error) == [f"编号{case.code}的同意、反对、弃权共4票，应为3票"]
    with pytest.raises(Refused) as error:
        decide(cast, meeting, apart={case.pk: Votes(1, 1, 1)})
    assert refusal(error) == [f"编号{case.code}同意1票，没有过半"]
    # All four vote on the rest, three on this one.
    meeting = decide(cast, meeting, apart={case.pk: Votes(2, 0, 1)})
    assert (meeting.status, meeting.votes_for) == ("decided", 4)
    vote = CaseVote.objects.get()
    assert (vote.case, vote.votes_for, vote.votes_abstain) == (case, 2, 1)
    assert Event.objects.get(verb="meeting.decide").facts["apart"] == [[case.pk, 2, 0, 1]]


def test_a_case_without_recusals_is_not_voted_on_apart(cast: Cast) -> None:
    meeting, case = meeting_of(cast)
    with pytest.raises(Refused) as error:
        decide(cast, meeting, apart={case.pk: Votes(4, 0, 0)})
    assert refusal(error) == ["有1件没有成员回避，不单独表决"]


def test_the_minutes_say_who_withdrew_and_how_the_others_voted(cast: Cast) -> None:
    meeting, case = meeting_of(cast)
    recuse(cast, meeting, case)
    meeting = decide(cast, meeting, apart={case.pk: Votes(3, 0, 0)})
    text = minutes(
        meeting,
        list(meeting.attendances.select_related("person")),
        list(Case.objects.select_related("application").order_by("pk")),
        list(meeting.recusals.select_related("person")),
        list(meeting.case_votes.all()),
    )
    name = cast.a.committee.person.name
    assert text[3] == (
        f"三、逐件回避、单独表决1件。编号{case.code}：{name}（{WHY}）回避，参加表决3人，"
        "同意3票，反对0票，弃权0票，通过。"
    )


def test_who_withdraws_is_there_says_why_and_once(cast: Cast) -> None:
    meeting, case = meeting_of(cast)
    with pytest.raises(Refused) as error:
        recuse(cast, meeting, case, person=cast.reviewer.person, reason=" ")
    assert refusal(error) == ["回避的人没有到会", "回避没有写原因"]
    recuse(cast, meeting, case)
    with pytest.raises(Refused) as error:
        recuse(cast, meeting, case)
    assert refusal(error) == ["这一件的回避已经登记"]
    decide(cast, meeting, apart={case.pk: Votes(3, 0, 0)})
    with pytest.raises(Refused) as error:
        recuse(cast, meeting, case, person=cast.a.finance.person)
    assert "会议已审定，回避不能再改" in refusal(error)


def test_a_recusal_recorded_by_mistake_is_taken_back(cast: Cast) -> None:
    meeting, case = meeting_of(cast)
    one = recuse(cast, meeting, case)
    actions.withdraw_recusal(recusal=one, by=cast.operator)
    assert decide(cast, meeting).status == "decided"
    with pytest.raises(Refused) as error:
        actions.withdraw_recusal(recusal=one, by=cast.operator)
    assert refusal(error) == ["会议已审定，回避不能再改"]


def test_what_was_returned_is_voted_on_anew(cast: Cast) -> None:
    meeting, case = meeting_of(cast)
    recuse(cast, meeting, case)
    decide(cast, meeting, apart={case.pk: Votes(3, 0, 0)})
    meeting = actions.return_meeting(meeting=meeting, reason="票数抄错", by=cast.reviewer)
    assert CaseVote.objects.count() == 0
    told = minutes(meeting, list(meeting.attendances.select_related("person")), [])
    assert not any(text.startswith("决议") for text in told)
    decide(cast, meeting, apart={case.pk: Votes(2, 1, 0)})
    assert CaseVote.objects.get().votes_against == 1


def test_a_guardian_who_forgot_to_withdraw_is_found_by_the_number(cast: Cast) -> None:
    meeting, case = meeting_of(cast)
    father = Guardian(school=cast.school, student=case.student, name="委员甲", relation="父亲")
    father.id_number = cast.a.committee.person.id_number.reveal()
    father.save()
    name = cast.a.committee.person.name
    with pytest.raises(Refused) as error:
        decide(cast, meeting)
    assert refusal(error) == [f"{name}是编号{case.code}申请人的监护人，没有回避"]
    recuse(cast, meeting, case)
    assert decide(cast, meeting, apart={case.pk: Votes(3, 0, 0)}).status == "decided"


def test_the_database_gives_who_withdrew_no_vote(cast: Cast) -> None:
    meeting, case = meeting_of(cast)
    one = recuse(cast, meeting, case)
    with pytest.raises(IntegrityError, match="not voted on without"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(
            status="decided",
            meeting=meeting,
            decide_by=cast.operator.person,
            decide_at=meeting.held_at,
            decided_grade=case.advised_grade,
        )
    with pytest.raises(IntegrityError, match="has not 3 votes"), transaction.atomic():
        CaseVote.objects.create(
            school=cast.school,
            meeting=meeting,
            case=case,
            votes_for=4,
            votes_against=0,
            votes_abstain=0,
        )
    decide(cast, meeting, apart={case.pk: Votes(3, 0, 0)})
    with pytest.raises(IntegrityError, match="has been voted on"), transaction.atomic():
        CaseRecusal.objects.filter(pk=one.pk).delete()
    with pytest.raises(IntegrityError, match="has been voted on"), transaction.atomic():
        CaseRecusal.objects.create(
            school=cast.school,
            meeting=meeting,
            case=case,
            person=cast.a.finance.person,
            reason=WHY,
            recorded_by=cast.operator.person,
            recorded_at=meeting.held_at,
        )


def test_it_is_recorded_and_voted_by_the_meetings_page(cast: Cast, sign_in: Any) -> None:
    meeting, case = meeting_of(cast)
    code = case.code
    client = sign_in(cast.operator)
    page = reverse("review:meeting", args=[meeting.pk])
    add = reverse("review:recuse", args=[meeting.pk])
    assert client.post(add, {"case": case.pk}).status_code == 422
    told = {"case": case.pk, "person": cast.a.committee.person_id, "reason": WHY}
    assert client.post(add, told).status_code == 302
    assert client.post(add, told).status_code == 409
    text = client.get(page).text
    assert f"编号{code}单独表决" in text
    votes = {"votes_for": 4, "votes_against": 0, "votes_abstain": 0}
    three = {
        f"apart_for_{case.pk}": 3,
        f"apart_against_{case.pk}": 0,
        f"apart_abstain_{case.pk}": 0,
    }
    decide_url = reverse("review:decide", args=[meeting.pk])
    assert client.post(decide_url, votes).status_code == 422
    assert client.post(decide_url, votes | three).status_code == 302
    assert "逐件回避、单独表决" in client.get(page).text
    set_scope(cast.school.pk)
    one = CaseRecusal.objects.get()
    gone = sign_in(cast.b.operator).post(reverse("review:withdraw_recusal", args=[one.pk]))
    assert gone.status_code == 404


# ---------------------------------------------------------------------------- races


def recusing(cast: Cast) -> Callable[[int], object]:
    meeting, case = meeting_of(cast)
    return lambda _: recuse(cast, meeting, case)


@pytest.mark.race
def test_a_recusal_is_recorded_once(committed: Cast) -> None:
    count = race(recusing(committed), organisation=committed.school)
    assert count == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_lock_and_constraint_it_is_recorded_often(committed: Cast, no_locks: None) -> None:
    with without("review_caserecusal", "caserecusal_once"):
        assert unguarded(recusing(committed), organisation=committed.school) > 1


def taking_back(cast: Cast) -> Callable[[int], object]:
    meeting, case = meeting_of(cast)
    one = recuse(cast, meeting, case)
    return lambda _: actions.withdraw_recusal(recusal=one, by=cast.operator)


@pytest.mark.race
def test_a_recusal_is_taken_back_once(committed: Cast) -> None:
    count = race(taking_back(committed), organisation=committed.school)
    assert count == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_it_is_taken_back_often(committed: Cast, no_locks: None) -> None:
    assert unguarded(taking_back(committed), organisation=committed.school) > 1


def deciding_and_withdrawing(cast: Cast) -> tuple[Case, Callable[[int], object]]:
    """One decides without the recusal that another is just recording."""
    meeting, case = meeting_of(cast)

    def act(i: int) -> object:
        return decide(cast, meeting) if i % 2 else recuse(cast, meeting, case)

    return case, act


@pytest.mark.race
def test_nobody_withdraws_while_the_case_is_decided(committed: Cast) -> None:
    case, act = deciding_and_withdrawing(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
    case.refresh_from_db()
    assert (case.status == "decided") is not CaseRecusal.objects.exists()


@pytest.mark.race
def test_without_the_guards_somebody_does(committed: Cast, no_guards: None) -> None:
    case, act = deciding_and_withdrawing(committed)
    with without("review_case", triggers=True), without("review_caserecusal", triggers=True):
        assert unguarded(act, organisation=committed.school, threads=2) == 2
        case.refresh_from_db()
        assert case.status == "decided"
        assert CaseRecusal.objects.exists()
