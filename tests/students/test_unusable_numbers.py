"""A number of a list that can't be used is an error still; by name and day the school is asked."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from openpyxl import Workbook

from office.spreadsheets.cells import Cell
from office.spreadsheets.writing import write_rows
from privacy.identity import make_id
from schools.scope import acting_for
from students.actions import confirm_candidate, match_list
from students.models import DepartmentListRow, Guardian, SpecialGroupTag
from students.queue import dropped, missing, people_asked
from students.rules.departments import ListReading, read_list
from students.rules.unusable import day_in
from tests.cast import REGION, Cast
from tests.students.test_actions_lists import upload
from tests.students.test_candidates import (
    BORN,
    HEADERS,
    NUMBER,
    SEEN,
    listing,
    match,
    person,
    questions,
)
from tests.students.test_endings import PAST
from tests.students.test_retentions import words

TODAY = date(2026, 9, 1)
DIGIT = "身份证号最后一位校验码不对"


def mistyped(number: str) -> str:
    """The same with another check digit."""
    return number[:-1] + ("1" if number[-1] != "1" else "2")


WRONG = mistyped(NUMBER)
BARE: dict[str, Cell] = {"姓名": "张示远", "身份证号码": WRONG}


def read(*rows: dict[str, Cell]) -> ListReading:
    cells = [[row.get(heading, "") for heading in HEADERS] for row in rows]
    return read_list(write_rows(None, HEADERS, cells, text_columns=()), "名单.xlsx", today=TODAY)


def told(reading: ListReading) -> list[tuple[Any, ...]]:
    return [(p.name, p.id_number, p.birth_date, p.guardian, p.unusable) for p in reading.by_name]


def test_the_row_stays_an_error_and_is_kept_without_its_number() -> None:
    reading = read(person(身份证号码=WRONG), person("无示人", 身份证号码=NUMBER))
    (problem,) = reading.problems
    assert (problem.cell, problem.reason) == ("C2", f"{DIGIT}，请对照证件逐位核对。")
    assert [p.name for p in reading.people] == ["无示人"]
    assert (reading.rows, reading.left_out()) == (2, 1)
    assert told(reading) == [("张示远", "", BORN, "", DIGIT)]


def test_a_list_without_a_day_of_birth_takes_it_from_the_number_and_says_so() -> None:
    assert told(read(BARE)) == [("张示远", "", BORN, "", f"{DIGIT}，出生日期取自这个号码")]


@pytest.mark.parametrize(
    ("number", "day"),
    [
        (WRONG, BORN),
        (WRONG.replace("20090506", "20090230"), None),
        (WRONG.replace("20090506", "20270506"), None),
        (WRONG.replace("20090506", "18090506"), None),
        (WRONG[:-1], None),
        (WRONG + "1", None),
        ("x" * 18, None),
    ],
)
def test_the_day_that_a_number_writes_is_a_real_one(number: str, day: date | None) -> None:
    assert day_in(number, TODAY) == day


@pytest.mark.parametrize(
    "row",
    [
        {"姓名": "", "身份证号码": WRONG},
        {"姓名": "张示远", "身份证号码": WRONG[:-1]},
        {"姓名": "张示远", "身份证号码": 9.90101200905065e17},
    ],
)
def test_whom_nothing_but_the_number_tells_is_an_error_alone(row: dict[str, Cell]) -> None:
    reading = read(row, person(身份证号码=NUMBER))
    assert len(reading.problems) == 1
    assert reading.by_name == []


def test_a_number_that_lost_its_end_is_as_unusable() -> None:
    reading = read({"姓名": "张示远", "身份证号码": 9.90101200905065e17, "户主姓名": "张样泽"})
    assert told(reading) == [("张示远", "", None, "张样泽", "Excel把号码存成了数字")]


FAILED, UNSAVED = "这一格的公式出错", "这一格的公式没有保存结果"


@pytest.mark.parametrize("failed", ["#REF!", "#N/A"])
def test_whose_formula_failed_where_the_number_stands_is_an_error_and_asked_about_too(
    failed: str,
) -> None:
    reading = read(person(身份证号码=failed, 残疾类别="#N/A"), person("无示人", 身份证号码=NUMBER))
    (problem,) = reading.problems
    assert (problem.cell, problem.value) == ("C2", failed)
    assert problem.reason == f"这一格的公式出错（{failed}），请改成实际的内容。"
    assert [p.name for p in reading.people] == ["无示人"]
    assert (reading.rows, reading.left_out("id_number")) == (2, 1)
    assert told(reading) == [("张示远", "", BORN, "", FAILED)]
    assert reading.by_name[0].detail == ""


def test_whose_formula_was_never_reckoned_is_asked_about_by_his_guardian() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["姓名", "身份证号码", "户主姓名"])
    sheet.append(["张示远", "=B9", "张样泽"])
    sheet.append(["无示人", NUMBER, ""])
    written = BytesIO()
    book.save(written)
    reading = read_list(written.getvalue(), "名单.xlsx", today=TODAY)
    assert [p.cell for p in reading.problems] == ["B2"]
    assert told(reading) == [("张示远", "", None, "张样泽", UNSAVED)]


@pytest.mark.parametrize(
    "row",
    [
        {"姓名": "#N/A", "身份证号码": "#N/A", "出生日期": "2009-05-06"},
        {"姓名": "张示远", "身份证号码": "#N/A"},
        {"姓名": "张示远", "身份证号码": "#N/A", "出生日期": "#N/A", "户主姓名": "#N/A"},
        {"姓名": "#N/A", "身份证号码": NUMBER, "出生日期": "2009-05-06"},
        {"姓名": "张示远", "出生日期": "#N/A"},
        {"姓名": "张示远", "户主姓名": "#N/A"},
        {"姓名": "#N/A", "出生日期": "#N/A", "户主姓名": "张样泽"},
        {"姓名": "合计", "身份证号码": "#N/A", "出生日期": "2009-05-06"},
    ],
)
def test_a_formula_that_failed_leaves_nothing_to_ask_by(row: dict[str, Cell]) -> None:
    assert read(row, person(身份证号码=NUMBER)).by_name == []


def test_a_day_whose_formula_failed_is_no_day_to_ask_by() -> None:
    reading = read(
        {"姓名": "张示远", "身份证号码": "#N/A", "出生日期": "#REF!", "户主姓名": "张样泽"}
    )
    assert [p.cell for p in reading.problems] == ["C2"]
    assert told(reading) == [("张示远", "", None, "张样泽", FAILED)]


@pytest.mark.parametrize(
    ("row", "cell", "day", "guardian", "why"),
    [
        ({"出生日期": "#N/A", "户主姓名": "张样泽"}, "D2", None, "张样泽",
         f"没有身份证号，出生日期{FAILED}"),
        ({"身份证号码": "无", "出生日期": "#N/A", "户主姓名": "张样泽"}, "D2", None, "张样泽",
         f"没有身份证号，出生日期{FAILED}"),
        ({"出生日期": "2009-05-06", "户主姓名": "#REF!"}, "E2", BORN, "",
         f"没有身份证号，监护人姓名{FAILED}"),
        ({"出生日期": "2009-13-45", "户主姓名": "张样泽"}, "D2", None, "张样泽",
         "没有身份证号，出生日期不能用"),
    ],
)  # fmt: skip
def test_who_has_no_number_is_asked_about_by_what_else_can_be_read(
    row: dict[str, Cell], cell: str, day: date | None, guardian: str, why: str
) -> None:
    """As he would be, were the cell that can't be read an empty one; which it is said not to be."""
    reading = read({**row, "姓名": "张示远"}, person(身份证号码=NUMBER))
    assert [p.cell for p in reading.problems] == [cell]
    assert (reading.rows, reading.left_out()) == (2, 1)
    assert told(reading) == [("张示远", "", day, guardian, why)]


def test_the_school_is_asked_about_whose_day_failed_and_told_why(cast: Cast, sign_in: Any) -> None:
    student = cast.a.students[0]
    Guardian.objects.create(school=cast.school, student=student, name="张样泽", relation="父亲")
    done = match(cast, {"姓名": student.name, "出生日期": "#N/A", "户主姓名": "张样泽"})
    counts = {k: done.counts[k] for k in ("rows", "people", "errors", "by_name", "asked")}
    assert counts == {"rows": 1, "people": 0, "errors": 1, "by_name": 1, "asked": 1}
    (question,) = questions(student=student)
    assert (question.strength, question.listed_birth) == ("guardian", None)
    assert not SpecialGroupTag.objects.exists()
    shown = words(sign_in(cast.operator).get(reverse("students:questions")))
    assert f"名单上没有身份证号，出生日期{FAILED}；姓名和监护人一致，请核实是不是同一人" in shown
    assert "有误，没有留存" not in shown
    assert "身份证号不能用" not in shown


@pytest.mark.parametrize("number", [WRONG, ""])
def test_one_person_is_kept_once(number: str) -> None:
    """Whoever stands there without a number too is that row's person."""
    reading = read(person(身份证号码=WRONG), person(身份证号码=number), person())
    assert [p.row for p in reading.people] == [3 if not number else 4]
    assert reading.by_name == []
    assert [p.row for p in read(person(身份证号码=WRONG), person(身份证号码=WRONG)).by_name] == [2]


def test_the_school_is_asked_and_nobody_is_tagged(cast: Cast) -> None:
    done = match(cast, BARE, person("无示人", 身份证号码=make_id(REGION, BORN, 503)))
    counts = {k: done.counts[k] for k in ("rows", "people", "errors", "by_name", "asked")}
    assert counts == {"rows": 2, "people": 1, "errors": 1, "by_name": 1, "asked": 1}
    assert (done.counts["matched"], done.counts["unmatched"], done.counts["tagged"]) == (0, 1, 0)
    assert [e["cell"] for e in done.errors] == ["C2"]
    (question,) = questions(school=cast.school)
    assert (question.strength, question.status, question.differs) == ("name_birth", "waiting", "")
    assert (question.listed_birth, bool(question.listed_id)) == (BORN, False)
    assert question.unusable == f"{DIGIT}，出生日期取自这个号码"
    assert not SpecialGroupTag.objects.exists()
    with acting_for(cast.district):
        # Those not found are the people with a number; the error stands among the errors.
        assert [row.row for row in missing(done)] == [3]
        assert people_asked(done) == 0


def test_the_school_is_asked_about_whose_formula_failed_and_nobody_is_tagged(cast: Cast) -> None:
    done = match(cast, person(身份证号码="#REF!"), person("无示人", 身份证号码="#N/A"))
    counts = {k: done.counts[k] for k in ("rows", "people", "errors", "by_name", "asked")}
    assert counts == {"rows": 2, "people": 0, "errors": 2, "by_name": 2, "asked": 1}
    assert [e["cell"] for e in done.errors] == ["C2", "C3"]
    (question,) = questions(school=cast.school)
    assert (question.strength, question.listed_birth, bool(question.listed_id)) == (
        "name_birth", BORN, False,
    )  # fmt: skip
    assert question.unusable == FAILED
    assert not SpecialGroupTag.objects.exists()
    confirm_candidate(candidate=question, reason=SEEN, by=cast.operator)
    (tag,) = SpecialGroupTag.objects.all()
    assert (tag.student_id, tag.strength) == (question.student_id, "name_birth")


def test_name_and_guardian_ask_too(cast: Cast) -> None:
    student = cast.a.students[1]
    Guardian.objects.create(school=cast.school, student=student, name="李样明", relation="父亲")
    other = mistyped(make_id(REGION, date(2009, 6, 5), 503))
    match(cast, {"姓名": student.name, "身份证号码": other, "户主姓名": "李样明"})
    (question,) = questions(student=student)
    assert question.strength == "guardian"


def test_the_number_is_nowhere(cast: Cast) -> None:
    """Neither sealed nor as the index by which a student who has it, were it one, is found."""
    with acting_for(cast.district):
        listed = upload(cast, listing(BARE))
        (row,) = DepartmentListRow.objects.filter(list=listed)
        assert not row.id_number
        with connection.cursor() as cursor:
            cursor.execute("SELECT id_number IS NULL FROM students_departmentlistrow")
            assert cursor.fetchall() == [(True,)]
    student = cast.a.students[1]
    match(cast, {"姓名": "无示人", "身份证号码": mistyped(student.id_number.reveal())})
    assert questions(student=student) == []
    assert not SpecialGroupTag.objects.exists()


def test_what_a_school_answered_holds_for_the_next_list_with_the_same_mistake(cast: Cast) -> None:
    match(cast, BARE, issued_on=PAST)
    (question,) = questions(school=cast.school)
    confirm_candidate(candidate=question, reason=SEEN, by=cast.operator)
    (tag,) = SpecialGroupTag.objects.filter(student=question.student)
    assert tag.strength == "name_birth"
    again = match(cast, BARE)
    assert (again.counts["asked"], again.counts["matched"], again.counts["unmatched"]) == (0, 0, 0)
    assert again.counts["dropped"] == 0


def test_a_mistyped_number_in_the_next_version_drops_nobody(cast: Cast) -> None:
    student = cast.a.students[0]
    own = student.id_number.reveal()
    match(cast, person(身份证号码=own), issued_on=PAST)
    newer = match(cast, person(身份证号码=mistyped(own)))
    with acting_for(cast.district):
        assert not dropped(newer).filter(student=student).exists()
    assert [q.status for q in questions(student=student)] == ["waiting"]


def test_whom_the_list_names_rightly_too_is_not_asked_about(cast: Cast) -> None:
    own = cast.a.students[0].id_number.reveal()
    match(cast, person(身份证号码=own), BARE)
    assert questions(student=cast.a.students[0]) == []


def test_the_pages_say_it(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.district):
        listed = upload(cast, listing(BARE, person("无示人")))
    page = sign_in(cast.bureau_operator).get(reverse("students:list", args=[listed.pk]))
    shown = words(page)
    assert "其中1行不看身份证号，姓名和出生日期（或监护人）与名册相符的，请学校确认" in shown
    assert DIGIT in shown
    with acting_for(cast.district):
        match_list(listed=listed, by=cast.bureau_operator)
    shown = words(sign_in(cast.operator).get(reverse("students:questions")))
    assert f"名单上的身份证号不能用（{DIGIT}，出生日期取自这个号码），没有与名册比对；" in shown
    assert "姓名和出生日期一致，请核实是不是同一人" in shown
    assert WRONG not in shown
