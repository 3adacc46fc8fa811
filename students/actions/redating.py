"""更正异动日期: the day of one recorded change, put right for good; the months follow it."""

from datetime import date

from django.db import transaction

from audit import moves
from audit.events import record
from audit.refusal import refuse_if
from schools import clock
from schools.models import Appointment
from students.models import EnrolmentChange, Student, Transfer, TransferDay, YearRollover
from students.rules.enrolment import VERBS
from students.rules.redating import Beside, comes, why_not_redate
from students.transfer_queue import handed_by

Kind = EnrolmentChange.Kind


@transaction.atomic
def correct_change_day(
    *, change: EnrolmentChange, on: date, seen: date, reason: str, by: Appointment
) -> EnrolmentChange:
    """Date a change anew; what is paid by the month goes by the new day, what is paid stays paid.

    `seen` is the day that the form showed. Raises `Refused` for anyone but the school's officer,
    a day on the wrong side of the change before or after it, without a reason, and for what
    another school or a 升班 dated.
    """
    student = moves.lock(Student.objects.get(school_id=change.school_id, pk=change.student_id))
    row = EnrolmentChange.objects.get(school_id=student.school_id, pk=change.pk)
    beside = beside_of(row)
    refuse_if(
        why_not_redate(
            change=row,
            student=student,
            beside=beside,
            on=on,
            seen=seen,
            reason=reason,
            today=clock.today(),
            by=by,
        )
    )
    before = row.on
    date_anew(row, student, beside, on)
    _tell_there(row)
    record(
        by=by,
        verb="student.redate",
        label=f"更正{row.get_kind_display()}的日期",
        subject=student,
        at=clock.now(),
        about_id=student.pk,
        facts={"kind": row.kind, "before": before.isoformat(), "on": on.isoformat()},
        reason=reason.strip()[:120],
    )
    return row


def beside_of(change: EnrolmentChange) -> Beside:
    """What bounds the day of this change; they were recorded in the order of their days."""
    if change.kind not in VERBS:
        return Beside()
    others = EnrolmentChange.objects.filter(
        school_id=change.school_id, student_id=change.student_id, kind__in=list(VERBS)
    )
    days = others.values_list("on", flat=True)
    together = (
        change.kind == Kind.GRADUATE
        and YearRollover.objects.filter(
            school_id=change.school_id, left_on=change.on, done_at=change.recorded_at
        ).exists()
    )
    return Beside(
        earlier=days.filter(pk__lt=change.pk).order_by("-pk").first(),
        later=days.filter(pk__gt=change.pk).order_by("pk").first(),
        handed_over=handed_by(change) is not None,
        together=together,
        left_there=_left_there(change),
    )


def _tell_there(row: EnrolmentChange) -> None:
    """Who rested until another school took him: it reads of the transfer since when."""
    if row.kind != Kind.SUSPEND:
        return
    moved = EnrolmentChange.objects.filter(
        school_id=row.school_id, student_id=row.student_id, kind__in=list(VERBS), pk__gt=row.pk
    )
    then = moved.order_by("pk").first()
    transfer = handed_by(then) if then else None
    if transfer is None:
        return
    locked = moves.lock(transfer)
    # Sent back meanwhile it is the other school's no more.
    if locked.status in (Transfer.Status.SIGNED, Transfer.Status.ACCEPTED):
        locked.away_since = row.on
        locked.save(update_fields=["away_since"])


def _left_there(change: EnrolmentChange) -> date | None:
    """The day that the other school has until its correction, agreed to here, is at an end."""
    if change.kind != Kind.TRANSFER_IN:
        return None
    agreed = TransferDay.objects.filter(
        to_school_id=change.school_id,
        taken=change.pk,
        status__in=(TransferDay.Status.AGREED, TransferDay.Status.REFUSED),
    )
    before: date | None = agreed.values_list("before", flat=True).first()
    return before


def date_anew(row: EnrolmentChange, student: Student, beside: Beside, on: date) -> None:
    """Write the new day, and whatever of the student goes by it; the caller has judged it."""
    changed = []
    if comes(row, student, beside):
        student.entered_on = on
        changed.append("entered_on")
    last = row.kind in VERBS and beside.later is None
    if last and student.status == Student.Status.LEFT and VERBS[row.kind] == "leave":
        student.left_on = on
        changed.append("left_on")
    if changed:
        student.save(update_fields=changed)
    row.on = on
    row.save(update_fields=["on"])
