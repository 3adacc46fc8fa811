"""Headings of two rows: whose columns they are stands above them, merged or before blanks."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
import xlwt

from office.spreadsheets.cells import Cell
from students.rules.departments import read_list
from students.rules.roster.reading import Reading, read_roster
from tests.students.rosters import name, number
from tests.students.test_rules_roster import TODAY, school_classes

Rows = Sequence[Sequence[Cell]]
PARENTS: Rows = [
    ["姓名", "身份证号", "班级", "父亲", "", "母亲", ""],
    ["", "", "", "姓名", "电话", "姓名", "电话"],
]
BOTH = ["赵样泽", "13900000001", "钱样泽", "13900000002"]
STUDENT: list[Cell] = [name(0), number(0), "高一（3）班"]
TITLE: list[Cell] = ["示范中学2026级学生名册"]
NOTE: list[Cell] = ["填表人：张示", "", "2026年9月1日"]


def workbook(rows: Rows, *ranges: str) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for one in ranges:
        sheet.merge_cells(one)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text(rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("gb18030")


def old(rows: Rows, *ranges: tuple[int, int, int, int]) -> bytes:
    """An .xls whose merged cells are top, bottom, left, right."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("名册")
    held = {(top, left): (bottom, right) for top, bottom, left, right in ranges}
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if (r, c) in held:
                sheet.write_merge(r, held[r, c][0], c, held[r, c][1], value)
            elif value != "":
                sheet.write(r, c, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, **options: Any) -> Reading:
    return read_roster(content, "名册", classes=school_classes(), today=TODAY, **options)


def guardians(reading: Reading) -> list[tuple[Any, ...]]:
    facts = reading.rows[0].facts
    return [
        tuple(getattr(facts, f"{slot}_{part}") for part in ("name", "relation", "phone"))
        for slot in ("guardian", "second")
    ]


def headed(reading: Reading) -> list[tuple[str, str]]:
    return [(c["label"], c["field"]) for c in reading.layout[0]["columns"]]


MERGED = ("A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:G1")


@pytest.mark.parametrize(
    "content",
    [
        workbook([*PARENTS, [*STUDENT, *BOTH]], *MERGED),
        workbook([*PARENTS, [*STUDENT, *BOTH]]),
        text([*PARENTS, [*STUDENT, *BOTH]]),
        old([*PARENTS, [*STUDENT, *BOTH]], (0, 0, 3, 4), (0, 0, 5, 6)),
        workbook(
            [TITLE, NOTE, *PARENTS, [*STUDENT, *BOTH]],
            "A1:G1", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:G3",
        ),
        text([TITLE, NOTE, *PARENTS, [*STUDENT, *BOTH]]),
    ],
)  # fmt: skip
def test_parents_over_name_and_telephone_become_guardians(content: bytes) -> None:
    reading = read(content)
    assert guardians(reading) == [
        ("赵样泽", "父亲", "13900000001"), ("钱样泽", "母亲", "13900000002"),
    ]  # fmt: skip
    assert (reading.rows[0].facts.name, reading.rows[0].facts.phone) == (name(0), None)
    assert (len(reading.rows), reading.problems) == (1, [])
    assert headed(reading) == [
        ("姓名", "name"), ("身份证号", "id_number"), ("班级", "class_name"),
        ("父亲姓名", "guardian_name"), ("父亲电话", "guardian_phone"),
        ("母亲姓名", "second_name"), ("母亲电话", "second_phone"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("家庭成员一", "家庭成员二"),
        ("第一监护人", "第二监护人"),
        ("监护人1", "监护人2"),
        ("监护人一（父亲）", "监护人二"),
        ("家长1信息", "家长2信息"),
    ],
)
@pytest.mark.parametrize("relation", ["关系", "与学生关系"])
@pytest.mark.parametrize("merged", [(), ("D1:F1", "G1:I1")])
def test_guardians_by_number(
    first: str, second: str, relation: str, merged: tuple[str, ...]
) -> None:
    parts = ["姓名", relation, "联系电话"]
    rows: Rows = [
        ["姓名", "身份证号", "班级", first, "", "", second],
        ["", "", "", *parts, *parts],
        [*STUDENT, "赵样泽", "父亲", "13900000001", "钱样泽", "母亲", "13900000002"],
    ]
    reading = read(workbook(rows, *merged))
    assert guardians(reading) == [
        ("赵样泽", "父亲", "13900000001"), ("钱样泽", "母亲", "13900000002"),
    ]  # fmt: skip
    assert reading.rows[0].facts.phone is None
    assert reading.problems == []


@pytest.mark.parametrize("group", ["学生信息", "学生基本情况", "基本信息", "学籍信息（必填）"])
@pytest.mark.parametrize("merged", [(), ("A1:D1", "E1:F1")])
def test_the_students_own_group_spoils_nothing(group: str, merged: tuple[str, ...]) -> None:
    rows: Rows = [
        [group, "", "", "", "父亲", ""],
        ["姓名", "身份证号", "班级", "联系电话", "姓名", "联系电话"],
        [*STUDENT, "13800000000", "赵样泽", "13900000001"],
    ]
    reading = read(workbook(rows, *merged))
    facts = reading.rows[0].facts
    assert (facts.name, facts.id_number, facts.phone) == (name(0), number(0), "13800000000")
    assert guardians(reading)[0] == ("赵样泽", "父亲", "13900000001")
    assert reading.problems == []


def test_what_stands_beside_the_last_group_is_the_students() -> None:
    rows: Rows = [
        ["姓名", "身份证号", "班级", "父亲", "", ""],
        ["", "", "", "姓名", "电话", "现住址"],
        [*STUDENT, "赵样泽", "13900000001", "示范镇1号"],
    ]
    for content in (text(rows), workbook(rows, "D1:E1")):
        assert read(content).rows[0].facts.address == "示范镇1号"
    # Where the cells are merged over it, it is the father's.
    reading = read(workbook(rows, "D1:F1"))
    assert reading.rows[0].facts.address is None
    assert headed(reading)[-1] == ("父亲现住址", "")


def test_a_teachers_telephone_is_not_the_students() -> None:
    rows: Rows = [
        ["姓名", "身份证号", "班级", "班主任", ""],
        ["", "", "", "姓名", "电话"],
        [*STUDENT, "孙样泽", "13900000003"],
    ]
    reading = read(workbook(rows, "D1:E1"))
    assert (reading.rows[0].facts.phone, guardians(reading)[0][0]) == (None, None)


def test_tables_side_by_side_under_their_classes_are_still_told() -> None:
    rows: Rows = [
        ["高一（3）班", "", "", "高一（4）班", "", ""],
        ["姓名", "身份证号", "班级"] * 2,
        [*STUDENT, name(1), number(1), "高一（3）班"],
    ]
    for content in (text(rows), workbook(rows, "A1:C1", "D1:F1")):
        reading = read(content)
        assert ([one.why for one in reading.unread], len(reading.rows)) == (["beside"], 1)
        assert reading.rows[0].facts.name == name(0)


def test_a_heading_of_two_rows_on_each_page_is_nobody() -> None:
    groups: list[Cell] = ["学生信息", "", "", "父亲", ""]
    heads: list[Cell] = ["姓名", "身份证号", "班级", "姓名", "电话"]
    rows: Rows = [
        TITLE, groups, heads, [*STUDENT, "赵样泽", ""],
        TITLE, groups, heads, [name(1), number(1), "高一（3）班", "", ""],
    ]  # fmt: skip
    reading = read(workbook(rows, "A1:E1", "A2:C2", "D2:E2", "A5:E5", "A6:C6", "D6:E6"))
    assert ([row.facts.name for row in reading.rows], reading.problems) == ([name(0), name(1)], [])
    assert [row.facts.name for row in read(text(rows)).rows] == [name(0), name(1)]


def test_the_officers_choice_keeps_the_joined_headings() -> None:
    content = workbook([*PARENTS, [*STUDENT, *BOTH]], *MERGED)
    chosen = {"name": 0, "id_number": 1, "class_name": 2, "guardian_name": 5, "phone": None}
    reading = read(content, columns=chosen)
    assert [label for label, _ in headed(reading)][2:] == [
        "班级", "父亲姓名", "父亲电话", "母亲姓名", "母亲电话",
    ]  # fmt: skip
    assert reading.rows[0].facts.guardian_name == "钱样泽"


def test_a_department_s_list_under_whose_columns_they_are() -> None:
    rows: Rows = [
        ["序号", "户主", "", "子女", "", "低保类别"],
        ["", "姓名", "身份证号", "姓名", "身份证号", ""],
        [1, "赵样泽", "990210198001010018", name(0), number(0), "农村"],
    ]
    for content in (text(rows), workbook(rows, "A1:A2", "B1:C1", "D1:E1", "F1:F2")):
        (person,) = read_list(content, "名单", today=TODAY).people
        assert (person.name, person.id_number) == (name(0), number(0))


def test_a_part_of_the_form_called_after_the_family_is_nobody() -> None:
    rows: Rows = [
        ["姓名", "身份证号", "班级", "家庭主要成员", "", "", "", ""],
        ["", "", "", "父亲姓名", "父亲电话", "母亲姓名", "母亲电话", "现住址"],
        [*STUDENT, *BOTH, "示范镇1号"],
    ]
    for content in (text(rows), workbook(rows, "D1:H1")):
        reading = read(content)
        assert guardians(reading)[1] == ("钱样泽", "母亲", "13900000002")
        assert reading.rows[0].facts.address == "示范镇1号"


def test_what_a_form_says_of_how_to_fill_it_in_is_nobody() -> None:
    rows: Rows = [
        ["姓名", "身份证号", "班级"],
        ["必填", "必填，18位，文本格式", "必填，如高一（3）班"],
        STUDENT,
    ]
    reading = read(workbook(rows))
    assert ([row.facts.name for row in reading.rows], reading.problems) == ([name(0)], [])
