"""Any table that a school sends, read into rows of plain values (design §7)."""

from dataclasses import dataclass
from pathlib import PurePath

from office.spreadsheets.archives import examine
from office.spreadsheets.calamines import (
    Sheet,
    check_size,
    read_apart,
    read_here,
    told,
    trimmed,
)
from office.spreadsheets.cells import Cell, as_date, as_text, cell_name, is_float_id
from office.spreadsheets.delimited import read_delimited
from office.spreadsheets.memory import give_back
from office.spreadsheets.oddities import oddities_of
from office.spreadsheets.refusals import Unreadable
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

# Of people: titles and the heading above them are not counted.
MAX_ROWS = 100_000
MAX_COLUMNS = 200
# A workbook of so many bytes leaves enough behind that returning it is worth ten milliseconds.
LARGE = 1024 * 1024


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
    bomb, XML entities, more than `max_rows` rows below the heading or `max_columns` columns,
    nothing inside.
    """
    kind = sniff(content)
    if kind is Kind.TEXT:
        rows = read_delimited(content, max_rows=max_rows, max_columns=max_columns)
        sheets = [Sheet(PurePath(filename).stem or "Sheet1", trimmed(rows))]
    elif kind is Kind.XLS:
        sheets = read_apart(content, max_rows, max_columns)
    else:
        for extent in examine(content, max_columns=max_columns):
            check_size(extent.rows, extent.columns, max_rows, max_columns)
        sheets = told(read_here(content, max_rows, max_columns), oddities_of(content))
    if len(content) > LARGE:
        give_back()
    filled = [sheet for sheet in sheets if sheet.rows]
    if not filled:
        raise Unreadable("表格里没有内容。", "请确认数据已填写并保存，再重新上传。")
    return Workbook(filled, kind)
