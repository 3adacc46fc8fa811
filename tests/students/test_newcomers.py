"""新生建档: who came lately, what is missing, until when."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from schools import clock
from students.actions import apply_roster, change_enrolment, stage_roster
from students.models import EnrolmentChange, RosterImport, Student
from students.navigation import todos
from students.newcomers import CAME, LATELY, incomplete, newcomers_of
from students.rules.enrolment import absences_of
from tests.cast import Cast, student
from tests.students.crowds import crowd
from tests.students.rosters import name, number, workbook
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


HEADERS = ("姓名", "身份证号", "班级")


def import_file(cast: Cast, *rows: list[Any], headers: tuple[str, ...] = HEADERS) -> RosterImport:
    staged = stage_roster(
        school=cast.school, content=workbook(rows, headers), filename="名册.xlsx", by=cast.operator
    )
    return apply_roster(staged=staged, by=cast.operator)


def bare(n: int, room: str = "高一（1）班") -> list[Any]:
    return [name(n), number(n), room]


def of(cast: Cast, n: int) -> dict[date, tuple[str, ...]]:
    rows = incomplete(Student.objects.for_school(cast.school), clock.today())
    return {one.since: one.lacks for one in newcomers_of(rows) if one.student.name == name(n)}


def test_whose_entry_no_file_tells_is_new_since_the_import(cast: Cast) -> None:
    came = date(2026, 10, 14)
    with clock.at(clock.office_opens(came)):
        done = import_file(cast, bare(0), bare(1, "高一（2）班"))
    (hint,) = [w["reason"] for w in done.warnings if w["column"] == "入学年月"]
    assert "新增的2名学生没有填入学年月" in hint
    assert "从写入名册那天算起" in hint
    with clock.at(clock.office_opens(date(2026, 10, 20))):
        for n in (0, 1):
            assert of(cast, n) == {came: ("学籍号", "民族", "户口性质", "监护人", "联系电话")}
    row = Student.objects.get(name=name(0))
    # What is paid by the month goes by what somebody said, and nobody said it.
    assert row.entered_on is None
    assert absences_of([], row.entered_on) == ()
    with clock.at(clock.office_opens(came + LATELY)):
        assert of(cast, 0) == {}


def test_who_is_said_to_have_entered_long_ago_is_no_newcomer(cast: Cast) -> None:
    headers = (*HEADERS, "入学年月")
    import_file(cast, bare(0))
    assert list(of(cast, 0)) == [TODAY]
    import_file(cast, [*bare(0), "202409"], headers=headers)
    assert of(cast, 0) == {}
    done = import_file(cast, [*bare(1), "202409"], headers=headers)
    assert of(cast, 1) == {}
    assert not [w for w in done.warnings if w["column"] == "入学年月"]


def test_a_roster_that_is_set_up_brings_no_newcomers(cast: Cast) -> None:
    Student.objects.filter(school=cast.school).delete()
    first = import_file(cast, bare(0))
    (hint,) = [w["reason"] for w in first.warnings if w["column"] == "入学年月"]
    assert "写入名册那天" not in hint
    # The grades above come with files of their own.
    import_file(cast, bare(1, "高二（1）班"), bare(2, "高三（1）班"))
    assert [of(cast, n) for n in range(3)] == [{}, {}, {}]
    # Whoever then joins a class is new there.
    import_file(cast, bare(3, "高二（1）班"))
    assert list(of(cast, 3)) == [TODAY]


def test_how_new_students_board_is_said_once(cast: Cast) -> None:
    done = import_file(cast, bare(0), bare(1))
    (said,) = [w["reason"] for w in done.warnings if w["column"] == "就读方式"]
    assert "新增的2名学生没有填就读方式，会按走读登记" in said
    assert Student.objects.get(name=name(0)).boarding == "day"
    # Who is known stays what he is, and nothing is said.
    Student.objects.filter(name=name(0)).update(boarding="boarder")
    again = import_file(cast, bare(0, "高一（2）班"))
    assert not [w for w in again.warnings if w["column"] == "就读方式"]
    assert Student.objects.get(name=name(0)).boarding == "boarder"


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
    # Nor at those of whom nobody knows when they came.
    mine.exclude(pk__in=new).update(entered_on=None)
    mine.filter(pk=new[0]).update(entered_on=None, listed_on=TODAY)
    assert {row.pk for row in rows.all()} == set(new)
    assert rows_read(rows) < 100
    # The control: one condition for both ways to come walks through the whole school.
    came = EnrolmentChange.objects.filter(kind__in=CAME).values("student_id")
    either = Q(entered_on__gt=TODAY - LATELY) | Q(pk__in=came)
    assert rows_read(mine.filter(either)) > 10_000


def test_after_a_first_import_nobody_is_compared_with_everybody(cast: Cast) -> None:
    """Nothing is known yet of how many rows there are: the least that a plan may rely on."""
    crowd(cast.school, 2_000)
    rows = incomplete(Student.objects.for_school(cast.school), TODAY)
    assert rows.count() > 1_500
    assert "Removed by Join Filter" not in rows.explain(analyze=True)
    # The control: a join with who came lately compares each with each.
    mine = Student.objects.for_school(cast.school)
    lately = mine.order_by().filter(entered_on__gt=TODAY - LATELY).values("pk")
    came = EnrolmentChange.objects.filter(kind__in=CAME).values("student_id")
    joined = incomplete(mine.filter(pk__in=lately.union(came)), TODAY)
    assert "Removed by Join Filter" in joined.explain(analyze=True)
