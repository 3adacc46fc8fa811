"""What headings mean at one school: what everybody's mean, and what its officer once said."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from office.spreadsheets.headers import normalised
from schools.models import School
from students.models import RosterHeading
from students.rules.roster.columns import KNOWN, LEFT_OUT, REQUIRED

Known = Mapping[str, Sequence[str]]
USUAL: Mapping[str, str] = {
    normalised(word): name for name, words in KNOWN.items() for word in words
}


def known_at(school: School) -> Known:
    """Column → headings; one that the school remembers means nothing else any more."""
    rows = RosterHeading.objects.for_school(school).values_list("heading", "column")
    told = {heading: column for heading, column in rows if not _never_left_out(heading, column)}
    if not told:
        return KNOWN
    found: dict[str, list[str]] = {
        column: [word for word in words if normalised(word) not in told]
        for column, words in KNOWN.items()
    }
    for heading, column in told.items():
        found.setdefault(column or LEFT_OUT, []).append(heading)
    return found


def learnt(sheet: Mapping[str, Any], columns: Mapping[str, int | None]) -> dict[str, str]:
    """Normalised heading → column, for what the officer says otherwise than everybody does.

    `sheet` is the layout of a sheet, `columns` his choice; '' leaves a heading out. A heading of a
    column that every file needs may be left out of one file, not of all that come.
    """
    chosen = {index: name for name, index in columns.items() if index is not None}
    found = {}
    for column in sheet["columns"]:
        heading = normalised(column["label"])[:64]
        name = chosen.get(column["index"], "")
        if not heading or _never_left_out(heading, name):
            continue
        if (name or heading in USUAL) and USUAL.get(heading, "") != name:
            found[heading] = name
    return found


def _never_left_out(heading: str, column: str) -> bool:
    return not column and USUAL.get(heading) in REQUIRED


def headings_of(sheet: Mapping[str, Any]) -> Iterable[str]:
    """The normalised headings of a sheet's layout."""
    return [normalised(column["label"])[:64] for column in sheet["columns"]]
