"""The file for the bank: made from the frozen lines, kept, and the money in transit, at once."""

from django.db import transaction

from audit import moves
from audit.refusal import Reason, refuse_if
from disbursement import bank_files, content, ledger, queue, rules
from disbursement.content import Line
from disbursement.ledger import Purse
from disbursement.models import BankRejection, LedgerEntry, PaymentBatch
from office import bulk, files
from schools import clock
from schools.models import Appointment
from schools.roles import Role

SENDERS = (Role.FINANCE,)


@bulk.uncollected()
@transaction.atomic
def send(*, batch: PaymentBatch, by: Appointment, profile: str = "xlsx") -> PaymentBatch:
    """Check everything again, write the bank file, and say that it was sent.

    The file is on disk before the transaction commits: a crash leaves a file without a batch,
    never a sent batch without its file.
    """
    batch = moves.lock(batch)
    problems = rules.why_not_here(by, batch.school_id, SENDERS, "送银行")
    problems += moves.why_not(batch, "send")
    if profile not in bank_files.PROFILES:
        problems.append(Reason("没有这种银行格式", "请重新选择"))
    refuse_if(problems)
    ledger.lock_purse(Purse.of(batch))
    lines = content.opened(batch)
    refuse_if(why_not_send(batch, lines, profile))
    written = bank_files.write(profile, batch.number, [line.payment for line in lines])
    file = files.keep(
        organisation=batch.school,
        name=f"{batch.number}{_again(batch)}.{profile.partition('_')[0]}",
        content=written,
        media_type=bank_files.MEDIA[profile],
        purpose="bank_file",
        created_by=by.person,
    )
    ledger.book(
        kind=LedgerEntry.Kind.SENT,
        purse=Purse.of(batch),
        amount_fen=batch.total_fen,
        cause=_cause(batch),
        by=by,
    )
    return moves.make(
        batch,
        "send",
        by=by,
        at=clock.now(),
        profile=profile,
        bank_file=file,
        facts={"lines": len(lines), "total_fen": batch.total_fen, "sha256": file.sha256},
    )


def _again(batch: PaymentBatch) -> str:
    """`-2` for the sending after one that the bank refused as a whole; empty for the first."""
    refused = batch.rejections.filter(status=BankRejection.Status.CONFIRMED).count()
    return f"-{refused + 1}" if refused else ""


def _cause(batch: PaymentBatch) -> str:
    # One sending books once; the next one only after two persons said that the bank took nothing.
    return f"sent:{batch.pk}{_again(batch).replace('-', ':')}"


def why_not_send(batch: PaymentBatch, lines: list[Line], profile: str) -> list[Reason]:
    """Every reason of every line, the fund, the fingerprint, and characters the file can't hold."""
    checked = queue.checklist_of_lines(batch, lines, clock.today())
    found = rules.as_reasons(
        checked.held, rules.why_fund_short(batch.total_fen, ledger.available(Purse.of(batch)))
    )
    if found:
        found.append(Reason("冻结之后情况有变", "请退回编制，处理后重新冻结"))
    if content.fingerprint_of(lines) != batch.approved_hash:
        found.append(Reason("冻结的明细与审批的内容指纹不符", "请退回编制，重新冻结和审批"))
    found += [
        Reason(text, "请换一种银行格式")
        for text in bank_files.unwritable(profile, [line.payment for line in lines])
    ]
    return found
