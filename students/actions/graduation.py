"""The day on which the last grade left, put right for everybody who graduated by one 升班."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from audit import moves
from audit.events import record
from audit.refusal import refuse_if
from schools import clock
from schools.models import Appointment
from students.graduation import graduation_period
from students.models import EnrolmentChange, SchoolClass, Student, YearRollover
from students.rules.enrolment import VERBS
from students.rules.proposals import by_operator
from students.rules.rollover import Graduate, why_not_correct_day


@transaction.atomic
def correct_graduation(
    *, rollover: YearRollover, left_on: date, reason: str, by: Appointment
) -> int:
    """Date the graduation of all who left by this 升班 anew; returns how many they are.

    Months are paid by the new day from then on; what is paid stays paid. Raises `Refused` for
    anyone but the school's officer, the same day, a day on which they can't have left, no reason.
    """
    row = moves.lock(rollover)
    changes = graduations_of(row)
    students = [c.student_id for c in changes]
    # In one order, so that whoever registers a change waits, or goes before.
    mine = Student.objects.filter(school_id=row.school_id, pk__in=students).order_by("pk")
    known = {s.pk: s for s in mine.select_for_update(of=("self",), no_key=True)}
    refuse_if(
        by_operator("毕业日期", "更正", school_id=row.school_id, by=by)
        + why_not_correct_day(
            graduates=[_graduate(c, known[c.student_id]) for c in changes],
            period=graduation_period(row.year),
            now=row.left_on,
            left_on=left_on,
            reason=reason,
            today=clock.today(),
        )
    )
    before = row.left_on
    _date_anew(row, changes, left_on)
    record(
        by=by,
        verb="rollover.correct_day",
        label="更正毕业日期",
        subject=row,
        at=clock.now(),
        facts={
            "year": row.year,
            "before": before.isoformat(),
            "left_on": left_on.isoformat(),
            "students": len(changes),
        },
        reason=reason.strip()[:120],
    )
    return len(changes)


def graduations_of(row: YearRollover) -> "QuerySet[Any]":
    """The graduations that this 升班 recorded, each with its neighbours in time."""
    others = EnrolmentChange.objects.filter(
        school_id=row.school_id, student_id=OuterRef("student_id"), kind__in=list(VERBS)
    )
    earlier = others.filter(pk__lt=OuterRef("pk")).order_by("-on")
    later = others.filter(pk__gt=OuterRef("pk")).order_by("on")
    found: QuerySet[Any] = EnrolmentChange.objects.filter(
        school_id=row.school_id,
        kind=EnrolmentChange.Kind.GRADUATE,
        on=row.left_on,
        # Whoever graduated singly on that day has another moment.
        recorded_at=row.done_at,
    ).annotate(
        moved_on=Subquery(earlier.values("on")[:1]), next_on=Subquery(later.values("on")[:1])
    )
    return found.order_by("student_id")


def _graduate(change: EnrolmentChange, student: Student) -> Graduate:
    # Who goes on in the next stage has entered anew, after he left.
    left = student.status == Student.Status.LEFT
    told = {name: getattr(change, name) for name in ("moved_on", "next_on")}
    return Graduate(student.name, student.entered_on if left else None, **told)


def _date_anew(row: YearRollover, changes: "QuerySet[Any]", left_on: date) -> None:
    before, row.left_on = row.left_on, left_on
    ids = [c.pk for c in changes]
    # Who came back and left again has another day of leaving.
    stayed = [c.student_id for c in changes if c.next_on is None]
    Student.objects.filter(school_id=row.school_id, pk__in=stayed).update(left_on=left_on)
    EnrolmentChange.objects.filter(school_id=row.school_id, pk__in=ids).update(on=left_on)
    SchoolClass.objects.filter(school_id=row.school_id, closed_on=before).update(closed_on=left_on)
    row.save(update_fields=["left_on"])
