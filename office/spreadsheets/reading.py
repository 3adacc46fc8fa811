"""Any table that a school sends, read into rows of plain values (design §7)."""

import io
from dataclasses import dataclass
from pathlib import PurePath
from typing import cast

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from office.spreadsheets.archives import examine
from office.spreadsheets.cells import Cell, as_date, as_text, cell_name, column_name, is_float_id
from office.spreadsheets.delimited import read_delimited, too_many_rows
from office.spreadsheets.refusals import DAMAGED, PASSWORD, Unreadable
from office.spreadsheets.sniffing import Kind, sniff

__all__ = [
    "Cell",
    "Kind",
    "Sheet",
    "Unreadable",
    "Workbook",
    "as_date",
    "as_text",
    "cell_name",
    "is_float_id",
    "read_sheets",
]

MAX_ROWS = 100_000
MAX_COLUMNS = 200
# 100,000 rows of 60 columns; a reader holds the whole rectangle in memory.
MAX_CELLS = 6_000_000
LEAVES_ALONE = (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet with something in it. `rows[6][2]` is cell C7; an empty cell is '' or absent.

    Rows of a workbook are equally long; those of a CSV as long as they were.
    """

    name: str
    rows: list[list[Cell]]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets that aren't empty, in the file's order, and what kind of file it was."""

    sheets: list[Sheet]
    kind: Kind


def read_sheets(
    content: bytes, filename: str, *, max_rows: int = MAX_ROWS, max_columns: int = MAX_COLUMNS
) -> Workbook:
    """Read .xlsx, .xls, .et or CSV by content, whatever `filename` says.

    Raises Unreadable with a reason and a way to mend it: not a table, a password, damage, a zip
    bomb, XML entities, more than `max_rows` rows or `max_columns` columns, nothing inside.
    """
    kind = sniff(content)
    if kind is Kind.TEXT:
        rows = read_delimited(content, max_rows=max_rows, max_columns=max_columns)
        sheets = [Sheet(PurePath(filename).stem or "Sheet1", _trimmed(rows))]
    else:
        if kind is Kind.XLSX:
            for extent in examine(content, max_columns=max_columns):
                _check_size(extent.rows, extent.columns, max_rows, max_columns)
        sheets = _read_workbook(content, max_rows, max_columns)
    filled = [sheet for sheet in sheets if sheet.rows]
    if not filled:
        raise Unreadable("表格里没有内容。", "请确认数据已填写并保存，再重新上传。")
    return Workbook(filled, kind)


def _read_workbook(content: bytes, max_rows: int, max_columns: int) -> list[Sheet]:
    try:
        with load_workbook(io.BytesIO(content)) as workbook:
            return _sheets(workbook, max_rows, max_columns)
    except Unreadable:
        raise
    except PasswordError as error:
        raise Unreadable(*PASSWORD) from error
    except LEAVES_ALONE:
        raise
    # A panic of the reader on a damaged file isn't an Exception.
    except BaseException as error:
        if isinstance(error, CalamineError) and "password" in str(error).lower():
            raise Unreadable(*PASSWORD) from error
        raise Unreadable(*DAMAGED) from error


def _sheets(workbook: CalamineWorkbook, max_rows: int, max_columns: int) -> list[Sheet]:
    sheets = []
    cells = 0
    for index, about in enumerate(workbook.sheets_metadata):
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_index(index)
        cells += _checked_cells(sheet, max_rows, max_columns)
        if cells > MAX_CELLS:
            raise _too_wide(cells)
        rows = cast(list[list[Cell]], sheet.to_python(skip_empty_area=False))
        hidden = about.visible != SheetVisibleEnum.Visible
        sheets.append(Sheet(about.name, _trimmed(rows), hidden))
    return sheets


def _checked_cells(sheet: CalamineSheet, max_rows: int, max_columns: int) -> int:
    if sheet.end is None:
        return 0
    rows, columns = sheet.end[0] + 1, sheet.end[1] + 1
    _check_size(rows, columns, max_rows, max_columns)
    return rows * columns


def _check_size(rows: int, columns: int, max_rows: int, max_columns: int) -> None:
    if rows > max_rows:
        raise too_many_rows(rows, max_rows)
    if columns > max_columns:
        raise Unreadable(
            f"表格有 {columns:,} 列（到 {column_name(columns - 1)} 列），超过 {max_columns} 列。",
            "请删除右边不需要的列，保存后重新上传。",
        )
    if rows * columns > MAX_CELLS:
        raise _too_wide(rows * columns)


def _too_wide(cells: int) -> Unreadable:
    return Unreadable(
        f"表格范围有 {cells:,} 个格子，超过 {MAX_CELLS:,} 个。",
        "请删除下面和右边不需要的行列，或拆成几个文件，再上传。",
    )


def _trimmed(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Without the empty rows at the end, which a deleted list leaves behind."""
    last = len(rows)
    while last and not any(as_text(value) for value in rows[last - 1]):
        last -= 1
    del rows[last:]
    return rows
