"""The bank takes none of a file: reported by one person, confirmed by another, sent again."""

from typing import Any

from django.db import transaction

from audit import moves
from audit.events import record
from audit.refusal import refuse_if
from disbursement import ledger, rules
from disbursement.conflicts import explained
from disbursement.ledger import Purse
from disbursement.models import BankRejection, LedgerEntry, PaymentBatch
from schools import clock
from schools.models import Appointment
from schools.roles import Role

REPORTERS = (Role.FINANCE,)
CONFIRMERS = (Role.REVIEWER, Role.LEADER)
SELF_CONFIRMED = "登记退回或送出文件的人不能确认整批退回"


@transaction.atomic
def report_rejection(*, batch: PaymentBatch, reason: str, by: Appointment) -> BankRejection:
    """The bank took no line of the file; the batch stays sent until a second person confirms."""
    batch = moves.lock(batch)
    refuse_if(
        rules.why_not_here(by, batch.school_id, REPORTERS, "登记银行整批退回")
        + moves.why_not(batch, "reject")
        + rules.why_no_reason(reason, "银行退回")
    )
    with explained():
        found: BankRejection = BankRejection.objects.create(
            school_id=batch.school_id,
            batch=batch,
            reason=reason.strip()[:200],
            reported_by_id=by.person_id,
            reported_at=clock.now(),
            **_sending(batch),
        )
    record(
        by=by,
        verb="bankrejection.report",
        label="登记银行整批退回",
        subject=found,
        at=clock.now(),
        facts={"number": batch.number, "total_fen": batch.total_fen},
        reason=reason.strip(),
    )
    return found


def _sending(batch: PaymentBatch) -> dict[str, Any]:
    """What a sent batch says about its sending; confirmed, the batch forgets it."""
    return {
        "file": batch.bank_file,
        "profile": batch.profile,
        "sent_by_id": batch.send_by_id,
        "sent_at": batch.send_at,
    }


@transaction.atomic
def confirm_rejection(*, rejection: BankRejection, by: Appointment) -> PaymentBatch:
    """The second person asked the bank: the money is back in the fund, the batch approved again.

    Its lines are as they were, so nobody else can pay them meanwhile.
    """
    batch: PaymentBatch = moves.lock(rejection.batch)
    rejection = moves.lock(rejection)
    refuse_if(
        rules.why_not_here(by, batch.school_id, CONFIRMERS, "确认银行整批退回")
        + moves.why_not(rejection, "confirm")
        + moves.why_not(batch, "reject")
        + rules.why_not_second(by, [rejection.reported_by_id, batch.send_by_id], SELF_CONFIRMED)
    )
    with explained():
        moves.make(rejection, "confirm", by=by, at=clock.now(), reason=rejection.reason)
        ledger.book(
            kind=LedgerEntry.Kind.REJECTED,
            purse=Purse.of(batch),
            amount_fen=batch.total_fen,
            cause=f"rejected:{rejection.pk}",
            by=by,
        )
        return moves.make(
            batch,
            "reject",
            by=by,
            at=clock.now(),
            reason=rejection.reason,
            facts={"lines": batch.line_count, "total_fen": batch.total_fen},
            bank_file=None,
            send_by=None,
            send_at=None,
        )


@transaction.atomic
def dismiss_rejection(*, rejection: BankRejection, reason: str, by: Appointment) -> BankRejection:
    """The bank did take the file: the batch stays sent and waits for the bank's answer."""
    rejection = moves.lock(rejection)
    refuse_if(
        rules.why_not_here(by, rejection.school_id, REPORTERS + CONFIRMERS, "撤销整批退回的登记")
        + moves.why_not(rejection, "dismiss")
        + rules.why_no_reason(reason, "撤销")
    )
    return moves.make(
        rejection,
        "dismiss",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        dismiss_reason=reason.strip()[:200],
    )
