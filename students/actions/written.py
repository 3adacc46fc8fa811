"""Mark a name that a list writes otherwise as checked (核对过), or take the mark back."""

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import record
from audit.refusal import Refused, refuse_if
from schools import clock
from schools.models import Appointment
from students.models import NameCheck, NameDifference
from students.rules.written import ALREADY, COMPARED_ANEW, why_not_check, why_not_recall

LONGEST_NOTE = 200


@transaction.atomic
def check_name(*, difference: NameDifference, note: str, by: Appointment) -> NameCheck:
    """It is our student though the list writes another name; he is open no more.

    Raises `Refused` for another role, when it is checked already, or when list or roster have
    another name since.
    """
    try:
        row = moves.lock(difference)
    except NameDifference.DoesNotExist as error:
        raise Refused([COMPARED_ANEW]) from error
    refuse_if(why_not_check(row, by))
    now = clock.now()
    made = NameCheck(
        school_id=row.school_id,
        student_id=row.student_id,
        rostered=row.rostered,
        written=row.written,
        note=note.strip()[:LONGEST_NOTE],
        checked_by=by.person,
        checked_at=now,
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        # The same writing on another list, marked at the same moment.
        raise Refused([ALREADY]) from error
    record(
        by=by,
        verb="namecheck.check",
        label="核对名单上的姓名",
        subject=made,
        at=now,
        about_id=row.student_id,
        facts={"group": row.group.code, "list": row.source_list_id, "differs": row.differs},
        reason=made.note,
    )
    return made


@transaction.atomic
def recall_check(*, check: NameCheck, by: Appointment) -> NameCheck:
    """The mark was a mistake: the name is open again."""
    row = moves.lock(check)
    refuse_if([*moves.why_not(row, "recall"), *why_not_recall(row, by)])
    return moves.make(row, "recall", by=by, at=clock.now(), about_id=row.student_id)
