"""Headers under titles and notes, in the words that schools use."""

import pytest

from office.spreadsheets.cells import Cell
from office.spreadsheets.headers import find_header

KNOWN = {
    "name": ["姓名", "学生姓名"],
    "id_number": ["身份证号", "身份证号码", "身份证件号"],
    "class_name": ["班级", "班级名称"],
    "phone": ["联系电话", "手机号"],
}
TITLE: list[Cell] = ["某某职业学校2026年秋季学期学生名册", "", "", "", ""]
NOTE: list[Cell] = ["填表说明：姓名须与身份证一致", "", "", "", ""]


def test_under_a_merged_title_and_a_note() -> None:
    rows: list[list[Cell]] = [
        TITLE,
        NOTE,
        ["序号", "★学生姓名", "身份证号码(18位)", "班级\n名称", "备注"],
        [1.0, "张三", "110105", "高一1班", ""],
    ]
    header = find_header(rows, KNOWN)
    assert header is not None
    assert header.row_index == 2
    assert header.columns == {"name": 1, "id_number": 2, "class_name": 3}
    assert header.unknown == ["序号", "备注"]
    assert header.missing == ["phone"]


@pytest.mark.parametrize(
    "label", ["姓名", " 姓 名 ", "*姓名", "★姓名：", "姓名（必填）", "姓\n名", "【姓名】", "name"]
)
def test_spellings_of_one_heading(label: str) -> None:
    header = find_header([[label, "班级"]], KNOWN)
    assert header is not None
    assert header.columns["name"] == 0


def test_headings_merged_over_two_rows() -> None:
    rows: list[list[Cell]] = [
        ["姓名", "班级", "监护人", ""],
        ["", "", "关系", "联系电话"],
        ["张三", "高一", "父亲", "13812341234"],
    ]
    header = find_header(rows, KNOWN)
    assert header is not None
    assert header.row_index == 1
    assert header.columns == {"name": 0, "class_name": 1, "phone": 3}


def test_a_repeated_heading_is_named_and_the_first_counts() -> None:
    header = find_header([["姓名", "联系电话", "手机号"]], KNOWN)
    assert header is not None
    assert header.columns["phone"] == 1
    assert header.duplicates == ["手机号"]


def test_no_header() -> None:
    assert find_header([["张三", "高一1班"]], KNOWN) is None
    assert find_header([["姓名", "1"]], KNOWN) is None
    assert find_header([], KNOWN) is None
    assert find_header([*[NOTE] * 20, ["姓名", "班级"]], KNOWN) is None


def test_one_wanted_field_needs_one_heading() -> None:
    header = find_header([TITLE, ["姓名"]], {"name": ["姓名"]})
    assert header is not None
    assert header.row_index == 1


def test_the_officers_mapping_wins() -> None:
    rows: list[list[Cell]] = [["姓名", "曾用名", "证件", "班级"]]
    header = find_header(rows, KNOWN, chosen={"name": "曾用名", "id_number": 2, "class_name": None})
    assert header is not None
    assert header.columns == {"name": 1, "id_number": 2}
    assert header.unknown == ["姓名", "班级"]
    assert header.missing == ["class_name", "phone"]


def test_the_officer_may_name_the_row() -> None:
    header = find_header([TITLE, ["姓名", "班级"], ["甲"]], KNOWN, row_index=2)
    assert header is not None
    assert header.columns == {}
    assert find_header([TITLE], KNOWN, row_index=5) is None
