"""What the page of one batch shows: steps, numbers, hands, held students, the bank's answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from disbursement import agreement, content, ledger, links, queue, rules
from disbursement.actions.batches import why_not_freeze
from disbursement.agreement import Agreement
from disbursement.ledger import Purse
from disbursement.models import AidCard, Award, PaymentBatch, PaymentLine
from disbursement.models.cards import LIVE_CARD
from disbursement.rules import Check, Checklist
from office.desk import Step
from schools import clock
from schools.models import Person

Status = PaymentBatch.Status
ORDER = (
    Status.DRAFT,
    Status.FROZEN,
    Status.APPROVED,
    Status.SENT,
    Status.RETURNED,
    Status.CLOSED,
)


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A student who waits, with every reason and where each is mended."""

    name: str
    class_name: str
    amount_fen: int
    reasons: list[str]
    links: list[tuple[str, str]]
    url: str


@dataclass(frozen=True, slots=True)
class Hand:
    """Who did what when; `who` is None while it is still to be done."""

    label: str
    icon: str
    duty: str
    who: Person | None
    at: datetime | None
    note: str


def of(batch: PaymentBatch) -> dict[str, Any]:
    """Everything the template needs, whatever the status."""
    if batch.status == Status.DRAFT:
        return _draft(batch)
    if batch.status == Status.DISCARDED:
        return {"steps": [], "held": [], "checks": [], "hands": []}
    agreed = agreement.of(batch)
    held = held_rows(batch)
    lines = _lines(batch)
    failed = [line for line in lines if line.status == PaymentLine.Status.FAILED]
    codes = [reason["code"] for entry in batch.held for reason in set_of(entry)]
    return {
        "agreed": agreed,
        "sums": _sums(batch, agreed),
        "held": held,
        "held_reasons": sum(len(row.reasons) for row in held),
        "held_fen": sum(row.amount_fen for row in held),
        "checks": _checks(batch, codes, agreed.lines.count, enough=True, frozen=True),
        "steps": _steps(batch, agreed.lines.count + len(held), len(held), len(failed)),
        "hands": _hands(batch, agreed),
        "fingerprint": content.short(batch.content_hash),
        "same": agreed.fingerprint == batch.content_hash,
        "failed": _returned(batch, failed),
        "failed_fen": sum(line.amount_fen for line in failed),
        "lines": lines,
        "classes": list(dict.fromkeys(line.class_name for line in lines)),
    }


def set_of(entry: dict[str, Any]) -> list[dict[str, str]]:
    """One reason per check, so that a student counts once in each."""
    return list({reason["code"]: reason for reason in entry["reasons"]}.values())


def _draft(batch: PaymentBatch) -> dict[str, Any]:
    today = clock.today()
    checked = queue.checklist(batch, today)
    free = ledger.free(Purse.of(batch), besides=batch.pk)
    held = [
        _held_row(c.award, c.card, [(str(h.check), h.text) for h in holds])
        for c, holds in checked.held
    ]
    codes = [code for _, holds in checked.held for code in {str(h.check) for h in holds}]
    enough = checked.total_fen <= free
    return {
        "checked": checked,
        "free_fen": free,
        "why_not": why_not_freeze(batch, checked),
        "grouped": rules.as_reasons(checked.held),
        "held": held,
        "held_reasons": sum(len(row.reasons) for row in held),
        "held_fen": sum(row.amount_fen for row in held),
        "checks": _checks(batch, codes, len(checked.passing), enough=enough),
        "steps": _steps(batch, _due(checked), len(held), 0),
        "hands": _hands(batch, None),
    }


def _due(checked: Checklist) -> int:
    return len(checked.passing) + len(checked.held)


def _lines(batch: PaymentBatch) -> list[PaymentLine]:
    return content.lines_of(batch)


def held_rows(batch: PaymentBatch) -> list[HeldRow]:
    """The held awards as they were when the batch froze, with today's cards for the links."""
    entries = {entry["award"]: entry["reasons"] for entry in batch.held}
    awards = (
        Award.objects.filter(school_id=batch.school_id, pk__in=entries)
        .select_related("student__school_class")
        .order_by("student__school_class__grade", "student__school_class__number", "pk")
    )
    found = list(awards)
    cards = _cards(batch, [award.student_id for award in found])
    return [
        _held_row(
            award,
            cards.get(award.student_id),
            [(reason["code"], reason["text"]) for reason in entries[award.pk]],
        )
        for award in found
    ]


def _cards(batch: PaymentBatch, students: Iterable[int]) -> dict[int, AidCard]:
    rows = AidCard.objects.filter(
        school_id=batch.school_id, student_id__in=list(students), status__in=LIVE_CARD
    )
    return {card.student_id: card for card in rows}


def _held_row(award: Award, card: AidCard | None, holds: Sequence[tuple[str, str]]) -> HeldRow:
    student = award.student
    found = (links.of_hold(code, text, student_id=student.pk, card=card) for code, text in holds)
    return HeldRow(
        name=student.name,
        class_name=student.school_class.name,
        amount_fen=award.amount_fen,
        reasons=[text for _, text in holds],
        links=list(dict.fromkeys(link for link in found if link[1])),
        url=links.student(student.pk),
    )


def _sums(batch: PaymentBatch, agreed: Agreement) -> list[dict[str, Any]]:
    less = f"（减去暂缓{len(batch.held)}人）" if batch.held else ""
    label = "上批退汇的名单" if batch.follows_id else "审定名单"
    sums = [
        {
            "label": f"{label}{less}",
            "value": agreed.awards.fen,
            "note": f"{agreed.awards.count}笔",
        },
        {
            "label": "冻结的发放明细",
            "value": agreed.lines.fen,
            "note": f"{agreed.lines.count}笔，{_moment(batch.freeze_at)}冻结",
        },
    ]
    if agreed.file is not None:
        sums.append(
            {
                "label": "银行文件",
                "value": agreed.file.fen,
                "note": f"{agreed.file.count}笔，{_moment(batch.send_at)}送出",
            }
        )
    return sums


def _checks(
    batch: PaymentBatch, codes: list[str], passing: int, *, enough: bool, frozen: bool = False
) -> list[dict[str, Any]]:
    """The checklist in words; who is held is out of a frozen batch, so there every check is met."""
    fund = ledger.balances(batch.school, batch.programme, batch.term)
    received = rules.yuan(-fund["received"])
    fine = {
        Check.APPLICATION: f"{passing}份申请有效",
        Check.MEANT: f"{passing}人符合项目的范围",
        Check.RECOGNITION: f"{passing}人全部有效",
        Check.NOTICE: f"{passing}人全部确认",
        Check.PRESENT: f"{passing}人在校",
        Check.UNIQUE: "没有疑似双学籍",
        Check.CARD: f"{passing}张卡可用",
        Check.REPEAT: "0人重复",
        Check.EXCLUSIVE: "0人冲突",
        Check.TERM: _term_note(batch),
        Check.FUND: f"到账{received}元，{'够用' if enough else '不够'}",
    }
    found = []
    for check in Check:
        held = codes.count(str(check))
        ok = frozen or (not held and (check != Check.FUND or enough))
        out = f"暂缓{held}人，不在本批" if frozen else f"暂缓{held}人"
        note = out if held else fine[check]
        found.append({"text": str(check.label), "note": note, "ok": ok})
    return found


def _term_note(batch: PaymentBatch) -> str:
    if batch.late_document:
        return f"跨学期，批准文号{batch.late_document}"
    month = _local(batch.freeze_at).month if batch.freeze_at else clock.today().month
    return f"{month}月属于本学期"


def _steps(batch: PaymentBatch, due: int, held: int, failed: int) -> list[Step]:
    """The seven steps: drafting and checking go together until the batch is frozen."""
    at = ORDER.index(Status(batch.status))
    count = f"{batch.line_count}笔"
    back = f"退汇{failed}笔" if failed else "全部到账"
    facts: list[tuple[str, str, datetime | None]] = [
        ("编制", f"{due}笔", batch.drafted_at),
        ("检查", f"暂缓{held}人" if held else "无暂缓", batch.freeze_at),
        ("冻结", _name(batch.freeze_by) or "财务", batch.freeze_at),
        ("审批", _name(batch.approve_by) or "第二人", batch.approve_at),
        ("送银行", count if at >= 3 else "", batch.send_at),
        ("回盘", back if at >= 4 else "", batch.settle_at),
        ("结清", "补发之后" if failed and at < 5 else "", batch.close_at),
    ]
    # Which step is under way in each status; a returned batch stands at its answer.
    now = (1, 3, 4, 5, 5 if failed else 6, 7)[at]
    return [
        Step(
            label=label,
            note=note,
            state="done" if i < now else "now" if i == now else "",
            until=_day(moment) if moment and i <= now else None,
        )
        for i, (label, note, moment) in enumerate(facts)
    ]


def _hands(batch: PaymentBatch, agreed: Agreement | None) -> list[Hand]:
    same = agreed is not None and agreed.fingerprint == batch.approved_hash
    fingerprint, count = content.short(batch.content_hash), batch.line_count
    approved = (
        f"核对内容指纹{fingerprint}，{'与现在的明细相同' if same else '与现在的明细不同'}"
        if batch.approve_by
        else "由审核人或分管领导审批，不能是编制或冻结的人"
    )
    return [
        Hand(
            "冻结",
            "lock",
            "财务",
            batch.freeze_by,
            batch.freeze_at,
            f"{count}笔明细已固定，之后不能修改" if batch.freeze_by else "固定明细和金额",
        ),
        Hand("审批", "badge-check", "审核", batch.approve_by, batch.approve_at, approved),
        Hand(
            "送银行",
            "upload",
            "财务",
            batch.send_by,
            batch.send_at,
            f"{count}笔，文件由冻结的明细生成" if batch.send_by else "再检查一次，生成银行文件",
        ),
    ]


def _returned(batch: PaymentBatch, failed: Sequence[PaymentLine]) -> list[dict[str, Any]]:
    """Each payment that came back, with every later payment of the same award in turn."""
    cards = _cards(batch, [line.student_id for line in failed])
    later: dict[int, list[PaymentLine]] = {line.award_id: [] for line in failed}
    lines = PaymentLine.objects.filter(school_id=batch.school_id, award__in=later)
    for line in lines.select_related("batch").order_by("pk"):
        later[line.award_id].append(line)
    return [
        {
            "line": line,
            "retries": [again for again in later[line.award_id] if again.pk > line.pk],
            "todo": _how(line, cards.get(line.student_id)),
        }
        for line in failed
    ]


def _how(line: PaymentLine, card: AidCard | None) -> tuple[str, str]:
    if card is None:
        return links.of_hold(Check.CARD, "没有资助卡", student_id=line.student_id, card=None)
    words = "通知本人持证激活" if "激活" in line.bank_note else "更正或登记新卡"
    return words, links.of_hold(Check.CARD, "", student_id=line.student_id, card=card)[1]


def _name(person: Person | None) -> str:
    return person.name if person else ""


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment)


def _day(moment: datetime) -> str:
    local = _local(moment)
    return f"{local.month}月{local.day}日"


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return f"{_day(moment)}{_local(moment):%H:%M}"
