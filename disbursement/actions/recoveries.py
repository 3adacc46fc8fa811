"""Money found unjust after it was paid: one person asks for it, another decides, it comes back."""

from datetime import date

from django.db import transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from disbursement import ledger, rules
from disbursement.conflicts import explained
from disbursement.ledger import Purse
from disbursement.models import LedgerEntry, PaymentLine, Recovery
from schools import clock
from schools.models import Appointment
from schools.roles import Role

ASKERS = (Role.OPERATOR, Role.FINANCE)
DECIDERS = (Role.REVIEWER, Role.LEADER)
KEEPERS = (Role.FINANCE,)
SELF_DECIDED = "提出追回的人不能自己决定"


@transaction.atomic
def ask_back(*, line: PaymentLine, amount_fen: int, reason: str, by: Appointment) -> Recovery:
    """Ask that a payment that arrived be recovered, wholly or in part (row 2-22)."""
    problems = rules.why_not_here(by, line.school_id, ASKERS, "提出追回")
    if line.status != PaymentLine.Status.PAID:
        problems.append(Reason("这笔款没有到账，不用追回", "还没有付的请取消资助"))
    if not 0 < amount_fen <= line.amount_fen:
        problems.append(
            Reason("追回的金额不对", f"请填写不超过{rules.yuan(line.amount_fen)}元的金额")
        )
    refuse_if(problems + rules.why_no_reason(reason, "追回"))
    with explained():
        found: Recovery = Recovery.objects.create(
            school_id=line.school_id,
            award_id=line.award_id,
            line=line,
            amount_fen=amount_fen,
            reason=reason.strip()[:200],
            asked_by_id=by.person_id,
            asked_at=clock.now(),
        )
    record(
        by=by,
        verb="recovery.ask",
        label="提出追回",
        subject=found,
        about_id=line.student_id,
        at=clock.now(),
        facts={"amount_fen": amount_fen, "number": line.number},
        reason=reason.strip(),
    )
    return found


@transaction.atomic
def confirm_recovery(*, recovery: Recovery, by: Appointment) -> Recovery:
    """The second person decides that the money must come back."""
    recovery = moves.lock(recovery)
    refuse_if(
        rules.why_not_here(by, recovery.school_id, DECIDERS, "决定追回")
        + moves.why_not(recovery, "confirm")
        + rules.why_not_second(by, [recovery.asked_by_id], SELF_DECIDED)
    )
    with explained():
        return moves.make(
            recovery,
            "confirm",
            by=by,
            at=clock.now(),
            about_id=recovery.line.student_id,
            facts={"amount_fen": recovery.amount_fen},
            reason=recovery.reason,
        )


@transaction.atomic
def dismiss_recovery(*, recovery: Recovery, reason: str, by: Appointment) -> Recovery:
    """The payment was right after all."""
    recovery = moves.lock(recovery)
    refuse_if(
        rules.why_not_here(by, recovery.school_id, DECIDERS, "答复追回")
        + moves.why_not(recovery, "dismiss")
        + rules.why_no_reason(reason, "不予追回")
    )
    return moves.make(
        recovery,
        "dismiss",
        by=by,
        at=clock.now(),
        about_id=recovery.line.student_id,
        reason=reason.strip(),
        dismiss_reason=reason.strip()[:200],
    )


@transaction.atomic
def settle_recovery(
    *, recovery: Recovery, returned_on: date, voucher: str, by: Appointment
) -> Recovery:
    """The money is back, by its voucher: it may be spent again for the same programme and term."""
    recovery = moves.lock(recovery)
    problems = rules.why_not_here(by, recovery.school_id, KEEPERS, "登记追回到账")
    problems += moves.why_not(recovery, "settle")
    if not voucher.strip():
        problems.append(Reason("没有凭证号", "请填写收款凭证号"))
    if returned_on > clock.today():
        problems.append(Reason("到账日期在今天之后", "请在款项收到之后登记"))
    refuse_if(problems)
    with explained():
        ledger.book(
            kind=LedgerEntry.Kind.RECOVERED,
            purse=Purse.of(recovery.award),
            amount_fen=recovery.amount_fen,
            cause=f"recovered:{recovery.pk}",
            by=by,
        )
        return moves.make(
            recovery,
            "settle",
            by=by,
            at=clock.now(),
            about_id=recovery.line.student_id,
            facts={"amount_fen": recovery.amount_fen, "voucher": voucher.strip()},
            returned_on=returned_on,
            voucher=voucher.strip()[:64],
        )
