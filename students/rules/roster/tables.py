"""The sheets of a file that are tables, and how their columns are understood."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from office.spreadsheets.cells import Cell, as_text, cell_name, column_name
from office.spreadsheets.headers import Header, find_header, normalised
from office.spreadsheets.marking import ERROR_SHEET
from office.spreadsheets.reading import Sheet, Unreadable, read_sheets
from students.rules.roster.columns import GIVES_WAY, LABELS, LEFT_OUT, UNSTORED, shown

UNSTORED_HEADINGS = frozenset(map(normalised, UNSTORED))
# {field: 0-based column, or None to leave the field out}, as the officer corrected it.
Columns = Mapping[str, int | None]
NO_HEADER = (
    "表格里没有找到表头。",
    "请在前20行中写一行表头，至少有“姓名”“身份证号”，再重新上传。",
)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet with its header."""

    sheet: Sheet
    header: Header

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


def tables_of(
    content: bytes,
    filename: str,
    known: Mapping[str, Sequence[str]],
    columns: Columns | None = None,
) -> list[Table]:
    """Every visible sheet with a header; `columns` corrects the sheets that look like the first.

    Raises `Unreadable` when the file can't be read or no sheet has a header.
    """
    found: list[Table] = []
    for sheet in read_sheets(content, filename).sheets:
        if sheet.hidden or sheet.name == ERROR_SHEET:
            continue
        header = find_header(sheet.rows, known)
        if header is None:
            continue
        if columns and (not found or header.labels == found[0].header.labels):
            corrected = find_header(sheet.rows, known, chosen=columns, row_index=header.row_index)
            header = corrected or header
        if not columns:
            _give_way(header, known)
        found.append(Table(sheet, header))
    if not found:
        raise Unreadable(*NO_HEADER)
    return found


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
