"""The sheets of a file that are tables, and how their columns are understood."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from office.spreadsheets.cells import Cell, as_text, cell_name, column_name
from office.spreadsheets.headers import Grouping, Header, find_header, normalised
from office.spreadsheets.marking import ERROR_SHEET
from office.spreadsheets.reading import Sheet, Unreadable, read_sheets
from students.rules.roster.columns import GIVES_WAY, LABELS, LEFT_OUT, UNSTORED, shown
from students.rules.roster.parents import of_another, take_parents
from students.rules.roster.unread import Unread, beside, unread_of

UNSTORED_HEADINGS = frozenset(map(normalised, UNSTORED))
# {field: 0-based column, or None to leave the field out}, as the officer corrected it.
SheetColumns = Mapping[str, int | None]
# By the name of the first sheet of each kind of heading; a bare one is of the file's first kind.
Columns = SheetColumns | Mapping[str, SheetColumns]
# By one of these a sheet tells whom it is about.
PEOPLE = frozenset({"name", "id_number", "holder", "holder_id"})
NO_HEADER = (
    "表格里没有找到表头。",
    "请在前20行中写一行表头，至少有“姓名”“身份证号”，再重新上传。",
)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet with its header; `like` is the file's first sheet that is headed the same."""

    sheet: Sheet
    header: Header
    like: str = ""

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.sheet.name

    @property
    def columns(self) -> dict[str, int]:
        """Field → 0-based column."""
        return self.header.columns

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Index and cells of every row below the header that is not empty."""
        first = self.header.row_index + 1
        for index, cells in enumerate(self.sheet.rows[first:], first):
            if any(cells) or any(value not in ("", None) for value in cells):
                yield index, cells

    def place(self, field: str, row: int) -> str:
        """The cell of a field in a row, as the officer finds it."""
        return cell_name(row, self.columns[field])

    def layout(self) -> dict[str, Any]:
        """How the sheet was understood, with masked examples, for the page."""
        fields = {column: field for field, column in self.columns.items() if field != LEFT_OUT}
        first = next(self.rows(), None)
        return {
            "sheet": self.name,
            "like": self.like,
            "header_row": self.header.row_index + 1,
            "first": self.header.row_index + 2,
            "last": len(self.sheet.rows),
            "columns": [
                {
                    "index": index,
                    "letter": column_name(index),
                    "label": label,
                    "field": fields.get(index, ""),
                    "known": index not in fields and normalised(label) in UNSTORED_HEADINGS,
                    "example": self._example(index, fields.get(index, ""), first),
                }
                for index, label in enumerate(self.header.labels)
                if label or index in fields
            ],
        }

    def _example(self, index: int, field: str, first: tuple[int, Sequence[Cell]] | None) -> str:
        if first is None or index >= len(first[1]):
            return ""
        text = as_text(first[1][index])
        # An unknown column may hold anything; long digits are not shown.
        return (
            shown(field, text) if field else shown("id_number", text) if _long(text) else text[:20]
        )


def _long(text: str) -> bool:
    return sum(c.isdigit() for c in text) >= 7


@dataclass(frozen=True, slots=True)
class Tables:
    """The sheets of a file that are tables, in its order, and what was not read."""

    found: list[Table]
    unread: list[Unread]

    def __iter__(self) -> Iterator[Table]:
        return iter(self.found)


def tables_of(
    content: bytes,
    filename: str,
    known: Mapping[str, Sequence[str]],
    columns: Columns | None = None,
) -> Tables:
    """Every visible sheet with a header; `columns` corrects the sheets that are headed alike.

    Raises `Unreadable` when the file can't be read or no sheet has a header.
    """
    found: list[Table] = []
    left: list[tuple[Sheet, str]] = []
    kinds: dict[tuple[str, ...], str] = {}
    for sheet in read_sheets(content, filename).sheets:
        grouping = Grouping(sheet.groups, of_another)
        header = None if sheet.hidden else find_header(sheet.rows, known, grouping=grouping)
        if header is None or sheet.name == ERROR_SHEET:
            left.append((sheet, "hidden" if sheet.hidden else "headless"))
            continue
        like = kinds.setdefault(_labels(header), sheet.name)
        chosen = columns_for(columns, like, first=like == next(iter(kinds.values())))
        if chosen:
            corrected = find_header(
                sheet.rows, known, chosen=chosen, row_index=header.row_index, grouping=grouping
            )
            header = corrected or header
        else:
            _give_way(header, known)
            take_parents(header, known)
        found.append(Table(sheet, header, like))
    if not found:
        raise _no_table(left)
    return _without_notes(found, left)


def columns_for(columns: Columns | None, like: str, *, first: bool) -> SheetColumns:
    """How the officer corrected one kind of heading, the file's first or another; {} if not."""
    if not columns:
        return {}
    told: dict[str, SheetColumns] = {}
    bare: dict[str, int | None] = {}
    for name, value in columns.items():
        if isinstance(value, Mapping):
            told[name] = value
        else:
            bare[name] = value
    return told.get(like, {}) or (bare if first else {})


def _labels(header: Header) -> tuple[str, ...]:
    """What sheets headed alike share; empty cells behind the last heading don't count."""
    labels = list(header.labels)
    while labels and not labels[-1]:
        labels.pop()
    return tuple(labels)


def _no_table(left: Sequence[tuple[Sheet, str]]) -> Unreadable:
    """Nothing could be read; if everybody stands on a hidden sheet, that is why."""
    hidden = [unread_of(sheet, why, ()) for sheet, why in left if why == "hidden"]
    full = next((one for one in hidden if one.rows), None)
    if full is None or len(hidden) < len(left):
        return Unreadable(*NO_HEADER)
    return Unreadable(
        f"有内容的工作表都是隐藏的（“{full.sheet}”等）。",
        "请在表格里取消隐藏要导入的工作表，再重新上传。",
    )


def _without_notes(found: list[Table], left: list[tuple[Sheet, str]]) -> Tables:
    """Statistics and dictionaries have headings too, but none that tell whom they are about."""
    about = [table for table in found if not PEOPLE.isdisjoint(table.columns)]
    alike = [table.columns for table in about]
    unread = [unread_of(sheet, why, alike) for sheet, why in left]
    tables = []
    for table in found:
        if about and PEOPLE.isdisjoint(table.columns):
            notes = unread_of(table.sheet, "headless", alike)
            if not notes.rows:
                unread.append(notes)
                continue
        tables.append(table)
        above = unread_of(table.sheet, "above", (), table.header.row_index)
        unread += [one for one in (above, beside(table.sheet, table.header)) if one.rows]
    return Tables(tables, unread)


def _give_way(header: Header, known: Mapping[str, Sequence[str]]) -> None:
    """Another heading of the same column takes the place of the one that gives way."""
    for name, weak in GIVES_WAY.items():
        taken = header.columns.get(name)
        if taken is None or normalised(header.labels[taken]) != normalised(weak):
            continue
        strong = {normalised(word) for word in known.get(name, ())} - {normalised(weak)}
        for column, label in enumerate(header.labels):
            if label in header.duplicates and normalised(label) in strong:
                header.columns[name] = column
                break


def label_of(field: str) -> str:
    """What people call the column."""
    return LABELS.get(field, field)
