"""Papers of a batch that leave the system: what was handed out is on the record."""

from typing import Any

from django.db import transaction

from audit.events import record
from audit.refusal import refuse_if
from disbursement import receipts, rules
from disbursement.models import PaymentBatch
from office.jobs import want_once
from office.models import Job
from schools import clock
from schools.models import Appointment
from schools.roles import Role

PRINTERS = (Role.OPERATOR, Role.FINANCE, Role.REVIEWER, Role.LEADER)


@transaction.atomic
def print_receipts(*, batch: PaymentBatch, class_name: str, by: Appointment) -> dict[str, Any]:
    """The values of one class's receipt sheet."""
    lines = receipts.lines_of(batch, class_name)
    refuse_if(
        rules.why_not_here(by, batch.school_id, PRINTERS, "打印签领表")
        + receipts.why_not(batch, lines)
    )
    _note(batch, len(lines), by)
    return receipts.values(batch, lines)


@transaction.atomic
def want_receipts(*, batch: PaymentBatch, by: Appointment) -> Job:
    """Ask for the receipt sheets of all classes as one PDF."""
    lines = receipts.lines_of(batch)
    refuse_if(
        rules.why_not_here(by, batch.school_id, PRINTERS, "打印签领表")
        + receipts.why_not(batch, lines)
    )
    wanted = want_once(
        kind="disbursement.receipts",
        label=f"签领表 {batch.number}",
        by=by,
        params={"batch": batch.pk},
    )
    _note(batch, len(lines), by)
    return wanted


def _note(batch: PaymentBatch, count: int, by: Appointment) -> None:
    record(
        by=by,
        verb="paymentbatch.receipts",
        label="打印签领表",
        subject=batch,
        at=clock.now(),
        facts={"rows": count},
    )
