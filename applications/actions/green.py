"""绿色通道: register what a new student need not pay yet, waive with a second person, settle."""

from datetime import date

from django.db import IntegrityError, transaction

from applications.models import GreenEntry
from applications.rules import green as rules
from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment, Term
from students.models import Student

TWICE = Reason("这名学生的这项费用已经登记", "在原来的登记上办理")


@transaction.atomic
def register_green(
    *,
    student: Student,
    term: Term,
    kind: str,
    item: str,
    amount_fen: int,
    reason: str,
    by: Appointment,
    until: date | None = None,
) -> GreenEntry:
    """Register a fee (fen) that a new student pays later (`until`) or, once approved, never.

    Raises `Refused` with every reason: no new student of 普高 or 中职, no amount, no day, a fee
    that is registered already.
    """
    student = Student.objects.select_related("school_class").get(pk=moves.lock(student).pk)
    reasons = rules.why_not_register(
        student,
        term,
        kind=kind,
        amount_fen=amount_fen,
        reason=reason,
        until=until,
        by=by,
        today=clock.today(),
    )
    refuse_if(reasons + _why_not_item(student, term, item))
    waives = kind == GreenEntry.Kind.WAIVE
    entry = _kept(
        GreenEntry(
            school_id=student.school_id,
            student=student,
            term=term,
            kind=kind,
            item=item,
            amount_fen=amount_fen,
            reason=reason.strip()[:200],
            until=until,
            status=GreenEntry.Status.WAITING if waives else GreenEntry.Status.ACTIVE,
            registered_by=by.person,
            registered_at=clock.now(),
        )
    )
    _record(entry, by)
    return entry


def _why_not_item(student: Student, term: Term, item: str) -> list[Reason]:
    if item not in GreenEntry.Item.values:
        return [Reason("没有选择是什么费用", "选择一种")]
    live = (GreenEntry.Status.WAITING, GreenEntry.Status.ACTIVE)
    same = GreenEntry.objects.filter(
        school_id=student.school_id, student=student, term=term, item=item, status__in=live
    )
    return [TWICE] if same.exists() else []


def _kept(entry: GreenEntry) -> GreenEntry:
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:
        if "green_live_once" not in str(error):
            raise
        raise Refused([TWICE]) from None
    return entry


def _record(entry: GreenEntry, by: Appointment) -> None:
    record(
        by=by,
        verb="green.register",
        label="登记绿色通道",
        subject=entry,
        at=entry.registered_at,
        about_id=entry.student_id,
        facts={
            "kind": entry.kind,
            "item": entry.item,
            "amount_fen": entry.amount_fen,
            "term": entry.term.code,
        },
        reason=entry.reason,
    )


@transaction.atomic
def approve_green(*, entry: GreenEntry, by: Appointment) -> GreenEntry:
    """A second person agrees to a waiver."""
    entry = moves.lock(entry)
    refuse_if(rules.why_not_judge(entry, "approve", by=by))
    return _made(entry, "approve", by)


@transaction.atomic
def refuse_green(*, entry: GreenEntry, reason: str, by: Appointment) -> GreenEntry:
    """A second person does not agree to a waiver, and says why."""
    entry = moves.lock(entry)
    reasons = rules.why_not_judge(entry, "refuse", by=by)
    if not reason.strip():
        reasons.append(Reason("没有写不同意的原因", "写明原因，告诉学生怎么办"))
    refuse_if(reasons)
    return _made(entry, "refuse", by, reason)


@transaction.atomic
def settle_green(*, entry: GreenEntry, how: str, by: Appointment) -> GreenEntry:
    """What was put off was paid, or a grant covers it; `how` is kept.

    Raises `Refused` with every reason: a waiver, the person who registered it, no word of how.
    """
    entry = moves.lock(entry)
    refuse_if(rules.why_not_settle(entry, how, by=by))
    return _made(entry, "settle", by, how)


def _made(entry: GreenEntry, verb: str, by: Appointment, note: str = "") -> GreenEntry:
    note = note.strip()[:200]
    return moves.make(
        entry,
        verb,
        by=by,
        at=clock.now(),
        about_id=entry.student_id,
        reason=note,
        facts={"item": entry.item, "amount_fen": entry.amount_fen},
        **({"note": note} if note else {}),
    )
