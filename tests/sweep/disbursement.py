"""The sweep's rows of the disbursement: a card, an award, a fund and a draft batch."""

from typing import Any

from disbursement.actions.batches import new_batch
from disbursement.models import (
    Award,
    BankRejection,
    PaymentBatch,
    PaymentLine,
    Recovery,
    SystemEntry,
)
from office import files
from schools import clock
from tests.cast import Staffed
from tests.disbursement import cases


def objects(staffed: Staffed) -> dict[str, Any]:
    """Rows of a term that no other sample uses."""
    its = cases.aid(staffed, cases.programme("sweep", stage=staffed.school.stage), "2025-1")
    someone = staffed.students[0]
    card = cases.card(its, someone, ready=False)
    award = Award.objects.create(
        school=staffed.school,
        student=someone,
        programme=its.programme,
        term=its.term,
        round=its.round,
        case=cases.case(its, someone),
        tier=its.tier,
        amount_fen=its.tier.amount_fen,
        granted_by=staffed.operator.person,
        granted_at=clock.now(),
    )
    batch = cases.draft(its)
    recovery = _recovery(staffed, _line(its, batch, award))
    entry = _entry(its)
    return {
        "entry_id": entry.pk,
        "duty_key": f"{entry.programme_id}-{entry.term.code}-{entry.month}",
        "recovery_id": recovery.pk,
        "card_id": card.pk,
        "award_id": award.pk,
        "batch_id": batch.pk,
        "rejection_id": _rejection(staffed, batch).pk,
        "fund_id": cases.recorded(its).pk,
    }


def _entry(its: cases.Aid) -> SystemEntry:
    found: SystemEntry = SystemEntry.objects.create(
        school=its.school,
        programme=its.programme,
        term=its.term,
        month=0,
        number=1,
        people=0,
        amount_fen=0,
        held={},
        entered_by=its.staffed.operator.person,
        entered_at=clock.now(),
    )
    return found


def _rejection(staffed: Staffed, batch: PaymentBatch) -> BankRejection:
    file = files.keep(
        organisation=staffed.school,
        name="x.txt",
        content=b"x",
        media_type="text/plain",
        purpose="bank_file",
        created_by=staffed.finance.person,
    )
    found: BankRejection = BankRejection.objects.create(
        school=staffed.school,
        batch=batch,
        reason="格式不符",
        file=file,
        profile="xlsx",
        sent_by=staffed.finance.person,
        sent_at=clock.now(),
        reported_by=staffed.finance.person,
        reported_at=clock.now(),
    )
    return found


def _line(its: cases.Aid, batch: PaymentBatch, award: Award) -> PaymentLine:
    paying = new_batch(its.school, its.programme, its.term, its.staffed.operator, 1, "", batch)
    PaymentBatch.objects.filter(pk=paying.pk).update(line_count=1, total_fen=1)
    found: PaymentLine = PaymentLine.objects.create(
        school=its.school,
        batch=paying,
        award=award,
        student=award.student,
        number=f"{paying.number}-0001",
        serial=1,
        name=award.student.name,
        class_name="x",
        bank="示范银行",
        card_number=cases.card_number(),
        amount_fen=1,
    )
    return found


def _recovery(staffed: Staffed, line: PaymentLine) -> Recovery:
    found: Recovery = Recovery.objects.create(
        school=staffed.school,
        award=line.award,
        line=line,
        amount_fen=1,
        reason="x",
        asked_by=staffed.operator.person,
        asked_at=clock.now(),
    )
    return found
