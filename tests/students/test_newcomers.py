"""新生建档: who came lately, what is missing, until when."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from schools import clock
from students.actions import change_enrolment
from students.models import EnrolmentChange, Student
from students.navigation import todos
from students.newcomers import CAME, LATELY, incomplete, newcomers_of
from tests.cast import Cast, student
from tests.students.crowds import crowd
from tests.students.test_finding import rows_read
from tests.students.test_risks import guardian

TODAY = date(2026, 9, 1)
URL = "/students/roster/newcomers/"


def found(cast: Cast) -> dict[int, tuple[str, ...]]:
    rows = incomplete(Student.objects.for_school(cast.school), clock.today())
    return {one.student.pk: one.lacks for one in newcomers_of(rows)}


def complete(row: Student) -> None:
    row.household, row.ethnicity = "rural", "汉"
    row.save()
    guardian(row, "甲示例", "13900000001")


def test_what_a_file_lacks(cast: Cast) -> None:
    one, two, three = cast.a.students
    complete(one)
    guardian(two, "乙示例", "")
    three.enrolment_no = None
    three.save()
    assert one.pk not in found(cast)
    assert found(cast)[two.pk] == ("民族", "户口性质", "联系电话")
    assert found(cast)[three.pk] == ("学籍号", "民族", "户口性质", "监护人", "联系电话")


def test_who_came_long_ago_or_left_is_no_newcomer(cast: Cast) -> None:
    one, two, three = cast.a.students
    Student.objects.filter(pk=one.pk).update(entered_on=TODAY - timedelta(days=121))
    Student.objects.filter(pk=two.pk).update(entered_on=None)
    change_enrolment(student=three, kind="withdraw", on=TODAY, reason="退学", by=cast.operator)
    assert found(cast) == {}


def test_who_came_from_another_school_is_here_since_he_came(cast: Cast) -> None:
    one = cast.a.students[0]
    Student.objects.filter(pk=one.pk).update(entered_on=date(2025, 9, 1))
    assert one.pk not in found(cast)
    EnrolmentChange.objects.create(
        school=cast.school,
        student=one,
        kind="transfer_in",
        on=date(2026, 8, 31),
        recorded_by=cast.operator.person,
        recorded_at=clock.now(),
    )
    rows = incomplete(Student.objects.for_school(cast.school).filter(pk=one.pk), TODAY)
    (newcomer,) = newcomers_of(rows)
    assert newcomer.since == date(2026, 8, 31)


def test_the_officer_owes_them_within_twenty_working_days(cast: Cast) -> None:
    (owed,) = (t for t in todos(cast.operator) if "新生" in t.title)
    assert (owed.due_on, owed.count, owed.url) == (date(2026, 9, 29), 3, URL)
    for row in cast.a.students:
        complete(row)
    assert not any("新生" in t.title for t in todos(cast.operator))


def test_the_page_names_them_and_what_is_missing(cast: Cast, sign_in: Any) -> None:
    text = sign_in(cast.operator).get(URL).content.decode()
    assert cast.a.students[0].name in text
    assert "民族、户口性质、监护人" in text
    for row in cast.a.students:
        complete(row)
    assert "新生的档案都齐了" in sign_in(cast.head_teacher).get(URL).content.decode()


def test_another_schools_teacher_sees_his_own(cast: Cast, sign_in: Any) -> None:
    page = sign_in(cast.b.head_teacher).get(URL)
    assert {r["its"].student.school_id for r in page.context["rows"]} == {cast.b.school.pk}


@pytest.mark.parametrize("by", ["operator", "head_teacher"])
def test_rows_cost_the_same(cast: Cast, sign_in: Any, by: str) -> None:
    client = sign_in(getattr(cast, by))

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(URL)
        return len(seen)

    client.get(URL)
    few = cost()
    for n in range(30):
        student(cast.a.school_class, f"例{n}")
    assert cost() == few


def test_nobody_looks_at_those_who_have_long_been_here(cast: Cast) -> None:
    crowd(cast.school, 20_000)
    mine = Student.objects.for_school(cast.school)
    new = [row.pk for row in cast.a.students]
    mine.exclude(pk__in=new).update(entered_on=date(2024, 9, 1))
    rows = incomplete(mine, TODAY)
    assert {row.pk for row in rows} == set(new)
    assert rows_read(rows) < 100
    # The control: one condition for both ways to come walks through the whole school.
    came = EnrolmentChange.objects.filter(kind__in=CAME).values("student_id")
    either = Q(entered_on__gt=TODAY - LATELY) | Q(pk__in=came)
    assert rows_read(mine.filter(either)) > 10_000
