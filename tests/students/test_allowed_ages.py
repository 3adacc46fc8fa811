"""Ages that a school allows itself: a bureau counts them until the school has said a word."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from aidadmin.risks import allowed_of, region_of, seen_of
from audit.models import Event
from audit.refusal import Refused
from schools.scope import acting_for
from students.actions import reopen_risk, settle_ages
from students.models import RiskAnswer, Student
from students.risk_queue import allowed_ages
from tests.cast import Cast, student
from tests.database import without
from tests.racing import race, unguarded
from tests.students.test_ages import WHY, put

PAGE, ACT = "risks", "risk_settle_ages"


@pytest.fixture
def grown(cast: Cast) -> list[Student]:
    """Two whom the school's own limit allows, and one whom it does not."""
    put(cast)
    return [
        student(cast.a.school_class, name, birth_date=date(year, 8, 1))
        for name, year in (("年例岁", 2005), ("岁例年", 2005), ("例年岁", 2001))
    ]


def counted(cast: Cast) -> int:
    """How many of unusual age the bureau counts at school A."""
    with acting_for(cast.district):
        (row,) = (s for s in region_of(cast.district).schools if s.school == cast.school)
        return dict(row.cells)["年龄与学段不符"]


def test_one_word_is_said_for_all_of_them(cast: Cast, grown: list[Student], sign_in: Any) -> None:
    client = sign_in(cast.operator)
    before = counted(cast)
    page = client.get(reverse(PAGE))
    assert [s.student for s in page.context["allowed"]] == grown[:2]
    assert WHY in page.context["limits"]
    told = {"mark": page.context["allowed_mark"], "how": page.context["limits"]}
    assert client.post(reverse(ACT), told).status_code == 302
    assert (before, counted(cast)) == (3, 1)
    # What waits at the school is the same; the word stands among what was looked into.
    assert [s.student for s in client.get(reverse(PAGE)).context["rows"]] == [grown[2]]
    shown = client.get(reverse(PAGE), {"state": "settled"}).content.decode()
    assert shown.count(WHY) == 2
    with acting_for(cast.school):
        event = Event.objects.get(verb="risk.settle_ages")
        assert len(event.facts["answers"]) == 2
    assert client.post(reverse(ACT), told).status_code == 409


def test_a_second_person_asks_for_one_of_them_again(cast: Cast, grown: list[Student]) -> None:
    settle_ages(school=cast.school, risks=allowed_ages(cast.school), how=WHY, by=cast.operator)
    answer = RiskAnswer.objects.get(student=grown[0])
    reopen_risk(answer=answer, reason="没有附证明", by=cast.reviewer)
    assert [s.risk.student_id for s in allowed_of(cast.school)] == [grown[0].pk]
    assert counted(cast) == 2


def test_a_page_that_showed_others_says_nothing(
    cast: Cast, grown: list[Student], sign_in: Any
) -> None:
    client = sign_in(cast.operator)
    mark = client.get(reverse(PAGE)).context["allowed_mark"]
    with acting_for(cast.school):
        student(cast.a.school_class, "后来岁", birth_date=date(2005, 8, 1))
    answer = client.post(reverse(ACT), {"mark": mark, "how": WHY})
    assert (answer.status_code, RiskAnswer.objects.count()) == (409, 0)


def test_who_may_say_it_and_how(cast: Cast, grown: list[Student], sign_in: Any) -> None:
    risks = allowed_ages(cast.school)
    for by in (cast.reviewer, cast.b.operator):
        with pytest.raises(Refused, match="由本校资助专干（经办）核实"):
            settle_ages(school=cast.school, risks=risks, how=WHY, by=by)
    with pytest.raises(Refused) as refused:
        settle_ages(school=cast.school, risks=[], how=" ", by=cast.operator)
    assert len(refused.value.reasons) == 2
    with pytest.raises(Refused, match="不在本校"):
        settle_ages(school=cast.b.school, risks=risks, how=WHY, by=cast.b.operator)
    reader = sign_in(cast.reviewer)
    assert "一并说明" not in reader.get(reverse(PAGE)).content.decode()
    assert reader.post(reverse(ACT), {"how": WHY}).status_code == 403


def test_without_limits_of_its_own_nothing_is_allowed(cast: Cast, sign_in: Any) -> None:
    odd = student(cast.a.school_class, "年例岁", birth_date=date(2005, 8, 1))
    assert allowed_ages(cast.school) == []
    assert [s.risk.student_id for s in seen_of(cast.school)] == [odd.pk]
    assert "上级仍计入" not in sign_in(cast.operator).get(reverse(PAGE)).content.decode()


def _risks(cast: Cast) -> Any:
    put(cast)
    for name in ("年例岁", "岁例年"):
        student(cast.a.school_class, name, birth_date=date(2005, 8, 1))
    return allowed_ages(cast.school)


@pytest.mark.race
def test_one_word_wins(committed: Cast) -> None:
    with acting_for(committed.school):
        risks = _risks(committed)
    outcome = race(
        lambda _: settle_ages(school=committed.school, risks=risks, how=WHY, by=committed.operator),
        organisation=committed.school,
    )
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_key_several_words_stand(committed: Cast) -> None:
    with acting_for(committed.school):
        risks = _risks(committed)
    with without("students_riskanswer", "risk_answered_once"):
        won = unguarded(
            lambda _: settle_ages(
                school=committed.school, risks=risks, how=WHY, by=committed.operator
            ),
            organisation=committed.school,
        )
        assert won > 1
        with acting_for(committed.school):
            assert RiskAnswer.objects.count() > len(risks)
            RiskAnswer.objects.all().delete()
