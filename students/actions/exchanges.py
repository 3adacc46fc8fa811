"""交换证件号码: two students got each other's numbers; one proposal, one signature for both."""

from uuid import uuid4

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment
from students.models import IdentityCorrection, Student
from students.rules.corrections import Identity, exchanged, why_not_exchange


@transaction.atomic
def propose_exchange(
    *, first: Student, second: Student, reason: str, by: Appointment, enrolment: bool = True
) -> list[IdentityCorrection]:
    """Ask that two students exchange their documents' numbers, and with `enrolment` 学籍号 too.

    Birth date and sex go with a number that tells them. Made are two corrections that
    `sign_correction`, `refuse_correction` and `withdraw_correction` answer together. Raises
    `Refused` for one and the same student, without documents, or with a correction under way.
    """
    pair = sorted((first, second), key=lambda student: student.pk)
    rows = [moves.lock(student) for student in dict.fromkeys(pair)]
    refuse_if(why_not_exchange(students=rows, reason=reason, by=by))
    here, there = (Identity.of(row) for row in rows)
    told = [exchanged(here, there, enrolment), exchanged(there, here, enrolment)]
    shared = uuid4()
    made = []
    for row, now, after in zip(rows, (here, there), told, strict=True):
        half = IdentityCorrection(
            school_id=row.school_id,
            student=row,
            fields=now.differs(after),
            pair=shared,
            reason=reason.strip()[:120],
            proposed_by=by.person,
            proposed_at=clock.now(),
        )
        half.before, half.after = now.packed(), after.packed()
        made.append(half)
    _keep(made)
    for half in made:
        record(
            by=by,
            verb="identitycorrection.propose",
            label="提请交换证件号码",
            subject=half,
            at=clock.now(),
            about_id=half.student_id,
            facts={"fields": half.fields, "exchange": True},
            reason=half.reason,
        )
    return made


def _keep(made: list[IdentityCorrection]) -> None:
    for half in made:
        try:
            with transaction.atomic():
                half.save()
        except IntegrityError as error:
            if "correction_open_once" not in str(error):
                raise
            mend = "请先在“更正证件”中审核或撤回"
            raise Refused([Reason(f"{half.student.name}已有待审核的更正", mend)]) from None
