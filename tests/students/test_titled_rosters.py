"""Rosters printed class by class, whose class stands in the line above each block alone."""

import time
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from office.spreadsheets.cells import Cell
from schools.models import Stage
from students.actions import apply_roster, stage_roster
from students.models import Student
from students.rules.roster.reading import Reading, read_roster
from tests.cast import Cast
from tests.students.rosters import name, number
from tests.students.test_grouped_headings import workbook
from tests.students.test_rules_roster import TODAY, school_classes

HEADS: list[Cell] = ["序号", "姓名", "性别", "身份证号"]
FIRST: list[Cell] = ["高一（1）班 班主任：李例"]
SECOND: list[Cell] = ["高一（2）班"]


def person(n: int) -> list[Cell]:
    return [str(n + 1), name(n), "男", number(n)]


def read(*rows: Sequence[Cell], sheet: str = "名册", **facts: Any) -> Reading:
    made = openpyxl.Workbook()
    page: Any = made.worksheets[0]
    page.title = sheet
    for row in rows:
        page.append(list(row))
    written = BytesIO()
    made.save(written)
    content = written.getvalue()
    return read_roster(content, "名册.xlsx", classes=school_classes(**facts), today=TODAY)


def placed(reading: Reading) -> list[tuple[str | None, str | None]]:
    return [(r.facts.name, r.place.name if r.place else None) for r in reading.rows]


TWO = [
    (name(0), "高一（1）班"),
    (name(1), "高一（1）班"),
    (name(2), "高一（2）班"),
]


def test_each_block_is_of_the_class_in_the_line_above_it() -> None:
    reading = read(FIRST, HEADS, person(0), person(1), [], SECOND, HEADS, person(2))
    assert placed(reading) == TWO
    assert reading.problems == []
    assert [(w.cell, w.reason) for w in reading.warnings] == [
        ("第1行", "表格没有“班级”列，第3至4行（2人）按这一行标题读作“高一（1）班”，请核对。"),
        ("第6行", "表格没有“班级”列，第8行（1人）按这一行标题读作“高一（2）班”，请核对。"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        ["高一（2）班"],
        ["高一(2)班"],
        ["高一2班"],
        ["  高一（2）班　班主任：李例　人数：45"],
        ["班级：高一（2）班", "", "", "班主任：孙例"],
        ["班级:高一（2）班"],
        ["高一（2）班学生花名册（共45人）"],
        ["示范第一高级中学高一（2）班花名册"],
        ["", "高一（2）班"],
        ["", "高一（2）班", "", "人数：2"],
        ["高一（2）班", "班主任", "李例"],
        ["高一（2）班", "班主任：李例", "电话：13900000001"],
        ["学校：示范中学", "班级：高一（2）班", "班主任：李例"],
        ["2026—2027学年", "", "", "高一（2）班"],
    ],
)
def test_how_the_line_is_written(line: list[Cell]) -> None:
    reading = read(FIRST, HEADS, person(0), person(1), ["本页小计", "2人"], line, HEADS, person(2))
    assert [(n, "".join((p or "").split())) for n, p in placed(reading)] == TWO
    assert reading.problems == []


@pytest.mark.parametrize(
    "heads",
    [
        ["序号", "姓 名", "性别", "身份证号码"],
        ["", "学生姓名", "", "身份证号"],
        ["序号", "姓名", "", " 身份证号 "],
    ],
)
def test_a_heading_that_is_written_otherwise_is_nobody(heads: list[Cell]) -> None:
    assert placed(read(FIRST, HEADS, person(0), person(1), SECOND, heads, person(2))) == TWO


def test_without_the_heading_again() -> None:
    assert placed(read(HEADS, FIRST, person(0), person(1), SECOND, person(2))) == TWO


@pytest.mark.parametrize(
    "line",
    [
        ["示范中学花名册"],
        ["高一年级学生花名册"],
        ["高一（1）班、高一（2）班名册"],
        ["班主任：李例"],
        ["高一（1）班", "高一（2）班"],
        ["全班共45人"],
        ["新班"],
        ["说明：高一（1）班的学生由班主任填写，班级写在后面"],
        ["高一（1）班" + "示" * 80],
    ],
)
def test_what_names_no_class_or_several_is_no_title(line: list[Cell]) -> None:
    reading = read(line, HEADS, person(0))
    assert [p.field for p in reading.file_problems] == ["class_name"]


def test_a_column_of_classes_says_it_alone() -> None:
    reading = read(FIRST, [*HEADS, "班级"], [*person(0), "高一（3）班"], SECOND,
                   [*person(1), "高一（3）班"])  # fmt: skip
    assert [place for _, place in placed(reading)] == ["高一（3）班"] * 2
    assert reading.warnings == []


@pytest.mark.parametrize("last", [["高一（2）班", name(1), "男", number(1)],
                                  ["高一（2）班", name(1), "男", ""],
                                  ["2", name(1), "男", number(1), "高一（2）班"]])  # fmt: skip
def test_a_column_of_classes_with_another_heading_is_no_line_above(last: list[Cell]) -> None:
    """Else everybody below would be of the first one's class."""
    reading = read(["所在教学单位", *HEADS[1:]], ["高一（1）班"], last, person(2))
    assert [p.field for p in reading.file_problems] == ["class_name"]


def test_who_stands_above_the_first_line_has_no_class() -> None:
    reading = read(HEADS, person(0), SECOND, person(1))
    assert placed(reading) == [(name(0), None), (name(1), "高一（2）班")]
    (problem,) = reading.problems
    assert (problem.cell, problem.field) == ("第2行", "class_name")


def test_a_sheet_named_after_its_class_needs_no_line() -> None:
    reading = read(SECOND, HEADS, person(0), sheet="高一（1）班")
    assert (placed(reading), reading.warnings) == ([(name(0), "高一（1）班")], [])
    both = read(FIRST, HEADS, person(0), person(1), SECOND, person(2), sheet="高一（1）班")
    assert placed(both) == TWO


def test_a_remark_about_a_student_is_no_line_above() -> None:
    row: list[Cell] = ["2", name(1), "男", "", "转入高一（2）班"]
    reading = read(FIRST, [*HEADS, "备忘"], person(0), row)
    assert placed(reading) == [(name(0), "高一（1）班"), (name(1), "高一（1）班")]


def test_where_nothing_tells_who_is_a_student_no_line_is_a_title() -> None:
    reading = read(["学生", "公民号码", "电话", "性别"], FIRST, [name(0), number(0), "", "男"])
    assert [row.titled for row in reading.rows] == [""] * len(reading.rows)
    assert "class_name" in [p.field for p in reading.file_problems]


def test_of_a_vocational_school_a_sum_is_no_class() -> None:
    heads: list[Cell] = [*HEADS, "入学年月"]
    rows = (["汽修1班"], heads, [*person(0), "202609"], ["全班共1人"], [*person(1), "202609"])
    reading = read(*rows, stage=Stage.VOCATIONAL)
    assert [r.titled for r in reading.rows] == ["汽修1班"] * 2


def test_a_grade_in_a_column_goes_with_the_number_above() -> None:
    heads: list[Cell] = [*HEADS, "年级"]
    reading = read(["1班"], heads, [*person(0), "高一"], ["2班"], heads, [*person(1), "高二"])
    assert [place for _, place in placed(reading)] == ["高一（1）班", "高二（2）班"]


def test_of_a_vocational_school_the_year_of_entry_tells_the_grade() -> None:
    heads: list[Cell] = [*HEADS, "入学年月"]
    reading = read(["汽修1班 班主任：李例"], heads, [*person(0), "202609"],
                   stage=Stage.VOCATIONAL)  # fmt: skip
    assert reading.problems == []
    assert [r.titled for r in reading.rows] == ["汽修1班"]


def test_a_student_called_like_a_class_is_nobodys_title() -> None:
    row = person(1)
    row[0], row[1] = "", "高一（2）班"
    reading = read(FIRST, HEADS, person(0), row)
    assert [p.field for p in reading.file_problems] == ["class_name"]
    assert len(reading.rows) == 2, "he is not passed over"


def test_a_roster_of_titles_alone_is_read_in_linear_time() -> None:
    def spent(blocks: int) -> float:
        rows = [row for n in range(blocks) for row in (FIRST, HEADS, person(n))]
        content = workbook(rows)
        began = time.process_time()
        read_roster(content, "名册.xlsx", classes=school_classes(), today=TODAY)
        return time.process_time() - began

    assert spent(4_000) < 12 * spent(1_000)


def test_they_are_imported_into_their_classes(cast: Cast) -> None:
    content = workbook([FIRST, HEADS, person(0), SECOND, HEADS, person(1)])
    staged = stage_roster(
        school=cast.school, content=content, filename="名册.xlsx", by=cast.operator
    )
    told = [warning["reason"] for warning in staged.warnings]
    assert any("按这一行标题读作“高一（1）班”" in reason for reason in told)
    apply_roster(staged=staged, by=cast.operator)
    for n, called in ((0, "高一（1）班"), (1, "高一（2）班")):
        assert Student.objects.get(name=name(n)).school_class.name == called
