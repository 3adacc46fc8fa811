"""Writing: digits stay, nothing becomes a formula; errors come back in the officer's own file."""

import io
import tracemalloc
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment

from office.spreadsheets import marking
from office.spreadsheets.marking import CellError, mark_errors
from office.spreadsheets.reading import Unreadable, read_sheets
from office.spreadsheets.writing import safe_text, storable, write_csv, write_rows

DANGEROUS = ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＠x"]


def cells(content: bytes) -> list[list[object]]:
    return [list(row) for row in read_sheets(content, "a.xlsx").sheets[0].rows]


def test_text_stays_text_to_the_last_digit() -> None:
    content = write_rows(None, ["身份证号", "卡号"], [["110105194912310021", "0012"]])
    assert cells(content)[1] == ["110105194912310021", "0012"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.worksheets[0]["A2"].number_format == "@"


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_formula_in_a_workbook(text: str) -> None:
    content = write_rows(None, ["备注", text], [[text, text]])
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert {cell.data_type for row in book.worksheets[0].rows for cell in row} <= {"s", "inlineStr"}


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_formula_in_a_csv(text: str) -> None:
    assert safe_text(text) == f"'{text}"
    content = write_csv(["备注", "班级"], [[text, "高一"]] * 2)
    assert read_sheets(content, "a.csv").sheets[0].rows[1] == [f"'{text}", "高一"]


def test_csv_of_plain_values() -> None:
    content = write_csv(["姓名", "额"], [["王𠮷", 12.0], ["李", None]])
    assert content.decode("utf-8-sig") == "姓名,额\r\n王𠮷,12\r\n李,\r\n"


def test_values_keep_their_types_outside_text_columns() -> None:
    content = write_rows(
        None,
        ["姓名", "人数", "日期", "金额"],
        [["甲", 3, date(2026, 9, 1), 1150.5], ["乙", None, None, None], [5, 4, None, 2]],
        text_columns=[0],
        number_formats={3: "#,##0.00"},
        widths=[10, 8, 12, 12],
    )
    assert cells(content)[1] == ["甲", 3.0, date(2026, 9, 1), 1150.5]
    assert cells(content)[3] == ["5", 4.0, "", 2.0]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet["D2"].number_format == "#,##0.00"
    assert sheet.freeze_panes == "A2"


def test_an_empty_list_still_has_its_headings() -> None:
    assert cells(write_rows(None, ["姓名", "班级"], [])) == [["姓名", "班级"]]


@settings(max_examples=60)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_any_text_reads_back(texts: list[str]) -> None:
    content = write_rows(None, ["序", "文"], [["x", text] for text in texts])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    written = [sheet.cell(row, 2).value or "" for row in range(2, len(texts) + 2)]
    assert written == [storable(text) for text in texts]


def test_refused_lists() -> None:
    with pytest.raises(ValueError, match="重复"):
        write_rows(None, ["a", "a"], [])
    with pytest.raises(ValueError, match="第 2 行有 2 格"):
        write_rows(None, ["a"], [["1"], ["1", "2"]])
    with pytest.raises(ValueError, match=r"32,767"):
        write_rows(None, ["a"], [["x" * 32_768]])


def test_a_long_list_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        content = write_rows(tmp_path / "a.xlsx", ["a", "b"], (["x", str(n)] for n in range(rows)))
        assert content == b""
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) < 2 * peak(200) + 100_000


ERRORS = [
    CellError("Sheet", 1, 1, "身份证号应为 18 位，现有 3 位，请补全。"),
    CellError("Sheet", 1, 1, "=HYPERLINK(1)"),
    CellError("Sheet", 2, None, "这一行与第 2 行重复，请删去一行。"),
    CellError("别的表", 0, 0, "没有这张表"),
]


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["姓名", "身份证号"], ["张三", "110"], ["张三", "110"]):
        sheet.append(row)
    sheet["A1"].comment = Comment("学校自己的批注", "学校")
    sheet["D5"] = "=1+1"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_errors_are_marked_in_the_officers_own_workbook() -> None:
    marked = openpyxl.load_workbook(io.BytesIO(mark_errors(workbook(), ERRORS)))
    sheet = marked["Sheet"]
    assert sheet["B2"].fill.fgColor.rgb == marking.RED
    assert sheet["B2"].comment.text.splitlines()[0] == ERRORS[0].reason
    assert sheet["A3"].fill.fgColor.rgb == marking.RED
    assert sheet["A2"].fill.fgColor.rgb != marking.RED
    assert sheet["A1"].comment.text == "学校自己的批注"
    assert sheet["D5"].value == "=1+1"
    reasons = marked[marking.ERROR_SHEET]
    assert [cell.value for cell in reasons["C"]] == ["位置", "B2", "B2", "第3行", "A1"]
    assert reasons["D3"].data_type == "s"


def test_marks_of_an_earlier_check_go() -> None:
    once = mark_errors(workbook(), ERRORS)
    twice = openpyxl.load_workbook(io.BytesIO(mark_errors(once, ERRORS[2:3])))
    assert twice["Sheet"]["B2"].comment is None
    assert twice["Sheet"]["B2"].fill.fgColor.rgb != marking.RED
    assert twice.sheetnames == ["Sheet", marking.ERROR_SHEET]
    assert twice[marking.ERROR_SHEET].max_row == 2


def test_a_csv_comes_back_as_a_workbook() -> None:
    content = "姓名,身份证号,备注\n张三,110,=1+1\n".encode("gbk")
    error = CellError("名册", 1, 1, "太短")
    marked = openpyxl.load_workbook(io.BytesIO(mark_errors(content, [error], filename="名册.csv")))
    sheet = marked["名册"]
    assert (sheet["B2"].value, sheet["B2"].comment.text) == ("110", "太短")
    assert sheet["C2"].data_type == "s"


def test_an_old_workbook_comes_back_as_a_new_one() -> None:
    book = xlwt.Workbook()
    book.add_sheet("名册").write(0, 0, "姓名")
    buffer = io.BytesIO()
    book.save(buffer)
    content = mark_errors(buffer.getvalue(), [CellError("名册", 0, 0, "错")])
    assert openpyxl.load_workbook(io.BytesIO(content))["名册"]["A1"].comment.text == "错"


def test_a_large_workbook_comes_back_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "MOST_LOADED_CELLS", 1)
    monkeypatch.setattr(marking, "MOST_COMMENTS", 1)
    sheet = openpyxl.load_workbook(io.BytesIO(mark_errors(workbook(), ERRORS)))["Sheet"]
    assert sheet["B2"].comment is not None
    assert sheet["A3"].comment is None
    assert sheet["A3"].fill.fgColor.rgb == marking.RED


def test_what_cannot_be_read_cannot_be_marked() -> None:
    with pytest.raises(Unreadable):
        mark_errors(b"", [])
