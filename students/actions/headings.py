"""Remember what a school's own headings mean, and forget it again."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit.events import record
from schools import clock
from schools.models import Appointment, School
from students.models import RosterHeading
from students.rules.roster.columns import LABELS
from students.rules.roster.headings import headings_of, learnt
from students.rules.roster.tables import Columns


@transaction.atomic
def remember_headings(
    *, school: School, sheet: Mapping[str, Any], columns: Columns, by: Appointment
) -> int:
    """Keep what the officer said about a sheet's headings for the next file; returns how many.

    A heading of this sheet that means again what it means everywhere is forgotten.
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
    if told:
        record(
            by=by,
            verb="roster.remember_headings",
            label="记住表头",
            subject=school,
            at=clock.now(),
            organisation_id=school.pk,
            facts={"columns": sorted(LABELS.get(name, "不导入") for name in told.values())},
        )
    return len(told)


@transaction.atomic
def forget_heading(*, heading: RosterHeading, by: Appointment) -> None:
    """Let a heading mean again what it means everywhere."""
    record(
        by=by,
        verb="roster.forget_heading",
        label="忘记表头",
        subject=heading.school,
        at=clock.now(),
        organisation_id=heading.school_id,
        facts={"column": LABELS.get(heading.column, "不导入")},
    )
    heading.delete()
