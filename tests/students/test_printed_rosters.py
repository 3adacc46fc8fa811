"""Rosters as they are printed: pages with sums and signatures, telephones as people write them."""

from datetime import date

import pytest

from office.spreadsheets.cells import Cell
from students.rules.departments import read_list
from students.rules.roster.days import entry_in
from students.rules.roster.reading import Reading, read_roster
from tests.students.rosters import name, number
from tests.students.test_grouped_headings import text, workbook
from tests.students.test_rules_roster import TODAY, only_problem, school_classes

HEADS: list[Cell] = ["序号", "姓名", "性别", "身份证号", "班级", "联系电话"]


def person(n: int, phone: Cell = "") -> list[Cell]:
    return [str(n + 1), name(n), "男", number(n), "高一（3）班", phone]


def read(*rows: list[Cell]) -> Reading:
    content = workbook([["示范中学花名册"], HEADS, *rows])
    return read_roster(content, "名册.xlsx", classes=school_classes(), today=TODAY)


@pytest.mark.parametrize(
    "line",
    [
        ["本页小计", "2人"], ["本页合计：2人"], ["", "小计", "2人"], ["全校总计", "", "", "2人"],
        ["", "合计2人"], ["共2人"], ["", "本班共有学生2人"], ["合 计", "", "", "2"],
        ["", "", "", "填表人：", "", "填表时间："],
        ["单位负责人：", "", "", "填表人：张示", "", ""],
        ["", "审核人：李例", "", "", "", "联系电话："],
        ["", "", "", "（盖章）"],
        ["班级：高一（3）班", "", "", "班主任：孙例"],
    ],
)  # fmt: skip
def test_sums_and_signatures_on_each_page_are_nobody(line: list[Cell]) -> None:
    reading = read(person(0), line, person(1), line)
    assert [row.facts.name for row in reading.rows] == [name(0), name(1)]
    assert reading.problems == []


def test_what_stands_above_the_heading_on_each_page_is_nobody() -> None:
    above: list[list[Cell]] = [["花名册"], ["高一3班", "", "", "第一学期"], HEADS]
    content = workbook([*above, person(0), *above, person(1)])
    reading = read_roster(content, "名册.xlsx", classes=school_classes(), today=TODAY)
    assert [row.facts.name for row in reading.rows] == [name(0), name(1)]
    assert reading.problems == []


@pytest.mark.parametrize("called", ["全小计", "共示", "总计", "本小示", "学示"])
def test_whoever_has_a_number_is_a_student_whatever_he_is_called(called: str) -> None:
    row = person(0)
    row[1] = called
    assert [r.facts.name for r in read(row).rows] == [called]


def test_a_signature_never_hides_a_student() -> None:
    row = person(0)
    row[1] = "班主任：孙例"
    assert [p.cell for p in read(row).problems] == ["B3"]


@pytest.mark.parametrize(
    ("written", "phone"),
    [("13900000001.0", "13900000001"), ("13900000001.00", "13900000001")],
)
def test_a_telephone_that_was_a_number_in_a_csv(written: str, phone: str) -> None:
    content = text([HEADS, person(0, written)])
    reading = read_roster(content, "名册.csv", classes=school_classes(), today=TODAY)
    assert (reading.rows[0].facts.phone, reading.problems, reading.warnings) == (phone, [], [])


@pytest.mark.parametrize(
    "written",
    ["13900000001/13900000002", "13900000001、13900000002", "13900000001 0571-87654321",
     "13900000001，13900000002", "13900000001或13900000002"],
)  # fmt: skip
def test_of_two_telephones_the_first_is_taken_and_said(written: str) -> None:
    reading = read(person(0, written))
    assert reading.rows[0].facts.phone == "13900000001"
    assert [(w.cell, w.reason) for w in reading.warnings] == [
        ("F3", "有2个号码，只导入第一个，请核对。")
    ]


@pytest.mark.parametrize("written", ["13900000001/1390000", "139/0000/0001", "张大13900000001"])
def test_half_a_telephone_is_still_refused(written: str) -> None:
    assert "11 位手机号" in only_problem({"联系电话": written})[2]


@pytest.mark.parametrize("written", ["2026年秋", "2026秋季", "2026年秋季学期"])
def test_autumn_is_september(written: str) -> None:
    assert entry_in(written, TODAY) == date(2026, 9, 1)
    with pytest.raises(ValueError, match="不是日期"):
        entry_in(written.replace("秋", "春"), TODAY)


@pytest.mark.parametrize("line", ["本页小计", "合计：2人", "共2人"])
def test_sums_in_a_departments_list_are_nobody(line: str) -> None:
    rows: list[list[Cell]] = [["姓名", "身份证号"], [name(0), number(0)], [line, ""]]
    found = read_list(workbook(rows), "名单.xlsx", today=TODAY)
    assert (found.rows, found.problems) == (1, [])


def test_whole_numbers_of_a_csv_made_by_a_program() -> None:
    heads: list[Cell] = ["学号", "姓名", "身份证号", "年级", "班级", "入学年月", "联系电话"]
    row: list[Cell] = ["20260101.0", name(0), number(0), "1.0", "3.0", "202609.0", "13900000001.0"]
    content = text([heads, row])
    reading = read_roster(content, "名册.csv", classes=school_classes(), today=TODAY)
    assert reading.problems == []
    facts = reading.rows[0].facts
    assert (facts.student_no, facts.phone) == ("20260101", "13900000001")
    assert facts.entered_on == date(2026, 9, 1)
    # More digits than a program keeps were lost.
    row[2] = f"{number(0)}.0"
    (problem,) = read_roster(
        text([heads, row]), "名册.csv", classes=school_classes(), today=TODAY
    ).problems
    assert problem.field == "id_number"
