"""更正转出日期: one school proposes, the other agrees, a second person of the first one signs."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment
from students.actions.redating import beside_of, date_anew
from students.models import EnrolmentChange, Student, Transfer, TransferDay
from students.rules.proposals import by_operator
from students.rules.transfer_days import (
    WHAT,
    why_never,
    why_not_agree,
    why_not_decline,
    why_not_propose,
    why_not_refuse,
    why_not_restore,
    why_not_sign,
)
from students.transfer_queue import away_before, came_by, gone_by


@transaction.atomic
def propose_transfer_day(
    *, transfer: Transfer, on: date, seen: date, reason: str, by: Appointment
) -> TransferDay:
    """Ask the other school to agree that the student left on another day; nothing changes yet.

    `seen` is the day that the form showed. Raises `Refused` with all reasons of
    `students.rules.transfer_days.why_not_propose`, or while another correction is under way.
    """
    if by.organisation_id != transfer.school_id:
        raise Refused(by_operator(WHAT, "提请", school_id=transfer.school_id, by=by))
    row = moves.lock(transfer)
    if row.status != Transfer.Status.ACCEPTED:
        raise Refused(why_never(row))
    student = Student.objects.get(school_id=row.school_id, pk=row.student_id)
    change = gone_by(row)
    refuse_if(
        why_not_propose(
            transfer=row,
            change=change,
            student=student,
            beside=beside_of(change),
            on=on,
            seen=seen,
            reason=reason,
            today=clock.today(),
            by=by,
        )
    )
    made = _proposed(row, on, away_before(change), reason.strip()[:120], by)
    record(
        by=by,
        verb="transferday.propose",
        label="提请更正转出日期",
        subject=made,
        at=clock.now(),
        about_id=student.pk,
        facts=_facts(made),
        reason=made.reason,
    )
    return made


@transaction.atomic
def withdraw_transfer_day(*, day: TransferDay, by: Appointment) -> TransferDay:
    """Take back what the other school has not answered. Raises `Refused` for all but 经办."""
    row = _locked(day, "withdraw")
    found = by_operator(WHAT, "撤回", school_id=row.school_id, by=by)
    refuse_if([*moves.why_not(row, "withdraw"), *found])
    return moves.make(row, "withdraw", by=by, at=clock.now(), about_id=row.transfer.student_id)


@transaction.atomic
def agree_transfer_day(*, day: TransferDay, by: Appointment) -> TransferDay:
    """The receiver's word: its own record says from now on that he left the other school then.

    Raises `Refused` for anyone but the receiver's officer, when the student came there before that
    day, when the sender has put right meanwhile since when he was suspended, or when it is answered
    already.
    """
    row = _locked(day, "agree")
    there = came_by([row.transfer], row.to_school).get(row.transfer_id)
    if there is None:
        raise Refused(why_not_agree(day=row, there=None, url="", by=by))
    # The day of his coming is put right under the same lock.
    moves.lock(there.student)
    there.refresh_from_db()
    url = reverse("students:change_day", args=[there.pk])
    refuse_if(why_not_agree(day=row, there=there, url=url, by=by))
    _left(there, row.on)
    return _answered(row, "agree", {"taken": there.pk}, by, about_id=there.student_id)


@transaction.atomic
def decline_transfer_day(*, day: TransferDay, reason: str, by: Appointment) -> TransferDay:
    """The receiver says no, and why; nothing changes on either side."""
    row = _locked(day, "decline")
    refuse_if(why_not_decline(day=row, reason=reason, by=by))
    there = came_by([row.transfer], row.to_school).get(row.transfer_id)
    about_id = there.student_id if there else None
    return _answered(row, "decline", {"answer": reason.strip()[:120]}, by, about_id=about_id)


@transaction.atomic
def sign_transfer_day(*, day: TransferDay, by: Appointment) -> TransferDay:
    """Now the day changes at the sender: its 转出, the student's 离校日期, and the transfer.

    What is paid by the month goes by the new day; what is paid stays paid. Raises `Refused` for
    who proposed it, and when the day is not possible any more.
    """
    row = _locked(day, "sign")
    student = moves.lock(Student.objects.get(school_id=row.school_id, pk=row.transfer.student_id))
    transfer = moves.lock(row.transfer)
    row.transfer = transfer
    change = gone_by(transfer)
    beside = beside_of(change)
    refuse_if(
        why_not_sign(
            day=row,
            change=change,
            student=student,
            beside=beside,
            away_since=away_before(change),
            today=clock.today(),
            by=by,
        )
    )
    moves.make(row, "sign", by=by, at=clock.now(), about_id=student.pk, facts=_facts(row))
    date_anew(change, student, beside, row.on)
    # The wall lets an accepted transfer change its day only after the signature.
    transfer.on, transfer.away_since = row.on, row.away_since
    transfer.save(update_fields=["on", "away_since"])
    return row


@transaction.atomic
def refuse_transfer_day(*, day: TransferDay, reason: str, by: Appointment) -> TransferDay:
    """The second person says no, and why; the receiver goes back to the day before."""
    row = _locked(day, "refuse")
    refuse_if(why_not_refuse(day=row, reason=reason, by=by))
    told = reason.strip()[:120]
    return moves.make(
        row,
        "refuse",
        by=by,
        at=clock.now(),
        about_id=row.transfer.student_id,
        facts=_facts(row),
        reason=told,
        refusal=told,
    )


@transaction.atomic
def restore_transfer_day(*, day: TransferDay, by: Appointment) -> TransferDay:
    """The receiver's record says again what it said before it agreed.

    Raises `Refused` for anyone but the receiver's officer, and unless the other school's second
    person refused.
    """
    row = _locked(day, "restore")
    refuse_if(why_not_restore(day=row, by=by))
    there = EnrolmentChange.objects.get(school_id=row.to_school_id, pk=row.taken or 0)
    moves.lock(there.student)
    there.refresh_from_db()
    # One of before these days were told may lie before the day in force: it is told none again.
    known = there.on >= row.before
    _left(there, row.before if known else None)
    return _answered(row, "restore", {}, by, about_id=there.student_id)


def _proposed(
    row: Transfer, on: date, away_since: date | None, reason: str, by: Appointment
) -> TransferDay:
    try:
        with transaction.atomic():
            made: TransferDay = TransferDay.objects.create(
                school_id=row.school_id,
                transfer=row,
                to_school_id=row.to_school_id,
                before=row.on,
                on=on,
                away_since=away_since,
                reason=reason,
                proposed_by=by.person,
                proposed_at=clock.now(),
            )
    except IntegrityError as error:
        if "transferday_open_once" not in str(error):
            raise
        mend = "请在“转学”中查看，办完之后再提请"
        raise Refused([Reason(f"{row.name}的转出日期正在更正", mend)]) from None
    return made


def _locked(day: TransferDay, verb: str) -> TransferDay:
    # Once a school has moved it the other one may only read it, and so can't lock it.
    fresh = TransferDay.objects.get(pk=day.pk)
    try:
        return moves.lock(fresh)
    except TransferDay.DoesNotExist:
        told = moves.why_not(TransferDay.objects.get(pk=day.pk), verb)
        raise Refused(told or [Reason(f"{WHAT}由另一所学校办理", "请等对方办理")]) from None


def _answered(
    row: TransferDay, verb: str, changes: dict[str, Any], by: Appointment, about_id: int | None
) -> TransferDay:
    """The receiver's move: its own chain takes the event, since it can't write the other's."""
    return moves.make_for(
        row.to_school_id,
        row,
        verb,
        changes,
        by=by,
        at=clock.now(),
        about_id=about_id,
        facts=_facts(row),
        reason=changes.get("answer", ""),
    )


def _left(there: EnrolmentChange, on: date | None) -> None:
    there.left_other_on = on
    there.save(update_fields=["left_other_on"])


def _facts(row: TransferDay) -> dict[str, str | int]:
    return {
        "transfer": row.transfer_id,
        "before": row.before.isoformat(),
        "on": row.on.isoformat(),
    }
