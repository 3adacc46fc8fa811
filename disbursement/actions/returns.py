"""The bank's answer, what is paid again, and when a batch is settled."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from disbursement import bank_files, ledger, rules
from disbursement.actions.batches import DRAFTERS, new_batch
from disbursement.bank_files import Answer, AnswerFile, Totals
from disbursement.conflicts import CONSTRAINTS, explained
from disbursement.ledger import Purse
from disbursement.models import (
    Award,
    BankRejection,
    BankReturn,
    LedgerEntry,
    PaymentBatch,
    PaymentLine,
)
from office import bulk, files
from office.spreadsheets.refusals import Unreadable
from schools import clock
from schools.models import Appointment
from schools.roles import Role

RECEIVERS = (Role.FINANCE,)
CLOSERS = (Role.FINANCE, Role.OPERATOR)
SHOWN = 5
Kind = LedgerEntry.Kind
Status = PaymentLine.Status
_PAID, _FAILED = Status.PAID.value, Status.FAILED.value


class Awaited(NamedTuple):
    """A line that the bank is to answer, as far as its answer is compared with it."""

    pk: int
    number: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Settled:
    """Count and fen of what arrived and of what came back."""

    paid: Totals
    failed: Totals


@bulk.uncollected()
@transaction.atomic
def apply_return(
    *, batch: PaymentBatch, content: bytes, filename: str, by: Appointment
) -> BankReturn:
    """Register the bank's answer: every line is settled or nothing is written.

    Rows are matched by our payment number alone; count, sum and each amount must agree.
    """
    batch = moves.lock(batch)
    sha256 = hashlib.sha256(content).hexdigest()
    refuse_if(rules.why_not_here(by, batch.school_id, RECEIVERS, "登记回盘"))
    if BankReturn.objects.filter(school_id=batch.school_id, sha256=sha256).exists():
        raise Refused([CONSTRAINTS["return_file_once"]])
    refuse_if(moves.why_not(batch, "settle") + why_not_rejected(batch))
    read = _read(content, filename)
    lines = _lines(batch)
    today = clock.today()
    refuse_if(why_not_apply(lines, read, today))
    settled = _settle(batch, lines, read.answers, today)
    found = _keep(batch, settled, content, sha256, by)
    _book(batch, settled, by)
    paid, failed = settled.paid, settled.failed
    moves.make(
        batch,
        "settle",
        by=by,
        at=clock.now(),
        facts={
            "paid": paid.count,
            "paid_fen": paid.fen,
            "failed": failed.count,
            "failed_fen": failed.fen,
        },
    )
    return found


def why_not_rejected(batch: PaymentBatch) -> list[Reason]:
    """A bank that took nothing answers no line; one of the two is wrong."""
    if not batch.rejections.filter(status=BankRejection.Status.REPORTED).exists():
        return []
    return [
        Reason(
            "已登记银行整批退回，还没有确认", "请先由审核人或分管领导确认；不属实的撤销后再登记回盘"
        )
    ]


def _lines(batch: PaymentBatch) -> list[Awaited]:
    rows = PaymentLine.objects.filter(school_id=batch.school_id, batch=batch).order_by("serial")
    return list(map(Awaited._make, rows.values_list("pk", "number", "amount_fen")))


def _read(uploaded: bytes, filename: str) -> AnswerFile:
    try:
        return bank_files.read_answer(uploaded, filename)
    except Unreadable as error:
        raise Refused([Reason(error.reason, error.mend)]) from error


def why_not_apply(lines: Sequence[Awaited], read: AnswerFile, today: date) -> list[Reason]:
    """Everything in the bank's rows that does not agree with our lines or with the day."""
    ours = {line.number: line for line in lines}
    seen = Counter(a.number for a in read.answers)
    found = _totals_differ(_totals(lines), read)
    found += _some("回盘里有本批次没有的付款编号", [n for n in seen if n not in ours])
    found += _some("回盘里缺少付款编号", [n for n in ours if n not in seen])
    found += _some("回盘里重复的付款编号", [n for n, times in seen.items() if times > 1])
    differing = [
        f"第{a.row}行{a.number}"
        for a in read.answers
        if a.number in ours and a.amount_fen != ours[a.number].amount_fen
    ]
    found += _some("金额与我方不同", differing)
    found += _some(
        "处理结果看不懂", [f"第{a.row}行“{a.result}”" for a in read.answers if a.paid is None]
    )
    # Nobody knows yet that money will have arrived.
    early = [f"第{a.row}行{a.on}" for a in read.answers if a.paid and a.on and a.on > today]
    found += _some("到账日期在今天之后", early)
    unread = [
        f"第{a.row}行“{a.said_on}”" for a in read.answers if a.paid and a.said_on and a.on is None
    ]
    return found + _some("到账日期看不懂", unread)


def _totals_differ(ours: Totals, read: AnswerFile) -> list[Reason]:
    rows = Totals(len(read.answers), sum(a.amount_fen or 0 for a in read.answers))
    found = []
    for label, theirs in (("明细", rows), ("合计", read.totals)):
        if theirs is not None and theirs != ours:
            found.append(
                Reason(
                    f"回盘{label}为{theirs.count}笔{rules.yuan(theirs.fen)}元，"
                    f"本批次为{ours.count}笔{rules.yuan(ours.fen)}元",
                    "请核对是不是本批次的回盘文件",
                )
            )
    return found


def _some(text: str, places: Sequence[str]) -> list[Reason]:
    if not places:
        return []
    more = f"等{len(places)}处" if len(places) > SHOWN else ""
    listed = "、".join(places[:SHOWN])
    return [Reason(f"{text}：{listed}{more}", "请向银行核实后重新上传", count=len(places))]


def _settle(
    batch: PaymentBatch, lines: Sequence[Awaited], answers: Sequence[Answer], today: date
) -> Settled:
    by_number = {a.number: a for a in answers}
    told = [by_number[line.number] for line in lines]
    changed = bulk.alter(
        PaymentLine,
        batch.school_id,
        [line.pk for line in lines],
        {
            "status": [_PAID if a.paid else _FAILED for a in told],
            "settled_on": [(a.on or today) if a.paid else None for a in told],
            "bank_note": [_note(a) for a in told],
        },
    )
    if changed != len(lines):
        raise Refused([Reason(f"{len(lines)}笔明细只登记上{changed}笔", "请刷新页面后再试")])
    paid = [line for line, a in zip(lines, told, strict=True) if a.paid]
    failed = [line for line, a in zip(lines, told, strict=True) if not a.paid]
    return Settled(_totals(paid), _totals(failed))


def _note(answer: Answer) -> str:
    note = answer.note[:96]
    return note if answer.paid else note or "银行没有说明原因"


def _keep(
    batch: PaymentBatch, settled: Settled, uploaded: bytes, sha256: str, by: Appointment
) -> BankReturn:
    paid, failed = settled.paid, settled.failed
    file = files.keep(
        organisation=batch.school,
        name=f"{batch.number}-回盘{'.xlsx' if uploaded[:2] == b'PK' else '.txt'}",
        content=uploaded,
        media_type="application/octet-stream",
        purpose="bank_return",
        created_by=by.person,
    )
    with explained():
        return BankReturn.objects.create(
            school_id=batch.school_id,
            batch=batch,
            file=file,
            sha256=sha256,
            paid_count=paid.count,
            paid_fen=paid.fen,
            failed_count=failed.count,
            failed_fen=failed.fen,
            applied_by_id=by.person_id,
            applied_at=clock.now(),
        )


def _book(batch: PaymentBatch, settled: Settled, by: Appointment) -> None:
    for kind, totals in ((Kind.PAID, settled.paid), (Kind.FAILED, settled.failed)):
        if totals.fen:
            ledger.book(
                kind=kind,
                purse=Purse.of(batch),
                amount_fen=totals.fen,
                cause=f"{kind}:{batch.pk}",
                by=by,
            )


def _totals(lines: Sequence[Awaited]) -> Totals:
    return Totals(len(lines), sum(line.amount_fen for line in lines))


@transaction.atomic
def follow_up(*, batch: PaymentBatch, by: Appointment) -> PaymentBatch:
    """A new draft that pays the failed lines again; the old batch is not touched."""
    batch = moves.lock(batch)
    problems = rules.why_not_here(by, batch.school_id, DRAFTERS, "编制补发批次")
    if batch.status != PaymentBatch.Status.RETURNED:
        problems.append(
            Reason(f"现在是“{batch.get_status_display()}”，不能补发", "回盘登记之后才能补发")
        )
    if not awards_to_retry(batch):
        problems += why_nothing_to_retry(batch)
    refuse_if(problems)
    found = new_batch(
        batch.school,
        batch.programme,
        batch.term,
        by,
        batch.instalment,
        batch.late_document,
        follows=batch,
    )
    record(
        by=by,
        verb="paymentbatch.follow_up",
        label="编制补发批次",
        subject=found,
        at=clock.now(),
        facts={"number": found.number, "follows": batch.number},
    )
    return found


def why_nothing_to_retry(batch: PaymentBatch) -> list[Reason]:
    """What came back was paid again or revoked, or it came back again from a later batch."""
    last = last_failures(batch)
    if not last:
        return [Reason("没有要补发的退汇", "退汇都已补发或取消")]
    return [
        Reason(
            f"补发批次{again.number}又被退汇",
            "请在那个批次里再补发",
            reverse("disbursement:batch", args=[again.pk]),
        )
        for again in last
    ]


def last_failures(batch: PaymentBatch) -> list[PaymentBatch]:
    """Later batches in which payments that came back here came back once more."""
    mine = PaymentLine.objects.filter(school_id=batch.school_id)
    last = mine.filter(award__in=unpaid_awards(batch), status=Status.FAILED, retried_by=None)
    return list(
        PaymentBatch.objects.filter(school_id=batch.school_id, pk__in=last.values("batch_id"))
        .exclude(pk=batch.pk)
        .order_by("pk")
    )


@transaction.atomic
def close(*, batch: PaymentBatch, by: Appointment) -> PaymentBatch:
    """结清: every line arrived, was paid again, or its award was revoked."""
    batch = moves.lock(batch)
    refuse_if(
        rules.why_not_here(by, batch.school_id, CLOSERS, "结清批次")
        + moves.why_not(batch, "close")
        + why_not_settled(batch)
    )
    return moves.make(batch, "close", by=by, at=clock.now())


def why_not_settled(batch: PaymentBatch) -> list[Reason]:
    """What came back and has not arrived otherwise."""
    return rules.why_not_close(_open_returns(batch))


def unpaid_awards(batch: PaymentBatch) -> list[int]:
    """Awards of failed lines that are still granted and that no line pays."""
    failed = PaymentLine.objects.filter(
        school_id=batch.school_id, batch=batch, status=Status.FAILED
    ).values("award_id")
    live = PaymentLine.objects.filter(
        school_id=batch.school_id, status__in=(Status.PENDING, Status.PAID)
    ).values("award_id")
    awards = Award.objects.filter(
        school_id=batch.school_id, pk__in=failed, status=Award.Status.GRANTED
    )
    return list(awards.exclude(pk__in=live).values_list("pk", flat=True))


def awards_to_retry(batch: PaymentBatch) -> list[int]:
    """Those of them that no follow-up took yet; what failed in one is retried from there."""
    untried = PaymentLine.objects.filter(
        school_id=batch.school_id, batch=batch, status=Status.FAILED, retried_by=None
    )
    unpaid = unpaid_awards(batch)
    return list(untried.filter(award_id__in=unpaid).values_list("award_id", flat=True))


def _open_returns(batch: PaymentBatch) -> dict[str, int]:
    pending = PaymentLine.objects.filter(
        school_id=batch.school_id,
        status=Status.PENDING,
        award__in=PaymentLine.objects.filter(
            school_id=batch.school_id, batch=batch, status=Status.FAILED
        ).values("award_id"),
    ).count()
    return {"还没有补发": len(unpaid_awards(batch)), "补发尚未到账": pending}
