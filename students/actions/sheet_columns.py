"""What an officer says of one sheet's columns: the file is read anew by it, and remembered."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit import moves
from audit.refusal import Reason, Refused
from schools.models import Appointment
from students.actions.headings import (
    drop_headings,
    keep_headings,
    note_dropped,
    note_headings,
)
from students.actions.roster_jobs import LONG_ROWS, read_again
from students.actions.rosters import correct_columns
from students.models import RosterImport
from students.rules.roster.tables import SheetColumns

NOTHING_CHOSEN = Reason("没有指明任何一列", "请至少指明姓名、身份证号和班级是哪一列")


@transaction.atomic
def correct_sheet(
    *, staged: RosterImport, sheet: int, columns: SheetColumns, by: Appointment
) -> RosterImport:
    """Read a file by these columns of a sheet and all that are headed alike, and remember them.

    `sheet` is its place in the layout. Raises `Refused` when the file can't be read so, or is not
    open any more; then nothing is remembered. A long file is read, and remembered, by a job.
    """
    if all(index is None for index in columns.values()):
        raise Refused([NOTHING_CHOSEN])
    row = moves.lock(staged)
    told = told_of(row, sheet, columns)
    if is_long_import(row):
        return read_again(staged=row, columns=told, by=by, remember=sheet)
    # First, so that the reading is by what holds from now on.
    school = row.school
    learnt = keep_headings(school=school, sheet=row.layout[sheet], columns=columns, by=by)
    done = correct_columns(staged=row, columns=told, by=by)
    note_headings(school=school, told=learnt, by=by)
    return done


@transaction.atomic
def restore_sheet(*, staged: RosterImport, sheet: int, by: Appointment) -> RosterImport:
    """Let a sheet's headings mean again what they mean everywhere, and read the file so."""
    row = moves.lock(staged)
    meant = drop_headings(school=row.school, sheet=row.layout[sheet])
    read = read_again if is_long_import(row) else correct_columns
    done = read(staged=row, columns=told_of(row, sheet, None), by=by)
    note_dropped(school=row.school, meant=meant, by=by)
    return done


def is_long_import(staged: RosterImport) -> bool:
    """Whether the file has so many rows that a job reads it."""
    return bool(staged.counts.get("rows", 0) > LONG_ROWS)


def told_of(staged: RosterImport, sheet: int, columns: SheetColumns | None) -> dict[str, Any]:
    """All corrections of a file with this one of a sheet in place of the one before."""
    first = _kind(staged.layout[0])
    told: dict[str, Any] = {}
    for name, value in staged.columns.items():
        # Files staged before corrections were kept by sheet have those of the first one bare.
        if isinstance(value, Mapping):
            told[name] = value
        else:
            told.setdefault(first, {})[name] = value
    told.pop(_kind(staged.layout[sheet]), None)
    return told | ({_kind(staged.layout[sheet]): dict(columns)} if columns else {})


def _kind(layout: Mapping[str, Any]) -> str:
    return str(layout.get("like", layout["sheet"]))
