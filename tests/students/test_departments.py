"""How the lists of different departments are understood: whose column is whose."""

from datetime import date

import pytest

from office.spreadsheets.cells import Cell
from office.spreadsheets.reading import Unreadable
from office.spreadsheets.writing import write_rows
from privacy.identity import make_id
from students.rules.candidates import places_that_differ
from students.rules.departments import Named, columns_of, read_list
from tests.cast import REGION

TODAY = date(2026, 9, 1)
BORN = date(2012, 3, 4)
CHILD, ADULT = make_id(REGION, BORN, 701), make_id(REGION, date(1980, 1, 2), 703)


def read(headers: tuple[str, ...], *rows: tuple[Cell, ...]) -> list[Named]:
    content = write_rows(None, headers, rows, text_columns=())
    return read_list(content, "名单.xlsx", today=TODAY).people


@pytest.mark.parametrize(
    ("headers", "row", "guardian", "detail"),
    [
        # 民政: a household, its head beside each member.
        (
            ("户主姓名", "户主身份证号", "成员姓名", "成员身份证号", "保障类别"),
            ("甲示", ADULT, "乙示", CHILD, "农村低保"),
            "甲示",
            "农村低保",
        ),
        # 残联: the child himself; the certificate's number is the ID number and two digits.
        (
            ("姓名", "残疾证号", "残疾类别", "残疾等级", "监护人姓名"),
            ("乙示", f"{CHILD}42", "肢体", "二级", "丙 示"),
            "丙示",
            "肢体，二级",
        ),
        # 残联: a disabled parent, his child beside him.
        (
            ("残疾人姓名", "残疾证号", "子女姓名", "子女身份证号"),
            ("甲示", f"{ADULT}11", "乙示", CHILD),
            "甲示",
            "",
        ),
        # 乡村振兴: monitored households with the state of their risk.
        (
            ("户编号", "姓名", "证件号码", "与户主关系", "户类型", "风险是否已消除"),
            ("1", "乙示", CHILD, "之子", "边缘易致贫户", "否"),
            "",
            "边缘易致贫户，风险未消除",
        ),
        # 残联: parents headed like anybody, their children beside them.
        (
            ("姓名", "身份证号", "残疾类别", "子女姓名", "子女身份证号", "就读学校"),
            ("甲示", ADULT, "肢体", "乙示", CHILD, "某某中学"),
            "甲示",
            "肢体",
        ),
        (
            ("姓名（残疾人）", "残疾证号", "子女姓名（在校）", "身份证号"),
            ("甲示", f"{ADULT}11", "乙示", CHILD),
            "甲示",
            "",
        ),
        # 工会: a worker in hardship and his child.
        (
            ("困难职工姓名", "职工身份证号", "子女姓名", "子女身份证号", "帮扶类别"),
            ("甲示", ADULT, "乙示", CHILD, "深度困难"),
            "甲示",
            "深度困难",
        ),
    ],
)
def test_the_person_is_the_child(
    headers: tuple[str, ...], row: tuple[Cell, ...], guardian: str, detail: str
) -> None:
    (named,) = read(headers, row)
    assert (named.name, named.id_number, named.birth_date) == ("乙示", CHILD, BORN)
    assert (named.guardian, named.detail) == (guardian, detail)


def test_the_holder_is_the_person_where_nobody_stands_beside_him() -> None:
    (named,) = read(("残疾人姓名", "残疾证号", "残疾等级"), ("乙示", f"{CHILD}42", "一级"))
    assert (named.name, named.id_number, named.guardian) == ("乙示", CHILD, "")


@pytest.mark.parametrize("parent", ["姓名", "职工姓名"])
def test_a_number_right_of_the_parent_is_his(parent: str) -> None:
    (named,) = read(
        ("序号", parent, "性别", "出生日期", "身份证号", "子女姓名", "就读学校"),
        (1, "甲示", "男", "1980-01-02", ADULT, "乙示", "某某中学"),
    )
    assert (named.name, named.id_number, named.birth_date) == ("乙示", "", None)
    assert named.guardian == "甲示"


def test_a_parents_certificate_is_never_the_childs_number() -> None:
    (named,) = read(
        ("残疾人姓名", "残疾证号", "子女姓名", "出生日期"),
        ("甲示", f"{ADULT}11", "乙示", "2012-03-04"),
    )
    assert (named.name, named.id_number, named.birth_date) == ("乙示", "", BORN)


def test_rows_without_a_number_need_something_else() -> None:
    headers = ("姓名", "身份证号", "出生日期", "监护人姓名")
    content = write_rows(
        None,
        headers,
        [
            ["乙示", "", "2012-03-04", ""],
            ["乙 示", "", "2012.3.4", ""],
            ["丙示", "", "", "丁示"],
            ["戊示", "", "不详", ""],
            ["合计", "", "", ""],
        ],
        text_columns=(),
    )
    reading = read_list(content, "名单.xlsx", today=TODAY)
    assert [(p.name, p.birth_date, p.guardian) for p in reading.people] == [
        ("乙示", BORN, ""),
        ("丙示", None, "丁示"),
    ]
    assert (reading.rows, reading.repeated) == (4, 1)
    (problem,) = reading.problems
    assert (problem.cell, problem.value) == ("B5", "")
    assert "也没有出生日期或监护人姓名" in problem.reason


UNNUMBERED = ("姓名", "身份证号", "出生日期", "监护人姓名")


@pytest.mark.parametrize(
    ("number", "birth", "kept", "day"),
    [
        ("E12345678", "2012-03-04", "E12345678", BORN),
        ("e1234 5678", "", "E12345678", None),
        ("H1234567800", "2012-03-04", "H1234567800", BORN),
        ("12345678", "2012-03-04", "12345678", BORN),
        ("XYZ110081120304", "2012-03-04", "XYZ110081120304", BORN),
        ("无", "2012-03-04", "", BORN),
        ("", "2012-03-04", "", BORN),
        (CHILD, "2012-03", CHILD, BORN),
    ],
)
def test_people_with_other_documents_are_kept(
    number: str, birth: str, kept: str, day: date | None
) -> None:
    (named,) = read(UNNUMBERED, ("乙示", number, birth, ""))
    assert (named.name, named.id_number, named.birth_date) == ("乙示", kept, day)


@pytest.mark.parametrize(
    ("birth", "said"),
    [("2012-03", "不是日期"), ("2026-09-02", "晚于今天"), (99_999_999, "不是日期")],
)
def test_a_day_that_can_not_be_a_birthday_is_told_in_its_cell(birth: Cell, said: str) -> None:
    content = write_rows(None, UNNUMBERED, [["乙示", "", birth, ""]], text_columns=())
    reading = read_list(content, "名单.xlsx", today=TODAY)
    assert reading.people == []
    (problem,) = reading.problems
    assert (problem.cell, problem.label, problem.field) == ("C2", "出生日期", "birth_date")
    assert said in problem.reason


@pytest.mark.parametrize(
    "found",
    [
        {"name": 0},
        {"holder": 0, "holder_id": 1, "name": 2},
        {"birth_date": 0, "guardian": 1},
    ],
)
def test_columns_that_tell_nobody_apart_are_refused(found: dict[str, int]) -> None:
    if found.keys() == {"holder", "holder_id", "name"}:
        assert columns_of(found)["guardian"] == 0
    else:
        with pytest.raises(Unreadable):
            columns_of(found)


@pytest.mark.parametrize(
    ("listed", "rostered", "said"),
    [
        (CHILD, CHILD, ""),
        ("", CHILD, ""),
        ("123456", "123406", "第5位"),
        ("923456", "123406", "第1、5位"),
    ],
)
def test_the_places_in_which_two_numbers_differ(listed: str, rostered: str, said: str) -> None:
    assert places_that_differ(listed, rostered) == said


SECOND_CHILD = make_id(REGION, BORN, 705)


@pytest.mark.parametrize(
    ("headers", "row", "said"),
    [
        (
            ("户主姓名", "户主身份证号", "成员1姓名", "成员1身份证号", "成员2身份证号"),
            ("甲示", ADULT, "乙示", CHILD, f" {SECOND_CHILD}"),
            [("D2", "“成员1身份证号”"), ("E2", "“成员2身份证号”")],
        ),
        (
            ("残疾人姓名", "残疾证号", "子女姓名", "子女身份证号", "子女2身份证号"),
            ("甲示", f"{ADULT}11", "乙示", CHILD, SECOND_CHILD),
            [("E2", "“子女2身份证号”")],
        ),
        # The child's own number again, and his parent's.
        (
            ("姓名", "身份证号", "学籍号", "监护人身份证号"),
            ("乙示", CHILD, f"G{CHILD}", ADULT),
            [],
        ),
    ],
)
def test_children_in_columns_that_are_not_read_are_told(
    headers: tuple[str, ...], row: tuple[Cell, ...], said: list[tuple[str, str]]
) -> None:
    content = write_rows(None, headers, [row], text_columns=())
    doubts = read_list(content, "名单.xlsx", today=TODAY).doubts
    assert [(d.cell, d.reason[: len(word)]) for d, (_, word) in zip(doubts, said, strict=True)] == (
        said
    )
    assert all("有1个像是学生的证件号，没有读" in d.reason for d in doubts)
    assert all("一人一行" in d.reason for d in doubts)


def test_a_schools_roster_taken_for_a_list_is_told() -> None:
    content = write_rows(
        None,
        ("姓名", "身份证号", "学籍号", "年级", "班级"),
        [["乙示", CHILD, f"G{CHILD}", "高一", "1班"]],
        text_columns=(),
    )
    (doubt,) = read_list(content, "名册.xlsx", today=TODAY).doubts
    assert doubt.cell == "第1行"
    assert "表头里有“学籍号”和“班级”，像是学校的名册" in doubt.reason
    assert "在册的1人都会标记" in doubt.reason
