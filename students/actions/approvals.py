"""A head teacher's word that the roster of a class is right."""

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment, Term
from schools.roles import Role
from students.models import RosterApproval, SchoolClass
from students.rules.approval import ClassRoster, rosters_of


@transaction.atomic
def approve_roster(
    *, school_class: SchoolClass, term: Term, by: Appointment, digest: str = ""
) -> RosterApproval:
    """Approve the class's roster as it is now; `digest` is what the head teacher saw.

    Raises `Refused` when someone else leads the class, nobody is in it, the roster changed since
    it was looked at, or he approved exactly this roster this term already.
    """
    row = moves.lock(school_class)
    roster = rosters_of([row])[row.pk]
    refuse_if(_why_not_approve(row, roster, by, digest))
    try:
        with transaction.atomic():
            approval: RosterApproval = RosterApproval.objects.create(
                school_id=row.school_id,
                school_class=row,
                term=term,
                students=roster.students,
                digest=roster.digest,
                roll=roster.roll,
                approved_by=by.person,
                approved_at=clock.now(),
            )
    except IntegrityError as error:
        if "roster_approved_once" not in str(error):
            raise
        raise Refused([Reason(f"{row}的名册您本学期已经核对过", "名册变动后再核对")]) from None
    record(
        by=by,
        verb="class.approve_roster",
        label="核对名册",
        subject=row,
        at=clock.now(),
        facts={"term": term.code, "students": roster.students, "digest": roster.digest},
    )
    return approval


def _why_not_approve(
    row: SchoolClass, roster: ClassRoster, by: Appointment, digest: str
) -> list[Reason]:
    found = []
    if by.role != Role.HEAD_TEACHER or row.head_teacher_id != by.person_id:
        found.append(Reason(f"{row}的名册由班主任本人核对", "请班主任登录后核对"))
    if not roster.students:
        found.append(Reason(f"{row}没有在校学生", "请经办先导入名册"))
    if digest and digest != roster.digest:
        found.append(Reason("名册在您核对期间有变动", "请刷新页面，看过变动再确认"))
    return found
