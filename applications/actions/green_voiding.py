"""A wrong registration of the 绿色通道 is voided: alone at first, by two once decided."""

from django.db import transaction
from django.urls import reverse

from applications.models import GreenEntry
from applications.rules import green as rules
from audit import moves
from audit.refusal import Reason, refuse_if
from office.actions import tell
from schools import clock
from schools.models import Appointment

WHAT_IS_WRONG = Reason("没有写作废的原因", "写明哪里登记错了")


@transaction.atomic
def void_green(*, entry: GreenEntry, reason: str, by: Appointment) -> GreenEntry:
    """The aid office voids what nobody has agreed to or settled; the row stays in sight.

    Raises `Refused` with every reason: another role, somebody has decided, no reason.
    """
    entry = moves.lock(entry)
    refuse_if(rules.why_not_void(entry, by=by) + _why_not_said(reason))
    return _made(entry, "void", by, reason, void_reason=_kept(reason))


@transaction.atomic
def ask_void_green(*, entry: GreenEntry, reason: str, by: Appointment) -> GreenEntry:
    """Ask that what somebody agreed to or settled be voided; until then it counts as before.

    Raises `Refused` with every reason: nobody has decided, it is asked already, no reason.
    """
    entry = moves.lock(entry)
    refuse_if(rules.why_not_ask_void(entry, by=by) + _why_not_said(reason))
    return _made(entry, "ask_void", by, reason, void_reason=_kept(reason))


@transaction.atomic
def confirm_void_green(*, entry: GreenEntry, by: Appointment) -> GreenEntry:
    """Another than asked agrees: the registration is void."""
    entry = moves.lock(entry)
    refuse_if(rules.why_not_answer_void(entry, "void", by=by))
    return _made(entry, "void", by, entry.void_reason)


@transaction.atomic
def decline_void_green(*, entry: GreenEntry, reason: str, by: Appointment) -> GreenEntry:
    """Another than asked says why it stays as it is; who asked is told."""
    entry = moves.lock(entry)
    reasons = rules.why_not_answer_void(entry, "decline_void", by=by)
    if not reason.strip():
        reasons.append(Reason("没有写不同意的原因", "写明为什么不作废"))
    refuse_if(reasons)
    asker = entry.ask_void_by
    entry = _made(
        entry, "decline_void", by, reason, ask_void_by=None, ask_void_at=None, void_reason=""
    )
    if asker is not None:
        tell(
            organisation=by.organisation,
            person=asker,
            title=f"{entry.student.name}{entry}没有作废：{_kept(reason)}"[:100],
            url=reverse("applications:green"),
        )
    return entry


def _why_not_said(reason: str) -> list[Reason]:
    return [] if reason.strip() else [WHAT_IS_WRONG]


def _kept(reason: str) -> str:
    return reason.strip()[:200]


def _made(
    entry: GreenEntry, verb: str, by: Appointment, reason: str, **changes: object
) -> GreenEntry:
    return moves.make(
        entry,
        verb,
        by=by,
        at=clock.now(),
        about_id=entry.student_id,
        reason=_kept(reason),
        facts={"item": entry.item, "amount_fen": entry.amount_fen},
        **changes,
    )
