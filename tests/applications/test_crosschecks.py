"""A household held against its members, the lists, its siblings and last year."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from applications import actions, queue
from applications.models import HouseholdMember, HouseholdSurvey, Round
from applications.rules.crosschecks import Named, Sibling, crosschecks
from applications.rules.surveys import MemberFacts, SurveyFacts
from schools import clock
from schools.tenancy import set_scope
from tests.applications import family, scenes
from tests.cast import Cast, school_class, student

FACTS = SurveyFacts(
    members=(
        MemberFacts("张样泽", "父亲", 43, annual_income_fen=3_200_000),
        MemberFacts("刘样可", "母亲", 41, annual_income_fen=800_000),
    )
)
NAMES = {"dibao": "低保家庭学生", "orphan": "孤儿"}


def doubts(**known: Any) -> list[str]:
    nothing: dict[str, Any] = {
        "claims": (),
        "listed": (),
        "names": NAMES,
        "siblings": (),
        "before": None,
    }
    return [r.text for r in crosschecks(known.pop("facts", FACTS), **{**nothing, **known})]


def test_what_fits_raises_no_doubt() -> None:
    assert doubts(claims=["dibao"], listed=["dibao"], before=FACTS) == []


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"claims": ["orphan"]}, "自报孤儿，部门名单里没有"),
        ({"listed": ["dibao"]}, "部门名单里是低保家庭学生，家里没有填"),
        ({"facts": replace(FACTS, family_size=6)}, "家庭人口填6人，成员加本人是3人"),
        (
            {"siblings": [Sibling("高一（2）班张样妹", 3, 4_000_000)]},
            "与高一（2）班张样妹是同一家庭",
        ),
        (
            {"siblings": [Sibling("张样妹", 4, 4_000_000)]},
            "与张样妹是同一家庭，家庭人口一份填3人，一份填4人",
        ),
        (
            {"siblings": [Sibling("张样妹", 3, 2_000_000)]},
            "与张样妹是同一家庭，年收入一份填40,000元，一份填20,000元",
        ),
        (
            {"before": replace(FACTS, annual_income_fen=12_000_000)},
            "家庭年收入去年120,000元，今年40,000元",
        ),
        ({"before": replace(FACTS, family_size=5)}, "家庭人口去年5人，今年3人"),
        ({"before": replace(FACTS, single_parent=True)}, "去年填单亲家庭，今年没有填"),
    ],
)
def test_each_doubt_is_told_alone(known: dict[str, Any], told: str) -> None:
    assert doubts(**known) == [told]


@pytest.mark.parametrize(
    ("name", "relation", "told"),
    [
        ("张样泽", "father", None),
        ("张样 泽", "father", None),
        ("周样林", "guardian", None),
        ("张样妹", "student", None),
        # Who does not live there is no member; nobody else stands in that place.
        ("周样林", "father", "填写人周样林填的是父亲，家庭成员里的父亲却是张样泽"),
        ("张样泽", "mother", "填写人张样泽填的是母亲，家庭成员里是父亲"),
        ("张样泽", "guardian", "填写人张样泽填的是其他监护人，家庭成员里是父亲"),
        ("张样泽", "student", "填写人张样泽填的是学生本人，姓名却不是张样妹"),
    ],
)
def test_the_fillers_relation_is_held_against_the_members(
    name: str, relation: str, told: str | None
) -> None:
    found = doubts(signed=[Named("填写人", name, relation)], student="张样妹")
    assert found == ([told] if told else [])


def test_a_parent_away_and_a_parent_entered_as_guardian_are_no_doubt() -> None:
    alone = replace(FACTS, members=(MemberFacts("刘样可", "监护人", 41, annual_income_fen=1),))
    signed = [Named("填写人", "张样泽", "father"), Named("承诺人", "刘样可", "mother")]
    assert doubts(facts=alone, signed=signed, student="张样妹") == []


def test_the_fillers_relation_is_told_to_family_and_teacher(
    cast: Cast, round_: Round, sign_in: Any
) -> None:
    row = family.handed_over(round_, cast.a.students[0], cast.head_teacher)
    told = "张样泽填的是父亲，家庭成员里是祖父"
    HouseholdMember.objects.filter(survey__application=row, name="张样泽").update(relation="祖父")
    survey = HouseholdSurvey.objects.get(application=row)
    texts = [r.text for r in queue.doubts_of(survey, cast.head_teacher, clock.today())]
    assert [t for t in texts if told in t] == [f"填写人{told}"]
    actions.send_back(application=row, reason="改关系", by=cast.head_teacher)
    phone = Client()
    phone.cookies["family"] = family.token(round_, cast.a.students[0], cast.head_teacher)
    assert told in phone.get("/f/form/check/").text
    set_scope(cast.school.pk)
    row.filings.update(relation="guardian")
    assert told not in phone.get("/f/form/check/").text


def test_ordinary_ups_and_downs_are_no_doubt() -> None:
    assert doubts(before=replace(FACTS, annual_income_fen=3_000_000)) == []
    assert doubts(before=replace(FACTS, family_size=4)) == []


def test_siblings_are_found_by_their_household_not_by_a_namesake(cast: Cast, round_: Round) -> None:
    sister_class = school_class(cast.school, cast.a.operator, 2)
    sister = student(sister_class, "张样妹")
    own = scenes.entered(round_, cast.a.students[0], cast.operator)
    scenes.entered(round_, sister, cast.operator, replace(scenes.FAMILY, annual_income_fen=0))
    namesake = replace(
        scenes.FAMILY, members=(MemberFacts("张样泽", "祖父", 70), MemberFacts("赵样", "母亲", 40))
    )
    scenes.entered(round_, cast.a.students[1], cast.operator, namesake)
    survey = HouseholdSurvey.objects.get(application=own)
    assert [s.who for s in queue.siblings_of(survey, cast.operator)] == ["高一（2）班张样妹"]
    # A head teacher of another class is told that there is one, not who.
    assert [s.who for s in queue.siblings_of(survey, cast.head_teacher)] == ["其他班一名学生"]
    texts = [str(r) for r in queue.doubts_of(survey, cast.operator, clock.today())]
    assert any("年收入一份填40,000元，一份填0元" in text for text in texts)


def test_doubts_stand_beside_the_form_not_on_the_open_page(
    cast: Cast, round_: Round, sign_in: Any
) -> None:
    survey = replace(scenes.FAMILY, family_size=6)
    row = scenes.entered(round_, cast.a.students[0], cast.operator, survey)
    client = sign_in(cast.operator)
    open_page = client.get(f"/applications/entries/{row.pk}/").content.decode()
    assert "不同住的离异一方" not in open_page
    read = client.post(f"/applications/entries/{row.pk}/survey/", {"reason": "核实"})
    assert "不同住的离异一方" in read.content.decode()
