"""What is odd in an old workbook: failed formulas, hidden rows; and damage that is none of it."""

import io
import random
import struct

import pytest
import xlwt

from office.spreadsheets.biff import FAILED, LOCK, locked, oddities_of_xls
from office.spreadsheets.reading import read_sheets
from tests.office.workbooks import refusal

WRITTEN_BY = 0x5C
CODES = {text: code for code, text in FAILED.items()}


def book(*errors: str, hidden: int | None = None, name: str = "名册") -> bytes:
    made = xlwt.Workbook()
    made.add_sheet("说明").write(0, 0, "看下一张")
    sheet = made.add_sheet(name, cell_overwrite_ok=True)
    for column, text in enumerate(("姓名", "班级", "电话", "备注")):
        sheet.write(0, column, text)
        sheet.write(1, column, f"{text}1")
        sheet.write(2, column, f"{text}2")
    for column, text in enumerate(errors):
        sheet.row(1).set_cell_error(column, CODES[text])
    if hidden is not None:
        sheet.row(hidden).hidden = 1
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_failed_formulas_are_told_where_they_stand() -> None:
    _, sheet = read_sheets(book("#N/A", "#DIV/0!"), "a.xls").sheets
    assert sheet.rows[1] == ["#N/A", "#DIV/0!", "电话1", "备注1"]
    assert sheet.rows[2][0] == "姓名2"
    assert sheet.hidden_rows == frozenset()


def test_hidden_rows_are_told() -> None:
    first, sheet = read_sheets(book(hidden=2), "a.xls").sheets
    assert first.hidden_rows == frozenset()
    assert sheet.hidden_rows == {2}


def test_a_latin_name_of_a_sheet_is_followed_too() -> None:
    found = oddities_of_xls(book("#REF!", name="Sheet1"))
    assert found["Sheet1"].failed == {(1, 0): "#REF!"}


@pytest.mark.parametrize("text", sorted(FAILED.values()))
def test_every_error_of_excel_is_known(text: str) -> None:
    assert oddities_of_xls(book(text))["名册"].failed == {(1, 0): text}


def test_a_formula_that_failed_is_read_from_its_result() -> None:
    whole = book("#N/A")
    # The same cell as a formula's record: result bytes 02 .. code .. FF FF.
    cell = whole.index(b"\x05\x02\x08\x00\x01\x00\x00\x00")
    result = b"\x02\x00\x2a\x00\x00\x00\xff\xff"
    formula = b"\x06\x00\x14\x00" + whole[cell + 4 : cell + 10] + result + bytes(6)
    # Over the record and the two that follow it, which need not be whole any more.
    found = oddities_of_xls(whole[:cell] + formula + whole[cell + len(formula) :])
    assert found["名册"].failed[(1, 0)] == "#N/A"


def test_damage_is_no_oddity() -> None:
    whole = book("#N/A", hidden=2)
    assert oddities_of_xls(b"") == {}
    assert oddities_of_xls(whole[:600]) == {}
    for seed in range(300):
        chance = random.Random(seed)
        data = bytearray(whole)
        for _ in range(6):
            data[chance.randrange(len(data))] = chance.randrange(256)
        for odd in oddities_of_xls(bytes(data)).values():
            assert set(odd.failed.values()) <= set(FAILED.values())


@pytest.mark.parametrize("method", [0, 1])
def test_a_locked_workbook_is_told_from_a_damaged_one(method: int) -> None:
    whole = book()
    # A lock over the record of who wrote the file, whose rest stays such a record.
    at = whole.index(struct.pack("<HH", WRITTEN_BY, 112))
    lock = struct.pack("<HHH", LOCK, 54, method) + bytes(52)
    rest = struct.pack("<HH", WRITTEN_BY, 112 - len(lock)) + b" " * (112 - len(lock))
    made = whole[:at] + lock + rest + whole[at + 116 :]
    assert (locked(whole), locked(made), locked(made[:600])) == (False, True, False)
    assert "取消密码和“保护工作簿”" in refusal(made)


def test_merged_cells_are_told() -> None:
    made = xlwt.Workbook()
    sheet = made.add_sheet("名册")
    sheet.write_merge(1, 3, 1, 1, "1班")
    sheet.write(3, 0, "张示远")
    out = io.BytesIO()
    made.save(out)
    (found,) = read_sheets(out.getvalue(), "a.xls").sheets
    assert (found.merged, found.rows[3]) == (((1, 1, 3, 1),), ["张示远", ""])
