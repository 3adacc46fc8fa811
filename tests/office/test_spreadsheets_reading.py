"""Reading: what schools really send is read, everything else is refused with a way to mend it."""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.styles import PatternFill

from office.spreadsheets import archives, calamines, oddities
from office.spreadsheets.extents import Measure
from office.spreadsheets.oddities import UNSAVED
from office.spreadsheets.reading import Kind, Unreadable, read_sheets
from tests.office.workbooks import ROWS, compound, refusal, with_sheet, xlsx


def test_a_workbook_keeps_the_place_of_each_cell() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["C3"] = "学号"
    sheet["D3"] = date(2009, 9, 1)
    sheet["E3"] = 12
    sheet["F3"] = True
    hidden = book.create_sheet("字典")
    hidden["A1"] = "男"
    hidden.sheet_state = "hidden"
    book.create_sheet("空表")
    buffer = io.BytesIO()
    book.save(buffer)
    workbook = read_sheets(buffer.getvalue(), "没有扩展名")
    assert workbook.kind is Kind.XLSX
    assert [(sheet.name, sheet.hidden) for sheet in workbook.sheets] == [
        ("Sheet", False),
        ("字典", True),
    ]
    assert workbook.sheets[0].rows[2] == ["", "", "学号", date(2009, 9, 1), 12, True]


def test_the_texts_of_a_long_sheet_are_those_of_a_short_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = xlsx([[None, str(n % 3), f"示{n}", n] for n in range(20)])
    short = read_sheets(content, "a.xlsx").sheets[0].rows
    monkeypatch.setattr(calamines, "FEW_CELLS", 0)
    monkeypatch.setattr(calamines, "MOST_SEEN", 4)
    assert read_sheets(content, "a.xlsx").sheets[0].rows == short
    assert short[19] == ["", "1", "示19", 19]


@pytest.mark.parametrize(
    ("cell", "far"), [("BH100000", False), ("BH100020", False), ("A100021", True), ("BI1", True)]
)
def test_as_many_rows_as_may_come_need_no_close_look(cell: str, far: bool) -> None:
    measure = Measure(200)
    measure.look_at(f'<c r="{cell}"><v>1</v></c>'.encode())
    assert measure.suspicious is far


def xls(rows: Sequence[Sequence[object]]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名册")
    styles: dict[type, Any] = {date: xlwt.easyxf(num_format_str="YYYY-MM-DD")}
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            sheet.write(row, column, value, styles.get(type(value), xlwt.Style.default_style))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_an_old_workbook() -> None:
    rows: list[list[Any]] = [*ROWS, [12.5, date(2009, 9, 1)], [True, ""]]
    workbook = read_sheets(xls(rows), "名册.et")
    assert workbook.kind is Kind.XLS
    assert workbook.sheets[0].name == "名册"
    assert workbook.sheets[0].rows == rows


def test_an_old_workbook_has_the_same_limits() -> None:
    assert "23 行" in refusal(xls([["x"]] * 23), max_rows=2)
    assert "没有内容" in refusal(xls([[]]))


def test_a_damaged_old_workbook_cannot_end_the_process() -> None:
    content = bytearray(xls([["甲" * 100, 1234.5]] * 20))
    # A number's record taken for the sheet's size, for which the reader sets memory aside.
    at = content.rfind(b"\x7e\x02\x0a\x00")
    assert at > 0
    content[at : at + 2] = b"\x00\x02"
    assert "损坏" in refusal(bytes(content))


def test_an_endless_old_workbook_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calamines, "CHILD_SECONDS", 0.001)
    assert "损坏" in refusal(xls(ROWS))


def test_every_kind_of_value_comes_back_from_the_child() -> None:
    moment = datetime.combine(date(2009, 9, 1), time(8, 30))
    values = {"a": [moment, moment.date(), moment.time(), timedelta(hours=30), "x", 1.5, True]}
    text = json.dumps(values, default=calamines._plain)
    assert json.loads(text, object_hook=calamines._dated) == values
    with pytest.raises(TypeError):
        json.dumps(values | {"b": b""}, default=calamines._plain)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_delimited_text(encoding: str, separator: str) -> None:
    text = (
        f'姓名{separator}班级\r\n"张{separator}三"{separator}高一(1)班\r\n李四{separator}\r\n\r\n'
    )
    workbook = read_sheets(text.encode(encoding), "高一名册.xls")
    assert workbook.kind is Kind.TEXT
    assert workbook.sheets[0].name == "高一名册"
    assert workbook.sheets[0].rows == [
        ["姓名", "班级"],
        [f"张{separator}三", "高一(1)班"],
        ["李四", ""],
    ]


def test_csv_habits_of_spreadsheets() -> None:
    content = 'sep=;\r\n姓名;身份证号\r\n张三;="110105194912310021"\r\n'.encode()
    assert read_sheets(content, "a.csv").sheets[0].rows[1] == ["张三", "110105194912310021"]


def test_one_column_of_names() -> None:
    assert read_sheets("张三\n李四\n".encode("gbk"), "a.txt").sheets[0].rows == [["张三"], ["李四"]]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "文件是空的"),
        (b" \r\n\x00", "文件是空的"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"\xff\xd8\xff\xe0", "图片"),
        (b"BM\x00\x00\x00\x00", "图片"),
        (b"{\\rtf1", "文字文档"),
        (b"Rar!\x1a\x07", "解压"),
        (b"PK\x05\x06" + bytes(18), "压缩包是空的"),
        (b"PK\x03\x04" + b"x" * 40, "已损坏"),
        (b"<html><table></table>", "网页格式"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b"\x00\x01\x02\x03abc", "认不出这个文件的类型"),
        (b"abc\x80\xff\xff\xff", "文字编码"),
        (b"abc\x01\x02", "文字编码"),
        (compound("EncryptedPackage", "EncryptionInfo"), "请在 Excel 中取消密码后重新上传"),
        (compound("WordDocument"), "Word"),
        (compound("PowerPoint Document"), "演示文稿"),
        (compound("Something"), "不是 Excel 表格"),
        (compound("Workbook"), "已损坏"),
        (xlsx([[]]), "没有内容"),
        (xlsx([[" "], ["\u3000"]]), "没有内容"),
        (b",,,\r\n,,,\r\n", "没有内容"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, says: str) -> None:
    assert says in refusal(content)


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("word/document.xml", "Word"),
        ("ppt/presentation.xml", "演示文稿"),
        ("xl/workbook.bin", "xlsb"),
        ("content.xml", "ods"),
        ("照片.jpg", "压缩包"),
    ],
)
def test_other_archives_are_named(part: str, says: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(part, b"x")
    assert says in refusal(buffer.getvalue())


def test_too_many_rows_says_how_many() -> None:
    text = "姓名\n" * 100_021
    assert "100,021 行" in refusal(text.encode())
    assert "拆成 2 个文件" in refusal(text.encode())
    assert len(read_sheets(b"x\n" * 100_020, "a.csv").sheets[0].rows) == 100_020
    assert "32 行" in refusal(xlsx([["x"]] * 32), max_rows=11)
    assert len(read_sheets(xlsx([["x"]] * 31), "a", max_rows=11).sheets[0].rows) == 31


def test_too_many_columns() -> None:
    wide = xlsx([["x"] * 61])
    assert "61 列（到 BI 列）" in refusal(wide, max_columns=60)
    assert read_sheets(wide, "a.xlsx").sheets[0].rows == [["x"] * 61]
    assert "201 列" in refusal(b"x," * 200 + b"x")


def test_formatted_empty_cells_far_out_are_no_hindrance() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "姓名"
    sheet["XFD1048576"].fill = PatternFill("solid", fgColor="FFFF0000")
    buffer = io.BytesIO()
    book.save(buffer)
    assert read_sheets(buffer.getvalue(), "a.xlsx").sheets[0].rows == [["姓名"]]


def test_failed_formulas_show_what_excel_shows_and_hidden_rows_are_told() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "甲"
    sheet.append(["姓名", "班级"])
    sheet.append(["#N/A", "#REF!"])
    sheet.append(["张示远", "1班"])
    for cell in sheet[2]:
        cell.data_type = "e"
    sheet.row_dimensions[3].hidden = True
    out = io.BytesIO()
    book.save(out)
    (found,) = read_sheets(out.getvalue(), "a.xlsx").sheets
    assert found.rows == [["姓名", "班级"], ["#N/A", "#REF!"], ["张示远", "1班"]]
    assert found.hidden_rows == {2}


def test_shared_texts_are_the_same_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["C3"] = "甲"
    book.worksheets[0]["D4"] = "甲"
    book.worksheets[0]["E5"] = 12
    out = io.BytesIO()
    book.save(out)
    held = read_sheets(out.getvalue(), "a.xlsx").sheets[0].rows
    monkeypatch.setattr(calamines, "FEW_CELLS", 0)
    shared = read_sheets(out.getvalue(), "a.xlsx").sheets[0].rows
    assert shared == held
    assert shared[2][2] is shared[3][3]


def test_an_unclosed_quote_is_told_as_one() -> None:
    lines = ["姓名,班级", "张三,一班", '"李四,二班', *["王五,三班"] * 20]
    with pytest.raises(Unreadable) as refused:
        read_sheets("\n".join(lines).encode(), "a.csv")
    assert "第 3 行有一个引号没有配对" in refused.value.reason
    closed = '姓名,地址\n李四,"1号\n2楼"\n王五,5" 楼\n'
    assert read_sheets(closed.encode(), "a.csv").sheets[0].rows[1] == ["李四", "1号\n2楼"]


def test_merged_cells_are_told_where_they_stand() -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet["C4"], sheet["D4"] = "甲", "x"
    sheet["D6"] = "y"
    sheet.merge_cells("C4:C6")
    sheet.merge_cells("C8:E8")
    out = io.BytesIO()
    made.save(out)
    (found,) = read_sheets(out.getvalue(), "a.xlsx").sheets
    assert (found.merged, found.rows[3][2]) == (((3, 2, 5, 2),), "甲")


def test_more_merged_cells_than_any_list_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = openpyxl.Workbook()
    made.worksheets[0].append(["姓名"])
    for n in range(9):
        made.worksheets[0].merge_cells(f"A{2 * n + 1}:A{2 * n + 2}")
    out = io.BytesIO()
    made.save(out)
    monkeypatch.setattr(archives, "MOST_MERGED", 10)
    assert "合并的单元格过多" in refusal(out.getvalue())


FORMULAS = {
    "<f>A1</f>": UNSAVED,
    "<f>A1</f><v/>": UNSAVED,
    "<f>A1</f>\n <v> </v>": UNSAVED,
    '<f t="shared" si="0"/><v></v>': UNSAVED,
    "<f>A1&gt;0</f><v>7</v>": 7.0,
    '<f t="shared" si="0"/><v>7</v>': 7.0,
}


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize(("written", "read"), FORMULAS.items())
def test_a_formula_that_nobody_reckoned_is_no_empty_cell(
    written: str, read: Any, cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = f'<row r="3"><c r="A3">{written}</c></row></sheetData>'.encode()
    made = with_sheet(lambda data: data.replace(b"</sheetData>", cells))
    if cut:
        whole = archives.pieces_of

        def pieces(*of: Any) -> Iterator[bytes]:
            return (piece for one in whole(*of) for piece in re.split(b"(?=<)", one))

        monkeypatch.setattr(oddities, "pieces_of", pieces)
    (found,) = read_sheets(made, "a.xlsx").sheets
    assert found.rows[2] == [read, ""]


def test_a_formula_whose_result_is_an_empty_text_has_been_reckoned() -> None:
    cells = b'<row r="3"><c r="A3" t="str"><f>A1</f><v></v></c><c r="B3"><v>1</v></c></row>'
    made = with_sheet(lambda data: data.replace(b"</sheetData>", cells + b"</sheetData>"))
    assert read_sheets(made, "a.xlsx").sheets[0].rows[2] == ["", 1]
