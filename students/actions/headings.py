"""Remember what a school's own headings mean, and forget it again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from audit.events import record
from schools import clock
from schools.models import Appointment, School
from students.models import RosterHeading
from students.rules.roster.columns import LABELS
from students.rules.roster.headings import headings_of, learnt
from students.rules.roster.tables import SheetColumns


@transaction.atomic
def remember_headings(
    *, school: School, sheet: Mapping[str, Any], columns: SheetColumns, by: Appointment
) -> int:
    """Keep what the officer said about a sheet's headings for the next file; returns how many.

    A heading of this sheet that means again what it means everywhere is forgotten.
    """
    told = keep_headings(school=school, sheet=sheet, columns=columns, by=by)
    note_headings(school=school, told=told, by=by)
    return len(told)


def keep_headings(
    *, school: School, sheet: Mapping[str, Any], columns: SheetColumns, by: Appointment
) -> Mapping[str, str]:
    """The rows of `remember_headings` in the caller's transaction; `note_headings` ends it.

    Apart, because whoever has written to the trail keeps all others waiting until he is done.
    """
    told = learnt(sheet, columns)
    rows = RosterHeading.objects.for_school(school)
    rows.filter(heading__in=set(headings_of(sheet)) - set(told)).delete()
    RosterHeading.objects.bulk_create(
        [
            RosterHeading(
                school=school,
                heading=heading,
                column=column,
                remembered_by=by.person,
                remembered_at=clock.now(),
            )
            for heading, column in told.items()
        ],
        update_conflicts=True,
        unique_fields=["school", "heading"],
        update_fields=["column", "remembered_by", "remembered_at"],
    )
    return told


def note_headings(*, school: School, told: Mapping[str, str], by: Appointment) -> None:
    """The trail of what was kept; none when that is nothing."""
    if told:
        _record(school, "roster.remember_headings", "记住表头", by, told.values())


@transaction.atomic
def forget_heading(*, heading: RosterHeading, by: Appointment) -> None:
    """Let a heading mean again what it means everywhere."""
    heading.delete()
    _record(heading.school, "roster.forget_heading", "忘记表头", by, [heading.column])


def drop_headings(*, school: School, sheet: Mapping[str, Any]) -> list[str]:
    """Forget all headings of a sheet, in the caller's transaction; what they had meant."""
    rows = RosterHeading.objects.for_school(school).filter(heading__in=set(headings_of(sheet)))
    meant = list(rows.values_list("column", flat=True))
    rows.delete()
    return meant


def note_dropped(*, school: School, meant: Sequence[str], by: Appointment) -> None:
    """The trail of what was forgotten; none when that is nothing."""
    if meant:
        _record(school, "roster.forget_heading", "忘记表头", by, meant)


def _record(school: School, verb: str, label: str, by: Appointment, columns: Iterable[str]) -> None:
    record(
        by=by,
        verb=verb,
        label=label,
        subject=school,
        at=clock.now(),
        organisation_id=school.pk,
        facts={"columns": sorted(LABELS.get(name, "不导入") for name in columns)},
    )
