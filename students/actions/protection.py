"""List a student as 困中之困 by one person's word; take him off by two."""

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if, why_not_said
from schools import clock
from schools.models import Appointment
from students.models import ProtectionWord, Student, hardships, protected
from students.rules.protection import (
    LONGEST,
    answers,
    proposes,
    why_not_list,
    why_not_lower,
)

Status = ProtectionWord.Status


@transaction.atomic
def list_protected(*, student: Student, reason: str, by: Appointment) -> ProtectionWord:
    """The student is protected before others from now on, whatever the rule says.

    Raises `Refused` without a reason, when he is listed already, or when he left.
    """
    row = moves.lock(student)
    held = _in_force(row)
    listed = any(word.listed for word in held)
    refuse_if(why_not_list(student=row, listed=listed, reason=reason, by=by))
    _end(held, by)
    made = _word(row, reason, by, listed=True, status=Status.FORCE)
    return _kept(made, "protectionword.list", "列为重点保障", by)


@transaction.atomic
def propose_lowering(*, student: Student, reason: str, by: Appointment) -> ProtectionWord:
    """Ask that a protected student be protected no more; a second person decides.

    It will hold while he is in no other hardships than now. Raises `Refused` without a reason, for
    someone who is not protected, and when it is asked already.
    """
    row = moves.lock(student)
    is_protected = Student.objects.filter(protected(clock.today()), pk=row.pk).exists()
    refuse_if(why_not_lower(student=row, is_protected=is_protected, reason=reason, by=by))
    made = _word(row, reason, by, listed=False, status=Status.PROPOSED)
    made.held = hardships(row, clock.today())
    return _kept(made, "protectionword.propose", "提请不列为重点保障", by)


@transaction.atomic
def sign_lowering(*, word: ProtectionWord, by: Appointment) -> ProtectionWord:
    """He is protected no more. Raises `Refused` for the person who proposed it."""
    student = moves.lock(word.student)
    row = moves.lock(word)
    refuse_if(
        [
            *moves.why_not(row, "sign"),
            *answers(row, by),
        ]
    )
    _end(_in_force(student), by)
    return moves.make(row, "sign", by=by, at=clock.now(), about_id=student.pk)


@transaction.atomic
def refuse_lowering(*, word: ProtectionWord, reason: str, by: Appointment) -> ProtectionWord:
    """He stays protected; the second person says why."""
    row = moves.lock(word)
    found = [
        *moves.why_not(row, "refuse"),
        *answers(row, by),
    ]
    found += why_not_said(reason, "没有写明退回的原因", "请填写，经办会看到")
    refuse_if(found)
    answer = reason.strip()[:LONGEST]
    return moves.make(
        row, "refuse", by=by, at=clock.now(), about_id=row.student_id, reason=answer, answer=answer
    )


@transaction.atomic
def withdraw_lowering(*, word: ProtectionWord, by: Appointment) -> ProtectionWord:
    """Take back what is not signed yet. Raises `Refused` for all but the school's officer."""
    row = moves.lock(word)
    refuse_if([*moves.why_not(row, "withdraw"), *proposes(row.school_id, by)])
    return moves.make(row, "withdraw", by=by, at=clock.now(), about_id=row.student_id)


def _in_force(student: Student) -> list[ProtectionWord]:
    rows = ProtectionWord.objects.filter(
        school_id=student.school_id, student=student, status=Status.FORCE
    )
    return list(rows)


def _end(words: list[ProtectionWord], by: Appointment) -> None:
    for word in words:
        moves.make(moves.lock(word), "end", by=by, at=clock.now(), about_id=word.student_id)


def _word(
    student: Student, reason: str, by: Appointment, *, listed: bool, status: str
) -> ProtectionWord:
    return ProtectionWord(
        school_id=student.school_id,
        student=student,
        listed=listed,
        reason=reason.strip()[:LONGEST],
        status=status,
        proposed_by=by.person,
        proposed_at=clock.now(),
    )


def _kept(made: ProtectionWord, verb: str, label: str, by: Appointment) -> ProtectionWord:
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        if "once" not in str(error):
            raise
        raise Refused([Reason("这名学生的重点保障正在办理", "请刷新页面，查看最新状态")]) from None
    record(
        by=by,
        verb=verb,
        label=label,
        subject=made,
        at=clock.now(),
        about_id=made.student_id,
        facts={"hardships": made.held},
        reason=made.reason,
    )
    return made
