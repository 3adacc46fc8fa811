"""Where a table's header is and which column holds what, under titles and notes (design §7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from office.spreadsheets.cells import Cell, as_text
from office.spreadsheets.grouped import BRACKETED, Grouping, field_of, joined, normalised
from office.spreadsheets.refusals import HEADING_ROWS

__all__ = ["BRACKETED", "SEARCHED_ROWS", "Grouping", "Header", "find_header", "normalised"]

SEARCHED_ROWS = HEADING_ROWS
# One known word alone may stand in a title or a note.
FEWEST_MATCHES = 2
NO_GROUPS = Grouping()


@dataclass(frozen=True, slots=True)
class Header:
    """The header row found: `columns` maps each field to its 0-based column.

    `labels` are the texts of the row as written, `unknown` those that no field took, `missing` the
    fields without a column, `duplicates` labels that mean a field which a column already took.
    """

    row_index: int
    columns: dict[str, int]
    labels: list[str]
    unknown: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)


def find_header(
    rows: Sequence[Sequence[Cell]],
    known: Mapping[str, Sequence[str]],
    *,
    chosen: Mapping[str, str | int | None] | None = None,
    row_index: int | None = None,
    grouping: Grouping = NO_GROUPS,
) -> Header | None:
    """The header among the first 20 rows, or None when no row holds enough known words.

    `known` lists for each field the headings that mean it. `chosen` is the officer's own mapping,
    which wins: a heading as written, a 0-based column, or None to leave the field out.
    `row_index` names the header row instead of searching for it. Labels of a heading of two rows
    have that of their group before them, where it says whose they are.
    """
    words = _words(known, chosen or {})
    if row_index is None:
        needed = 1 if chosen else min(FEWEST_MATCHES, len(set(words.values())))
        row_index = _best_row(rows, words, needed, grouping)
    if row_index is None or row_index >= len(rows):
        return None
    # What the officer chose changes no label: they are what the school remembers.
    labels, _ = _labels(rows, row_index, _words(known, {}), grouping)
    return _header(row_index, labels, words, known, chosen or {})


def _words(
    known: Mapping[str, Sequence[str]], chosen: Mapping[str, str | int | None]
) -> dict[str, str]:
    """Normalised heading → field; a field's own name counts too, the officer's choice first."""
    words: dict[str, str] = {}
    for name, heading in chosen.items():
        if isinstance(heading, str):
            words.setdefault(normalised(as_text(heading)), name)
    for name, headings in known.items():
        if name not in chosen:
            for heading in (*headings, name):
                words.setdefault(normalised(as_text(heading)), name)
    return words


def _best_row(
    rows: Sequence[Sequence[Cell]], words: Mapping[str, str], needed: int, grouping: Grouping
) -> int | None:
    """The row with the most known headings, at least `needed`; the first of equals.

    The lower row of a heading knows whatever the upper one does, and whose its columns are.
    """
    best, most = None, (0, 0)
    for index in range(min(SEARCHED_ROWS, len(rows))):
        labels, grouped = _labels(rows, index, words, grouping)
        found = len(_fields(labels, words))
        if found >= max(needed, 1) and (best is None or (found, grouped) > most):
            best, most = index, (found, grouped)
    return best


def _fields(labels: Iterable[str], words: Mapping[str, str]) -> set[str]:
    return {name for label in labels if (name := field_of(label, words))}


def _labels(
    rows: Sequence[Sequence[Cell]], index: int, words: Mapping[str, str], grouping: Grouping
) -> tuple[list[str], int]:
    """The row's texts, and how many belong to another person by the heading of their group.

    Under a heading merged over two rows the lower cell is empty, so look up.
    """
    labels = [as_text(value) for value in rows[index]]
    above = [as_text(value) for value in rows[index - 1]] if index else []
    grouped = joined(rows, index, labels, words, grouping)
    for column, label in enumerate(above[: len(labels)]):
        if not labels[column] and field_of(label, words):
            labels[column] = label
    return labels, grouped


def _header(
    row_index: int,
    labels: list[str],
    words: Mapping[str, str],
    known: Mapping[str, Sequence[str]],
    chosen: Mapping[str, str | int | None],
) -> Header:
    columns = {name: column for name, column in chosen.items() if isinstance(column, int)}
    taken = set(columns.values())
    unknown, duplicates = [], []
    for column, label in enumerate(labels):
        if not label or column in taken:
            continue
        name = field_of(label, words)
        if name is None:
            unknown.append(label)
        elif name in columns:
            duplicates.append(label)
        else:
            columns[name] = column
    missing = [name for name in known if name not in columns]
    return Header(row_index, columns, labels, unknown, missing, duplicates)
