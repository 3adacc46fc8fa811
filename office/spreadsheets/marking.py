"""An officer's own workbook handed back with its errors marked (design §7)."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import openpyxl
from openpyxl.cell.cell import Cell as BookCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from office.spreadsheets.cells import Cell, cell_name
from office.spreadsheets.reading import Kind, Sheet, read_sheets
from office.spreadsheets.refusals import DAMAGED, Unreadable
from office.spreadsheets.writing import AS_TEXT, storable

ERROR_SHEET = "错误清单"
AUTHOR = "导入检查"
RED = "FFFFC7CE"
FILL = PatternFill("solid", fgColor=RED)
# Excel slows down under more comments than this; the list of reasons stays complete.
MOST_COMMENTS = 2_000
# openpyxl holds about 50 times a file's size; a larger workbook is answered by a fresh one.
MOST_LOADED_CELLS = 1_000_000


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong in one cell, 0-based; without a column it is about the whole row."""

    sheet: str
    row: int
    column: int | None
    reason: str


def mark_errors(content: bytes, errors: Sequence[CellError], *, filename: str = "名册") -> bytes:
    """The officer's workbook as .xlsx: error cells light red with the reason as a comment.

    A sheet 错误清单 lists every error. Marks of an earlier check are removed first. A CSV, an .xls
    or a very large workbook comes back as a fresh .xlsx with the same values. Raises Unreadable
    like `read_sheets`.
    """
    tables = read_sheets(content, filename)
    cells = sum(len(sheet.rows) * len(sheet.rows[0]) for sheet in tables.sheets)
    if tables.kind is Kind.XLSX and cells <= MOST_LOADED_CELLS:
        book = _loaded(content)
    else:
        book = _fresh(tables.sheets)
    _mark(book, errors)
    _list(book, errors)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _loaded(content: bytes) -> openpyxl.Workbook:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content))
    # The library raises whatever a malformed part makes it stumble over.
    except Exception as error:
        raise Unreadable(*DAMAGED) from error
    if ERROR_SHEET in book.sheetnames and len(book.sheetnames) > 1:
        del book[ERROR_SHEET]
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                _unmark(cell)
    return book


def _unmark(cell: object) -> None:
    if not isinstance(cell, BookCell):
        return
    if cell.comment and cell.comment.author == AUTHOR:
        cell.comment = None
    if cell.has_style and cell.fill.fgColor.rgb == RED:
        cell.fill = PatternFill()


def _fresh(sheets: Iterable[Sheet]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        if sheet.name != ERROR_SHEET:
            page = book.create_sheet(
                sheet.name[:31].translate(str.maketrans("[]:*?/\\", "_______"))
            )
            for row, values in enumerate(sheet.rows, 1):
                for column, value in enumerate(values, 1):
                    _put(page, row, column, value)
    return book


def _put(page: Worksheet, row: int, column: int, value: Cell) -> None:
    """Write a value; text is stored as text, whatever it begins with."""
    if value in ("", None):
        return
    cell = page.cell(row, column)
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = storable(value)
    cell.data_type = "s"
    cell.number_format = AS_TEXT


def _mark(book: openpyxl.Workbook, errors: Sequence[CellError]) -> None:
    comments = 0
    reasons: dict[tuple[str, int, int], list[str]] = {}
    for error in errors:
        reasons.setdefault((error.sheet, error.row, error.column or 0), []).append(error.reason)
    for (sheet, row, column), texts in reasons.items():
        if sheet not in book.sheetnames:
            continue
        cell = book[sheet].cell(row + 1, column + 1)
        cell.fill = FILL
        # The hidden cells of a merged range take no comment.
        if isinstance(cell, BookCell) and comments < MOST_COMMENTS:
            cell.comment = Comment(storable("\n".join(texts)), AUTHOR, 120, 300)
            comments += 1


def _list(book: openpyxl.Workbook, errors: Sequence[CellError]) -> None:
    page = book.create_sheet(ERROR_SHEET)
    for column, (title, width) in enumerate(
        (("序号", 8), ("工作表", 20), ("位置", 10), ("原因与改法", 80)), 1
    ):
        page.cell(1, column, title).font = Font(bold=True)
        page.column_dimensions["ABCD"[column - 1]].width = width
    for number, error in enumerate(errors, 1):
        place = (
            f"第{error.row + 1}行" if error.column is None else cell_name(error.row, error.column)
        )
        values: tuple[Cell, ...] = (number, error.sheet, place, error.reason)
        for column, value in enumerate(values, 1):
            _put(page, number + 1, column, value)
    page.freeze_panes = "A2"
