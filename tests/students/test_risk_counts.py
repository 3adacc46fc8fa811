"""Heads counted class by class, guardians of two schools, ages and tags to the day."""

from datetime import date
from typing import Any

import pytest

from audit.models import Event
from schools.models import Stage
from schools.scope import acting_for
from students.actions import (
    add_class,
    change_enrolment,
    count_heads,
    reopen_risk,
    set_age_limit,
    settle_risk,
)
from students.models import SchoolClass, SpecialGroupTag, Student, live_tag, unended_tag
from students.risk_queue import across, guardians_of_two, heads_of, risks_of
from students.rules.ages import age_on, outside, school_year_start, why_not_set, years_before
from tests.cast import Cast, next_id, school_class, student
from tests.students.test_carried_tags import tag
from tests.students.test_risks import HOW, SEPTEMBER, guardian, of, twin


def count(cast: Cast, row: SchoolClass, present: int, excused: int = 0) -> Any:
    return count_heads(
        school_class=row, on=SEPTEMBER, present=present, excused=excused, by=cast.operator
    )


# --- heads


def test_each_class_has_its_own_last_count(cast: Cast) -> None:
    other = add_class(
        school=cast.school, stage="senior", grade=1, number=2, name="高一（2）班", by=cast.operator
    )
    rows = [student(other, f"赵示{n}") for n in "甲乙"]
    away = cast.a.students[0]
    change_enrolment(student=away, kind="suspend", on=SEPTEMBER, reason="因病", by=cast.operator)
    first = count(cast, cast.a.school_class, 1, excused=1)
    assert first.rostered == 2, "who is away is not on the roster of those in school"
    assert count(cast, other, 3).rostered == 2
    assert of(cast, "heads")[0].why == "2026年9月1日清点：名册在校2人，实到3人，多1人"
    before = of(cast, "heads")[0].facts
    count(cast, cast.a.school_class, 0, excused=1)
    risks = {r.class_id: r for r in of(cast, "heads")}
    assert risks[cast.a.school_class.pk].why.endswith("名册在校2人，实到0人，请假1人，少1人")
    count(cast, other, 3)
    again = {r.class_id: r for r in of(cast, "heads")}[other.pk]
    assert again.facts != before, "another count is another fact"
    assert [(h.school_class, h.rostered) for h in heads_of(cast.school)] == [
        (cast.a.school_class, 2), (other, 2),
    ]  # fmt: skip
    SchoolClass.objects.filter(pk=other.pk).update(closed_on=SEPTEMBER)
    assert {r.class_id for r in of(cast, "heads")} == {cast.a.school_class.pk}
    told = Event.objects.filter(verb="class.count_heads").order_by("pk")
    assert told[0].facts == {"present": 1, "excused": 1, "rostered": 2}
    assert len(rows) == 2


def test_a_risk_sent_back_is_on_record(cast: Cast) -> None:
    old = student(cast.a.school_class, "年例岁", birth_date=date(2000, 1, 1))
    (risk,) = of(cast, "age")
    reopen_risk(
        answer=settle_risk(risk=risk, how=HOW, by=cast.operator), reason=" 再核 ", by=cast.reviewer
    )
    told = Event.objects.get(verb="risk.reopen")
    assert (told.about_id, told.reason, told.facts) == (old.pk, "再核", {"kind": "age"})


# --- who is named


def test_four_strangers_are_counted_and_three_are_named(cast: Cast) -> None:
    rows = [*cast.a.students, student(cast.a.school_class, "赵示甲")]
    for n, row in enumerate(rows):
        guardian(row, f"家长{n}", "13900000001")
    assert not any("等" in r.why for r in of(cast, "phone")), "three others are all named"
    last = student(cast.a.school_class, "赵示乙")
    guardian(last, "家长九", "13900000001")
    found = {r.student_id: r.why for r in of(cast, "phone")}
    assert len(found) == 5
    assert "等4人" in found[last.pk]
    assert found[last.pk].count("高一（1）班") == 3


def test_an_older_record_is_no_third_enrolment(cast: Cast) -> None:
    one = cast.a.students[0]
    other = twin(cast, one)
    student(cast.a.school_class, one.name, id_number=one.id_number.reveal(), status="left",
            left_on=SEPTEMBER)  # fmt: skip
    with acting_for(cast.district):
        (group,) = across()
    assert sorted(r.student_id or 0 for r in group) == sorted([one.pk, other.pk])


def test_guardians_of_children_in_two_schools_alone(cast: Cast) -> None:
    number, same = next_id(), next_id()
    mine, second, _ = cast.a.students
    upper = school_class(cast.school, cast.head_teacher, 7)
    for row in (mine, second, student(upper, "赵示甲")):
        guardian(row, "张样兰", "", number=same)
    guardian(mine, "张样泽", "", number=number)
    with acting_for(cast.b.school):
        guardian(cast.b.students[0], "张样泽", "", number=number)
    with acting_for(cast.district):
        (found,) = guardians_of_two()
        assert found.names == ("张样泽",)
        assert sorted(found.students) == sorted(
            [
                (cast.school.name, cast.a.school_class.name, mine.name),
                (cast.b.school.name, cast.b.school_class.name, cast.b.students[0].name),
            ]
        )
    change_enrolment(student=mine, kind="withdraw", on=SEPTEMBER, reason="退学", by=cast.operator)
    with acting_for(cast.district):
        assert guardians_of_two() == []


# --- ages


def test_a_stages_own_ages_say_nothing_of_another_stage(cast: Cast) -> None:
    from_twelve = school_class(cast.school, cast.head_teacher, 7)
    SchoolClass.objects.filter(pk=from_twelve.pk).update(stage=Stage.JUNIOR)
    from_twelve.refresh_from_db()
    student(from_twelve, "少例岁", birth_date=date(2014, 9, 1))
    set_age_limit(
        organisation=cast.school, stage=Stage.SENIOR, least=13, most=22, seen="13—20岁",
        reason="招收退役军人", by=cast.operator,
    )  # fmt: skip
    assert risks_of(cast.school) == []


@pytest.mark.parametrize(
    ("age", "word"), [(12, "低龄"), (13, ""), (20, ""), (21, "超龄")]
)  # fmt: skip
def test_the_first_and_the_last_age_are_usual(age: int, word: str) -> None:
    assert outside(Stage.SENIOR, age) == word


def test_ages_count_full_years() -> None:
    assert [age_on(date(2010, 9, 1), date(2026, m, d)) for m, d in ((8, 31), (9, 1), (10, 1))] == [
        15, 16, 16,
    ]  # fmt: skip
    assert age_on(date(2010, 8, 31), date(2026, 9, 1)) == 16
    assert age_on(date(2010, 10, 1), date(2026, 9, 30)) == 15
    assert years_before(date(2028, 2, 29), 1) == date(2027, 2, 28)
    assert years_before(date(2026, 9, 1), 3000) == date(1, 9, 1)


def test_the_school_year_begins_in_september() -> None:
    for today, year in (
        (date(2026, 8, 31), 2025),
        (date(2026, 9, 1), 2026),
        (date(2027, 1, 1), 2026),
    ):
        assert school_year_start(today) == date(year, 9, 1)


@pytest.mark.parametrize(
    ("least", "most", "reason", "said"),
    [
        (1, 60, "招收退役", []),
        (0, 60, "招收退役", ["年龄范围不对"]),
        (1, 61, "招收退役", ["年龄范围不对"]),
        (13, 13, "招收退役", ["年龄范围不对"]),
        (13, 14, " ", ["没有写明原因"]),
        (13, 14, "招收退", ["原因写得太短，只有3个字"]),
    ],
)
def test_which_ages_may_be_set(
    cast: Cast, least: int, most: int, reason: str, said: list[str]
) -> None:
    found = why_not_set(
        organisation=cast.school, stage=Stage.SENIOR, least=least, most=most, reason=reason,
        by=cast.operator,
    )  # fmt: skip
    assert [r.text for r in found] == said


# --- tags


def test_a_tag_holds_on_its_first_and_its_last_day(cast: Cast) -> None:
    tag(cast.a.students[0], "dibao", date(2026, 9, 10), date(2026, 9, 20))
    tag(cast.a.students[1], "dibao", date(2026, 9, 10), None)
    tag(cast.a.students[2], "dibao", date(2026, 9, 10), date(2026, 9, 9))

    def names(found: Any) -> int:
        return SpecialGroupTag.objects.filter(found).count()

    days = [9, 10, 20, 21]
    assert [names(live_tag(date(2026, 9, day))) for day in days] == [0, 2, 2, 1]
    # Still to come, or not over; what holds on no day never is.
    assert [names(unended_tag(date(2026, 9, day))) for day in days] == [2, 2, 2, 1]
    assert Student.objects.count() == 3
