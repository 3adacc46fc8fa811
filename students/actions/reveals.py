"""Show one sealed value of a student once, to who may see it, for a reason, on the record."""

from collections.abc import Mapping

from django.db import transaction

from audit.events import record
from audit.refusal import Reason, refuse_if
from privacy.fields import Sealed
from schools import clock
from schools.models import Appointment
from students.models import Guardian, Student
from students.rules.sight import may_reveal, may_see_tags, why_not_reveal

FIELDS: Mapping[str, str] = {
    "id_number": "身份证号",
    "enrolment_no": "学籍号",
    "phone": "联系电话",
    "address": "家庭住址",
    "household_address": "户口所在地",
    "guardian_phone": "监护人电话",
    "disability": "残疾类型",
}


@transaction.atomic
def reveal(*, student: Student, field: str, reason: str, by: Appointment) -> str:
    """The clear value of one of `FIELDS`; `guardian_phone` is the first guardian's.

    Raises `Refused` without a reason, or for someone who may not see it.
    """
    refuse_if(_why_not_reveal(student, field, reason, by))
    record(
        by=by,
        verb="student.reveal",
        label=f"查看{FIELDS[field]}",
        subject=student,
        at=clock.now(),
        about_id=student.pk,
        facts={"field": field},
        reason=reason.strip(),
    )
    return _sealed(student, field)


def _sealed(student: Student, field: str) -> str:
    if field != "guardian_phone":
        value: Sealed = getattr(student, field)
        return value.reveal()
    guardian = (
        Guardian.objects.filter(school_id=student.school_id, student=student).order_by("pk").first()
    )
    return guardian.phone.reveal() if guardian else ""


def _why_not_reveal(student: Student, field: str, reason: str, by: Appointment) -> list[Reason]:
    its = student.school_class
    found = why_not_reveal(by, its, known=field in FIELDS, reason=reason)
    if field == "disability" and may_reveal(by, its) and not may_see_tags(by, its):
        found.append(Reason("残疾类型只有资助办和班主任可以查看", "请联系本校资助专干"))
    return found
