"""Where a table's header is and which column holds what, under titles and notes (design §7)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from office.spreadsheets.cells import Cell, as_text
from office.spreadsheets.refusals import HEADING_ROWS

SEARCHED_ROWS = HEADING_ROWS
# One known word alone may stand in a title or a note.
FEWEST_MATCHES = 2
DECORATION = re.compile(r"[\s★☆*＊※：:()（）\[\]【】“”\"'、，,。.]+")
BRACKETED = re.compile(r"[(（\[【].*?[)）\]】]")


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
) -> Header | None:
    """The header among the first 20 rows, or None when no row holds enough known words.

    `known` lists for each field the headings that mean it. `chosen` is the officer's own mapping,
    which wins: a heading as written, a 0-based column, or None to leave the field out.
    `row_index` names the header row instead of searching for it.
    """
    words = _words(known, chosen or {})
    if row_index is None:
        needed = 1 if chosen else min(FEWEST_MATCHES, len(set(words.values())))
        row_index = _best_row(rows, words, needed)
    if row_index is None or row_index >= len(rows):
        return None
    labels = _labels(rows, row_index, words)
    return _header(row_index, labels, words, known, chosen or {})


def normalised(label: str) -> str:
    """A heading without decoration, spaces, full-width forms and case."""
    return DECORATION.sub("", label).casefold()


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


def _field_of(label: str, words: Mapping[str, str]) -> str | None:
    found = words.get(normalised(label))
    return found or words.get(normalised(BRACKETED.sub("", label)))


def _best_row(rows: Sequence[Sequence[Cell]], words: Mapping[str, str], needed: int) -> int | None:
    """The row with the most known headings, at least `needed`; the first of equals."""
    best, most = None, max(needed, 1) - 1
    for index in range(min(SEARCHED_ROWS, len(rows))):
        matches = len(_fields(_labels(rows, index, words), words))
        if matches > most:
            best, most = index, matches
    return best


def _fields(labels: Iterable[str], words: Mapping[str, str]) -> set[str]:
    return {name for label in labels if (name := _field_of(label, words))}


def _labels(rows: Sequence[Sequence[Cell]], index: int, words: Mapping[str, str]) -> list[str]:
    """The row's texts; under a heading merged over two rows the lower cell is empty, so look up."""
    labels = [as_text(value) for value in rows[index]]
    above = [as_text(value) for value in rows[index - 1]] if index else []
    for column, label in enumerate(above[: len(labels)]):
        if not labels[column] and _field_of(label, words):
            labels[column] = label
    return labels


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
        name = _field_of(label, words)
        if name is None:
            unknown.append(label)
        elif name in columns:
            duplicates.append(label)
        else:
            columns[name] = column
    missing = [name for name in known if name not in columns]
    return Header(row_index, columns, labels, unknown, missing, duplicates)
