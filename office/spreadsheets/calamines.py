"""Sheets of a workbook by way of calamine, within limits; also run as a process of its own.

On a damaged .xls the reader may ask for absurd amounts of memory and then ends its process, which
no exception handler survives. Such files are therefore read in a child with limited memory.
"""

import contextlib
import io
import json
import resource
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

from python_calamine import (
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from office.spreadsheets.biff import locked, oddities_of_xls
from office.spreadsheets.cells import Cell, as_text, column_name
from office.spreadsheets.delimited import too_many_rows
from office.spreadsheets.grouped import Range
from office.spreadsheets.oddities import Oddities
from office.spreadsheets.refusals import DAMAGED, HEADING_ROWS, OLD_PASSWORD, PASSWORD, Unreadable

# 100,000 rows of 60 columns and their heading; the reader holds the whole rectangle in memory.
MOST_ROWS = 100_000 + HEADING_ROWS
MAX_CELLS = MOST_ROWS * 60
# Up to here equal texts may be held as often as they stand: sharing them costs time.
FEW_CELLS = 1_200_000
MOST_SEEN = 20_000
LEAVES_ALONE = (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)
CHILD_MEMORY = 1024 * 1024 * 1024
CHILD_SECONDS = 60
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet with something in it. `rows[6][2]` is cell C7; an empty cell is '' or absent.

    Rows of a workbook are equally long; those of a CSV as long as they were. `hidden_rows` are
    those of a workbook that are not seen when it is opened; they are read like the others.
    `merged` are the ranges of merged cells that reach over several rows: top, left, bottom, right;
    what they show stands in their first cell alone. `groups` are those over several columns that
    begin where a heading is looked for.
    """

    name: str
    rows: list[list[Cell]]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    merged: tuple[Range, ...] = ()
    groups: tuple[Range, ...] = ()


def read_here(content: bytes, max_rows: int, max_columns: int) -> list[Sheet]:
    """The worksheets, read in this process; raises Unreadable."""
    try:
        with load_workbook(io.BytesIO(content)) as workbook:
            return _sheets(workbook, max_rows, max_columns)
    except (Unreadable, *LEAVES_ALONE):
        raise
    # A panic of the reader on a damaged file isn't an Exception.
    except BaseException as error:
        password = isinstance(error, PasswordError) or "password" in str(error).lower()
        raise Unreadable(*(PASSWORD if password else DAMAGED)) from error


def read_apart(content: bytes, max_rows: int, max_columns: int) -> list[Sheet]:
    """The worksheets, read in a child with 1 GB of memory and a minute; raises Unreadable."""
    command = [sys.executable, "-m", __name__, str(max_rows), str(max_columns)]
    try:
        child = subprocess.run(
            command, input=content, capture_output=True, cwd=ROOT, timeout=CHILD_SECONDS
        )
        answer = json.loads(child.stdout, object_hook=_dated)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise Unreadable(*DAMAGED) from error
    if "refused" in answer:
        raise Unreadable(*answer["refused"])
    return [
        Sheet(name, rows, hidden, frozenset(odd), tuple(map(tuple, long)), tuple(map(tuple, wide)))
        for name, rows, hidden, odd, long, wide in answer["sheets"]
    ]


def told(sheets: list[Sheet], found: Mapping[str, Oddities]) -> list[Sheet]:
    """The same sheets, told of formulas without a result and of hidden rows (`Oddities`)."""
    return [_told(sheet, found[sheet.name]) if sheet.name in found else sheet for sheet in sheets]


def _told(sheet: Sheet, odd: Oddities) -> Sheet:
    rows = sheet.rows
    width = len(rows[0]) if rows else 0
    for (row, column), text in sorted(odd.failed.items()):
        if row >= MOST_ROWS or column >= width:
            continue
        # Rows of nothing but formulas without a result were taken for empty ones at the end.
        rows.extend([""] * width for _ in range(len(rows), row + 1))
        rows[row][column] = text
    return replace(sheet, hidden_rows=frozenset(odd.hidden))


def check_size(rows: int, columns: int, max_rows: int, max_columns: int) -> int:
    """The number of cells of a sheet that reaches so far; raises Unreadable beyond a limit."""
    if rows > max_rows + HEADING_ROWS:
        raise too_many_rows(rows, max_rows)
    if columns > max_columns:
        raise Unreadable(
            f"表格有 {columns:,} 列（到 {column_name(columns - 1)} 列），超过 {max_columns} 列。",
            "请删除右边不需要的列，保存后重新上传。",
        )
    if rows * columns > MAX_CELLS:
        raise Unreadable(
            f"表格范围有 {rows * columns:,} 个格子，超过 {MAX_CELLS:,} 个。",
            "请删除下面和右边不需要的行列，或拆成几个文件，再上传。",
        )
    return rows * columns


def trimmed(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Without the empty rows at the end, which a deleted list leaves behind."""
    last = len(rows)
    while last and not any(as_text(value) for value in rows[last - 1]):
        last -= 1
    del rows[last:]
    return rows


def _sheets(workbook: CalamineWorkbook, max_rows: int, max_columns: int) -> list[Sheet]:
    sheets = []
    cells = 0
    for index, about in enumerate(workbook.sheets_metadata):
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_index(index)
        cells += _cells(sheet, max_rows, max_columns)
        check_size(1, cells, max_rows, MAX_CELLS)
        many = cells > FEW_CELLS
        rows = (
            _shared(sheet)
            if many
            else cast(list[list[Cell]], sheet.to_python(skip_empty_area=False))
        )
        hidden = about.visible != SheetVisibleEnum.Visible
        # Of the old binary form a name may hold what no database takes.
        name = about.name.replace("\0", "")
        sheets.append(Sheet(name, trimmed(rows), hidden, frozenset(), *_merged(sheet)))
    return sheets


def _merged(sheet: CalamineSheet) -> tuple[tuple[Range, ...], tuple[Range, ...]]:
    """The ranges over several rows, and those over several columns where headings are."""
    ranges = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
    long = tuple(r for r in ranges if r[0] < r[2])
    return long, tuple(r for r in ranges if r[1] < r[3] and r[0] < HEADING_ROWS)


def _shared(sheet: CalamineSheet) -> list[list[Cell]]:
    """The rows from the first one on; a text that many cells hold is kept once, or a few times."""
    seen: dict[str, str] = {}
    share = seen.setdefault
    # The iterator begins at the first filled column.
    before = [""] * (sheet.start[1] if sheet.start else 0)
    rows: list[list[Cell]] = []
    for row in cast(Iterable[list[Any]], sheet.iter_rows()):
        rows.append([*before, *[share(v, v) if v.__class__ is str else v for v in row]])
        # Names and numbers all differ; remembering every one of them costs more than it saves.
        if len(seen) > MOST_SEEN:
            seen.clear()
    return rows


def _cells(sheet: CalamineSheet, max_rows: int, max_columns: int) -> int:
    if sheet.end is None:
        return 0
    return check_size(sheet.end[0] + 1, sheet.end[1] + 1, max_rows, max_columns)


def _plain(value: object) -> dict[str, str | float]:
    """A value that JSON lacks, under the name of its type."""
    if isinstance(value, timedelta):
        return {"timedelta": value.total_seconds()}
    if isinstance(value, date | time):
        return {type(value).__name__: value.isoformat()}
    raise TypeError(type(value).__name__)


def _dated(item: dict[str, object]) -> object:
    match item:
        case {"date": str(text)}:
            return date.fromisoformat(text)
        case {"datetime": str(text)}:
            return datetime.fromisoformat(text)
        case {"time": str(text)}:
            return time.fromisoformat(text)
        case {"timedelta": int() | float() as seconds}:
            return timedelta(seconds=seconds)
    return item


def main() -> None:
    """The child: the workbook on standard input, limits as arguments, JSON on standard output."""
    # Some systems can't limit it; the timeout still holds there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    try:
        content = sys.stdin.buffer.read()
        if locked(content):
            raise Unreadable(*OLD_PASSWORD)
        sheets = read_here(content, int(sys.argv[1]), int(sys.argv[2]))
        sheets = told(sheets, oddities_of_xls(content))
        answer: dict[str, object] = {
            "sheets": [
                (s.name, s.rows, s.hidden, sorted(s.hidden_rows), s.merged, s.groups)
                for s in sheets
            ]
        }
    except Unreadable as error:
        answer = {"refused": (error.reason, error.mend)}
    sys.stdout.write(json.dumps(answer, default=_plain))


if __name__ == "__main__":
    main()
