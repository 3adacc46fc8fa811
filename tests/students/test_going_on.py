"""九年一贯制, 完全中学: who graduates from one stage goes on in the next, in the same school."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from schools import clock
from students.actions import add_class, apply_roster, change_enrolment, roll_over, stage_roster
from students.models import EnrolmentChange, RosterImport, SchoolClass, Student
from tests.cast import Cast, student
from tests.students.rosters import name, number, row, workbook

LOCKED = ' FOR NO KEY UPDATE OF "students_student"'
AUGUST, SEPTEMBER = date(2026, 8, 20), date(2026, 9, 3)


@pytest.fixture
def ninth(cast: Cast) -> list[Student]:
    """Two children of the school's ninth class, who graduate in August."""
    with clock.at(clock.office_opens(AUGUST)):
        last = add_class(
            school=cast.school, stage="junior", grade=3, number=1, name="九年级（1）班",
            by=cast.operator,
        )  # fmt: skip
        made = [student(last, name(n), id_number=number(n)) for n in range(2)]
        Student.objects.filter(school_class=last).update(entered_on=date(2023, 9, 1))
        roll_over(school=cast.school, year=2026, left_on=AUGUST, names={}, by=cast.operator)
    return made


def _september(cast: Cast, **changed: str) -> RosterImport:
    told = [row(n, 入学年月="", **changed) for n in range(2)]
    return stage_roster(
        school=cast.school, content=workbook(told), filename="名册.xlsx", by=cast.operator
    )


def test_they_go_on_as_the_same_students(cast: Cast, ninth: list[Student]) -> None:
    assert {Student.objects.get(pk=one.pk).status for one in ninth} == {"left"}
    with clock.at(clock.office_opens(SEPTEMBER)):
        staged = _september(cast)
        assert staged.errors == []
        said = [w["reason"] for w in staged.warnings if "上一学段" in w["reason"]]
        assert len(said) == 2
        apply_roster(staged=staged, by=cast.operator)
        again = _september(cast)
    for one in ninth:
        found = Student.objects.get(pk=one.pk)
        assert (found.status, found.left_on) == ("enrolled", None)
        assert (found.school_class.stage, found.school_class.grade) == ("senior", 1)
        last = EnrolmentChange.objects.filter(student=one).latest("pk")
        assert (last.kind, last.on, last.to_class) == ("enter", SEPTEMBER, found.school_class)
        assert last.from_class is not None
        assert last.from_class.name == "九年级（1）班"
        assert Event.objects.filter(verb="student.return_to_school", about_id=one.pk).count() == 1
    assert Student.objects.filter(name__in=[name(0), name(1)]).count() == 2
    assert again.counts["unchanged"] == 2


def test_they_enter_the_next_stage_after_they_graduated(cast: Cast, ninth: list[Student]) -> None:
    with clock.at(clock.office_opens(SEPTEMBER)):
        told = [row(n, 入学年月="2026-09-01") for n in range(2)]
        staged = stage_roster(
            school=cast.school, content=workbook(told), filename="名册.xlsx", by=cast.operator
        )
        assert staged.errors == []
        apply_roster(staged=staged, by=cast.operator)
    assert Student.objects.get(pk=ninth[0].pk).entered_on == date(2026, 9, 1)


def test_who_left_otherwise_is_still_asked_about(cast: Cast, ninth: list[Student]) -> None:
    gone = Student.objects.get(pk=ninth[0].pk)
    with clock.at(clock.office_opens(SEPTEMBER)):
        change_enrolment(
            student=gone, kind="enter", on=SEPTEMBER, reason="复读", by=cast.operator,
            to_class=cast.a.school_class,
        )  # fmt: skip
        change_enrolment(
            student=gone, kind="withdraw", on=SEPTEMBER, reason="随父母外出", by=cast.operator
        )
        staged = _september(cast)
    (error,) = staged.errors
    assert "离校" in error["reason"]


def test_who_left_the_earlier_stage_without_graduating_is_asked_about(
    cast: Cast, ninth: list[Student]
) -> None:
    with clock.at(clock.office_opens(SEPTEMBER)):
        # Graduated, taken back into the class by mistake, and then really gone.
        again = add_class(
            school=cast.school, stage="junior", grade=3, number=2, name="九年级（2）班",
            by=cast.operator,
        )  # fmt: skip
        of: dict[str, Any] = {"student": Student.objects.get(pk=ninth[0].pk), "by": cast.operator}
        change_enrolment(**of, kind="enter", on=SEPTEMBER, reason="复读", to_class=again)
        change_enrolment(**of, kind="withdraw", on=SEPTEMBER, reason="随父母外出")
        staged = _september(cast)
    (error,) = staged.errors
    assert "离校" in error["reason"]


def test_who_has_yet_to_graduate_does_not_go_on(cast: Cast, ninth: list[Student]) -> None:
    with clock.at(clock.office_opens(date(2026, 8, 19))):
        staged = _september(cast)
    assert ["离校" in e["reason"] for e in staged.errors] == [True, True]


def test_nobody_goes_on_into_the_stage_that_was_ended(cast: Cast, ninth: list[Student]) -> None:
    with clock.at(clock.office_opens(SEPTEMBER)):
        staged = _september(cast, 年级="九年级")
    assert ["离校" in e["reason"] for e in staged.errors] == [True, True]
    assert not SchoolClass.objects.filter(stage="junior", closed_on=None)


def test_who_left_is_locked_in_the_order_of_all_who_lock_many(
    cast: Cast, ninth: list[Student]
) -> None:
    """The lowest first, as 更正毕业日期 and 收回升班 do: else the two wait for each other."""
    with clock.at(clock.office_opens(SEPTEMBER)):
        staged = _september(cast)
        with CaptureQueriesContext(connection) as ran:
            apply_roster(staged=staged, by=cast.operator)
    told = [q["sql"] for q in ran.captured_queries]
    of_many = [
        sql for sql in told if LOCKED in sql and ' WHERE "students_student"."id" =' not in sql
    ]
    orders = [re.search(r" ORDER BY (.*?) FOR ", sql) for sql in of_many]
    assert [order and order[1] for order in orders] == ['"students_student"."id" ASC'] * 2


def test_of_two_records_of_one_who_left_the_latest_is_his(cast: Cast, ninth: list[Student]) -> None:
    """An older one, which tells of a withdrawal, does not keep who graduated from going on."""
    Student.objects.filter(pk=ninth[1].pk).update(
        id_blind=Student.objects.get(pk=ninth[0].pk).id_blind
    )
    EnrolmentChange.objects.filter(student=ninth[0]).delete()
    with clock.at(clock.office_opens(SEPTEMBER)):
        staged = stage_roster(
            school=cast.school, content=workbook([row(0, 入学年月="")]), filename="名册.xlsx",
            by=cast.operator,
        )  # fmt: skip
    assert staged.errors == []
    assert len([w for w in staged.warnings if "上一学段" in w["reason"]]) == 1
