"""Columns corrected while a file is written: the record of what was written stays."""

from collections.abc import Callable
from datetime import date

import pytest

from students.actions import apply_roster, correct_columns, rosters, stage_roster
from students.actions.sheet_columns import correct_sheet, restore_sheet
from students.models import RosterImport
from tests.cast import Cast
from tests.racing import meanwhile, race
from tests.students.rosters import roster

pytestmark = pytest.mark.race
DAY = date(2026, 9, 1)


Deed = Callable[[Cast, RosterImport], Callable[[], object]]
# 现住址 is left out: a word that the school would remember.
COLUMNS = {"name": 0, "id_number": 1, "grade": 3, "class_name": 4}


def by_file(cast: Cast, row: RosterImport) -> Callable[[], object]:
    return lambda: correct_columns(staged=row, columns={}, by=cast.operator)


def by_sheet(cast: Cast, row: RosterImport) -> Callable[[], object]:
    return lambda: correct_sheet(staged=row, sheet=0, columns=COLUMNS, by=cast.operator)


def as_usual(cast: Cast, row: RosterImport) -> Callable[[], object]:
    return lambda: restore_sheet(staged=row, sheet=0, by=cast.operator)


DEEDS: tuple[Deed, ...] = (by_file, by_sheet, as_usual)


def staged(
    cast: Cast, deed: Deed
) -> tuple[RosterImport, Callable[[], object], Callable[[], object]]:
    row = stage_roster(
        school=cast.school, content=roster(20), filename="名册.xlsx", by=cast.operator
    )
    return row, lambda: apply_roster(staged=row, by=cast.operator), deed(cast, row)


@pytest.mark.parametrize("deed", DEEDS)
def test_what_was_written_is_not_read_anew(committed: Cast, deed: Deed) -> None:
    row, write, correct = staged(committed, deed)
    outcome = race(
        lambda i: write() if i == 0 else correct(), organisation=committed.school, threads=32
    )
    row.refresh_from_db()
    assert row.status == "applied"
    assert row.counts["added"] == 20
    assert set(outcome) <= {"won", "Refused"}


@pytest.mark.parametrize("deed", DEEDS)
def test_without_the_lock_the_record_says_that_nobody_was_new(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch, deed: Deed
) -> None:
    row, write, correct = staged(committed, deed)
    judge = rosters.under_way

    def look(found: RosterImport) -> object:
        monkeypatch.setattr(rosters, "under_way", judge)
        meanwhile(write, organisation=committed.school, on=DAY)
        return judge(found)

    monkeypatch.setattr(rosters, "under_way", look)
    correct()
    row.refresh_from_db()
    assert row.status == "applied"
    assert row.counts["added"] == 0
