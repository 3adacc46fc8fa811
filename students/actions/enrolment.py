"""Record what happened to an enrolment (学籍异动)."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment
from students.models import EnrolmentChange, SchoolClass, Student, Transfer
from students.rules.boarding import BECOMES
from students.rules.enrolment import LOWER, VERBS, why_not_change


@transaction.atomic
def change_enrolment(
    *,
    student: Student,
    kind: str,
    on: date,
    reason: str,
    by: Appointment,
    to_class: SchoolClass | None = None,
    transfer: Transfer | None = None,
) -> EnrolmentChange:
    """Record a change and let the student's status and class follow it.

    `transfer` is the one by which he comes from another school of the system.

    Raises `Refused` for a day that is still to come, a change that the present status does not
    allow, a class to which it can't lead, a missing class or reason.
    """
    row = moves.lock(student)
    before = row.school_class
    refuse_if(
        why_not_change(
            student=row,
            kind=kind,
            on=on,
            reason=reason,
            to_class=to_class,
            today=clock.today(),
            moved_on=_moved_on(row),
            boarded=_boarded(row) if kind in BECOMES else None,
            left_by=_left_by(row) if row.status == Student.Status.LEFT else "",
            majors=kind == EnrolmentChange.Kind.MAJOR_CHANGED and _has_majors(row.school_id),
            lowered_from=_lowered_from(row) if kind == EnrolmentChange.Kind.CLASS_CHANGED else None,
        )
    )
    change: EnrolmentChange = EnrolmentChange.objects.create(
        school_id=row.school_id,
        student=row,
        kind=kind,
        on=on,
        reason=reason.strip(),
        from_class=before if to_class else None,
        to_class=to_class,
        **left_there(transfer),
        recorded_by=by.person,
        recorded_at=clock.now(),
    )
    _follow(row, change, by)
    return change


def enter_again(*, student: Student, from_class: SchoolClass, reason: str, by: Appointment) -> None:
    """Record that who left `from_class` enters again today, where the roster has put him.

    In the caller's transaction, which has judged that it may be.
    """
    row = moves.lock(student)
    change = EnrolmentChange.objects.create(
        school_id=row.school_id,
        student=row,
        kind=EnrolmentChange.Kind.ENTER,
        on=clock.today(),
        reason=reason,
        from_class=from_class,
        to_class=row.school_class,
        recorded_by=by.person,
        recorded_at=clock.now(),
    )
    _follow(row, change, by)


def left_there(transfer: Transfer | None) -> dict[str, date | None]:
    """On which day who is transferred in left the other school, as his change tells it."""
    if transfer is None:
        return {}
    return {"left_other_on": transfer.on}


def _moved_on(row: Student) -> date | None:
    """The day of the latest change that moved the status."""
    moved = EnrolmentChange.objects.filter(
        school_id=row.school_id, student=row, kind__in=list(VERBS)
    )
    latest: date | None = moved.aggregate(latest=Max("on"))["latest"]
    return latest


def _left_by(row: Student) -> str:
    """The kind of change by which the student left last; empty when none was recorded."""
    leaves = [kind for kind, verb in VERBS.items() if verb == "leave"]
    gone = EnrolmentChange.objects.filter(school_id=row.school_id, student=row, kind__in=leaves)
    return gone.order_by("-on", "-pk").values_list("kind", flat=True).first() or ""


def _lowered_from(row: Student) -> int | None:
    """The class, higher now than the one it led to, from which a change put the student last."""
    lowered = EnrolmentChange.objects.filter(
        school_id=row.school_id,
        student=row,
        kind__in=[kind for kind, grades in LOWER.items() if grades],
        from_class__grade__gt=F("to_class__grade"),
    )
    return lowered.order_by("-pk").values_list("from_class", flat=True).first()


def _has_majors(school_id: int) -> bool:
    classes = SchoolClass.objects.filter(school_id=school_id, closed_on=None)
    return bool(classes.exclude(major="").exists())


def _boarded(row: Student) -> tuple[str, date] | None:
    """What was recorded last of the boarding, and from which day."""
    told = EnrolmentChange.objects.filter(
        school_id=row.school_id, student=row, kind__in=list(BECOMES)
    )
    last: tuple[str, date] | None = told.order_by("-pk").values_list("kind", "on").first()
    return last


def _follow(row: Student, change: EnrolmentChange, by: Appointment) -> None:
    """Move the student as the change says, and leave an audit line."""
    changes: dict[str, Any] = {}
    facts: dict[str, Any] = {"kind": change.kind, "on": change.on.isoformat()}
    if change.to_class_id:
        changes["school_class_id"] = change.to_class_id
        facts |= {"from_class": change.from_class_id, "to_class": change.to_class_id}
    if change.kind in BECOMES:
        changes["boarding"] = BECOMES[change.kind]
    verb = VERBS.get(change.kind)
    if verb is None:
        _keep(row, changes)
        record(
            by=by,
            verb=f"student.{change.kind}",
            label=change.get_kind_display(),
            subject=row,
            at=clock.now(),
            about_id=row.pk,
            facts=facts,
            reason=change.reason,
        )
        return
    if verb == "leave":
        changes["left_on"] = change.on
    if verb == "return_to_school":
        changes["left_on"] = None
    try:
        with transaction.atomic():
            moves.make(
                row,
                verb,
                by=by,
                at=clock.now(),
                reason=change.reason,
                about_id=row.pk,
                facts=facts,
                **changes,
            )
    except IntegrityError as error:
        raise _already_there(error, row) from None


def _keep(row: Student, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=list(changes))


def _already_there(error: IntegrityError, row: Student) -> Refused:
    if "once" not in str(error):
        raise error
    return Refused([Reason(f"名册中另有一条{row.name}的在籍记录", "请在那一条上登记异动")])
