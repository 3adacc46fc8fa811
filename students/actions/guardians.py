"""Who the guardians of a student are; every change and every look at a number is on the record."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if, why_not_said
from privacy.fields import Sealed
from schools import clock
from schools.models import Appointment
from students.models import Guardian, Student
from students.rules.guardians import Told, checked, why_not_keep
from students.rules.sight import why_not_reveal

FIELDS: Mapping[str, str] = {"phone": "监护人电话", "id_number": "监护人证件号码"}


@transaction.atomic
def save_guardian(
    *, student: Student, told: Told, by: Appointment, guardian: Guardian | None = None
) -> Guardian:
    """Enter a guardian, or change one; a number left empty stays as it is.

    Raises `Refused` with everything that is wrong, and for a name that is there already.
    """
    of_whom = moves.lock(student)
    others = Guardian.objects.filter(school_id=of_whom.school_id, student=of_whom)
    fair = checked(told, today=clock.today())
    refuse_if([*why_not_keep(of_whom, 0 if guardian else others.count(), by), *fair.reasons])
    row = guardian and others.filter(pk=guardian.pk).first()
    if guardian is not None and row is None:
        raise Refused([Reason("这名监护人已经删去", "请刷新页面")])
    row = row or Guardian(school_id=of_whom.school_id, student=of_whom)
    changed = _put(row, fair.told)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "guardian_once" not in str(error):
            raise
        mend = "请在已有的那一行上更改"
        raise Refused([Reason(f"已登记名为“{row.name}”的监护人", mend)]) from None
    _record(row, by, "guardian.change" if guardian else "guardian.add", changed)
    return row


def _put(row: Guardian, told: Told) -> list[str]:
    """Take over what was told; returns which fields differ."""
    changed = [name for name in ("name", "relation") if getattr(row, name) != getattr(told, name)]
    row.name, row.relation = told.name, told.relation
    if told.phone and row.phone.reveal() != told.phone:
        row.phone = told.phone
        changed.append("phone")
    if told.id_number and row.id_number.reveal() != told.id_number:
        row.id_kind, row.id_number = told.id_kind, told.id_number
        changed.append("id_number")
    return changed


def _record(
    row: Guardian, by: Appointment, verb: str, changed: list[str], reason: str = ""
) -> None:
    labels = {
        "guardian.add": "登记监护人",
        "guardian.change": "更改监护人",
        "guardian.remove": "删去监护人",
    }
    record(
        by=by,
        verb=verb,
        label=labels[verb],
        subject=row,
        at=clock.now(),
        about_id=row.student_id,
        facts={"fields": changed},
        reason=reason,
    )


@transaction.atomic
def remove_guardian(*, guardian: Guardian, reason: str, by: Appointment) -> None:
    """Strike out a guardian who was entered by mistake or is none any more."""
    student = moves.lock(guardian.student)
    found = why_not_keep(student, 0, by)
    found += why_not_said(reason, "没有写删去的原因")
    row: Any = Guardian.objects.filter(school_id=student.school_id, pk=guardian.pk).first()
    if row is None:
        found.append(Reason("这名监护人已经删去", "请刷新页面"))
    refuse_if(found)
    _record(row, by, "guardian.remove", [], reason.strip()[:200])
    row.delete()


@transaction.atomic
def reveal_guardian(*, guardian: Guardian, field: str, reason: str, by: Appointment) -> str:
    """The clear value of one of `FIELDS`, once, for a reason.

    Raises `Refused` without a reason, or for someone who may not see it.
    """
    school_class = guardian.student.school_class
    refuse_if(why_not_reveal(by, school_class, known=field in FIELDS, reason=reason))
    record(
        by=by,
        verb="guardian.reveal",
        label=f"查看{FIELDS[field]}",
        subject=guardian,
        at=clock.now(),
        about_id=guardian.student_id,
        facts={"field": field},
        reason=reason.strip(),
    )
    value: Sealed = getattr(guardian, field)
    return value.reveal()
