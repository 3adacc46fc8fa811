"""Correct the plain facts of one student; what was changed and why is on the record."""

from collections.abc import Collection

from django.db import transaction

from audit import moves
from audit.events import record
from audit.refusal import refuse_if
from privacy.fields import blind_phone
from schools import clock
from schools.models import Appointment
from students.models import Student
from students.rules.facts import Facts, checked, why_not_correct
from students.rules.roster.entering import first_changes


@transaction.atomic
def correct_facts(
    *,
    student: Student,
    told: Facts,
    mark: str,
    reason: str,
    by: Appointment,
    drop: Collection[str] = (),
) -> list[str]:
    """Write the facts that differ; returns their names, which are all that the audit keeps.

    `mark` is `Facts.mark` of what the form was opened on. Sealed facts told empty stay, those in
    `drop` are emptied. Raises `Refused` with everything that is wrong, and when somebody has
    changed the student since.
    """
    row = moves.lock(student)
    now = Facts.of(row)
    first = first_changes(row.school_id, [row.pk]).get(row.pk)
    fair = checked(now, told, drop, today=clock.today(), born=row.birth_date, first=first)
    refuse_if(
        [*why_not_correct(student=row, now=now, mark=mark, reason=reason, by=by), *fair.reasons]
    )
    changed = now.differs(fair.told)
    for name in changed:
        setattr(row, name, getattr(fair.told, name))
    written = list(changed)
    if "phone" in changed:
        row.phone_blind = blind_phone(fair.told.phone) if fair.told.phone else None
        written.append("phone_blind")
    row.save(update_fields=written)
    record(
        by=by,
        verb="student.correct",
        label="更改学生信息",
        subject=row,
        at=clock.now(),
        about_id=row.pk,
        facts={"fields": changed},
        reason=reason.strip()[:120],
    )
    return changed
