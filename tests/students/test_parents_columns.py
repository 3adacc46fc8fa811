"""父亲姓名, 母亲电话: parents become guardians, and the heading tells the relation."""

from typing import Any

import pytest

from office.spreadsheets.cells import Cell
from students.rules.departments import KNOWN as LISTED
from students.rules.roster.columns import KNOWN
from students.rules.roster.parents import relation_of
from students.rules.roster.reading import Reading, read_roster
from students.rules.roster.tables import tables_of
from tests.students.rosters import number, workbook
from tests.students.test_rules_roster import TODAY, school_classes

BASE = ("姓名", "身份证号", "班级")
PARTS = ("name", "relation", "phone", "id_number")


def told(headings: tuple[str, ...], *cells: Cell, **options: Any) -> Reading:
    row: list[Cell] = ["赵示", number(0), "高一（1）班", *cells]
    return read_roster(
        workbook([row], (*BASE, *headings)),
        "名册.xlsx",
        classes=school_classes(),
        today=TODAY,
        **options,
    )


def guardians(reading: Reading) -> list[tuple[str | None, ...]]:
    facts = reading.rows[0].facts
    return [tuple(getattr(facts, f"{s}_{p}") for p in PARTS[:3]) for s in ("guardian", "second")]


def test_both_parents_with_their_telephones() -> None:
    reading = told(
        ("父亲姓名", "父亲联系电话", "母亲姓名", "母亲手机号"),
        "赵样泽", "13900000001", "钱样泽", "13900000002",
    )  # fmt: skip
    assert guardians(reading) == [
        ("赵样泽", "父亲", "13900000001"),
        ("钱样泽", "母亲", "13900000002"),
    ]
    assert reading.problems == reading.warnings == []
    (sheet,) = reading.layout
    assert [c["field"] for c in sheet["columns"]][3:] == [
        "guardian_name", "guardian_phone", "second_name", "second_phone",
    ]  # fmt: skip


def test_the_mother_alone_is_the_first() -> None:
    reading = told(("妈妈", "妈妈电话"), "钱样泽", "13900000002")
    assert guardians(reading) == [("钱样泽", "母亲", "13900000002"), (None, None, None)]


def test_a_telephone_of_the_family_is_the_first_parents() -> None:
    reading = told(("母亲姓名", "父亲姓名", "家长电话"), "钱样泽", "赵样泽", "13900000001")
    assert guardians(reading)[0] == ("钱样泽", "母亲", "13900000001")
    assert guardians(reading)[1] == ("赵样泽", "父亲", None)


def test_an_empty_father_is_nobody() -> None:
    reading = told(("父亲姓名", "父亲电话", "母亲姓名"), "", "", "钱样泽")
    assert guardians(reading) == [(None, None, None), ("钱样泽", "母亲", None)]


def test_a_cell_tells_more_than_the_heading() -> None:
    reading = told(("父亲姓名", "与学生关系"), "赵样泽", "继父或养父")
    assert guardians(reading)[0] == ("赵样泽", "继父或养父", None)


def test_beside_a_guardian_of_their_own_parents_are_left_to_the_officer() -> None:
    headings = ("监护人姓名", "父亲姓名", "父亲电话", "母亲姓名")
    reading = told(headings, "孙样泽", "赵样泽", "13900000001", "钱样泽")
    assert guardians(reading) == [("孙样泽", None, None), (None, None, None)]
    (sheet,) = reading.layout
    assert [c["label"] for c in sheet["columns"] if not c["field"]] == list(headings[1:])


def test_a_parents_number_without_a_name_is_nobodys() -> None:
    reading = told(("父亲电话",), "13900000001")
    assert guardians(reading) == [(None, None, None), (None, None, None)]


def test_what_the_school_leaves_out_stays_out() -> None:
    known = {**KNOWN, "left_out": ("父亲姓名",)}
    reading = told(("父亲姓名", "母亲姓名"), "赵样泽", "钱样泽", known=known)
    assert guardians(reading)[0] == ("钱样泽", "母亲", None)


def test_columns_named_by_hand_tell_the_relation_too() -> None:
    columns = {"name": 0, "id_number": 1, "class_name": 2, "guardian_name": 4}
    reading = told(("监护人姓名", "母亲姓名"), "孙样泽", "钱样泽", columns=columns)
    assert guardians(reading)[0] == ("钱样泽", "母亲", None)


def test_a_departments_list_has_its_own_rules() -> None:
    content = workbook([["赵示", number(0), "赵样泽"]], ("姓名", "身份证号", "父亲姓名"))
    (table,) = tables_of(content, "名单.xlsx", LISTED)
    assert "guardian_name" not in table.columns


@pytest.mark.parametrize(
    ("label", "parent"),
    [("父亲", "父亲"), ("学生母亲姓名", "母亲"), ("爸爸 姓名", "父亲"), ("父亲电话", ""),
     ("父亲工作单位", ""), ("祖父姓名", ""), ("姓名", "")],
)  # fmt: skip
def test_whose_name_a_heading_asks_for(label: str, parent: str) -> None:
    assert relation_of(label) == parent
