"""Reading and writing of long tables, ours and others'."""

import csv
import io
from functools import lru_cache

import openpyxl
from python_calamine import CalamineWorkbook

from office.spreadsheets.reading import read_sheets
from office.spreadsheets.writing import write_rows

ROWS = 20_000


def _rows(columns: int) -> list[list[str]]:
    return [[f"单元格{row}-{column}" for column in range(columns)] for row in range(ROWS)]


@lru_cache(maxsize=1)
def _file() -> bytes:
    return write_rows(None, [f"列{i}" for i in range(20)], _rows(20))


@lru_cache(maxsize=1)
def _table() -> list[list[str]]:
    return _rows(15)


def read_ours() -> object:
    """Sniffed, checked for bombs, read and trimmed."""
    return read_sheets(_file(), "a.xlsx").sheets[0].rows


def read_calamine() -> object:
    """The parser alone."""
    return CalamineWorkbook.from_filelike(io.BytesIO(_file())).get_sheet_by_index(0).to_python()


def read_openpyxl() -> object:
    """What most projects use."""
    book = openpyxl.load_workbook(io.BytesIO(_file()), read_only=True)
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def write_ours() -> object:
    """Every cell as text."""
    return write_rows(None, [f"列{i}" for i in range(15)], _table())


def write_openpyxl() -> object:
    """What most projects use."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in _table():
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_csv() -> object:
    """The least: the same cells as lines of text."""
    out = io.StringIO()
    csv.writer(out).writerows(_table())
    return out.getvalue()
