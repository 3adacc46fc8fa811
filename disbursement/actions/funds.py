"""Money comes in by two persons, and what was mistyped goes back by two persons."""

from datetime import date

from django.db import transaction

from applications.models import Programme
from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from disbursement import ledger, rules
from disbursement.conflicts import explained
from disbursement.ledger import Purse
from disbursement.models import Fund, LedgerEntry
from schools import clock
from schools.models import Appointment, School, Term
from schools.roles import Role

FUND_KEEPERS = (Role.FINANCE,)
FUND_CHECKERS = (Role.REVIEWER, Role.LEADER)
SELF_CONFIRMED = "登记人不能确认自己登记的资金"
SELF_REVERSED = "登记或申请冲销的人不能冲销同一笔资金"
Kind = LedgerEntry.Kind


@transaction.atomic
def record_fund(
    *,
    school: School,
    programme: Programme,
    term: Term,
    document_no: str,
    amount_fen: int,
    received_on: date,
    by: Appointment,
) -> Fund:
    """Note money received for one programme and term under its document (rows 0-04, 2-20).

    It counts once a second person has confirmed it.
    """
    document_no = document_no.strip()
    problems = rules.why_not_here(by, school.pk, FUND_KEEPERS, "登记到账资金")
    if not document_no:
        problems.append(Reason("没有拨款文号", "请填写拨款文件的文号"))
    if amount_fen <= 0:
        problems.append(Reason("金额必须大于0", "请按到账通知填写"))
    if received_on > clock.today():
        problems.append(Reason("到账日期在今天之后", "请在资金到账之后登记"))
    refuse_if(problems)
    with explained():
        fund: Fund = Fund.objects.create(
            school=school,
            programme=programme,
            term=term,
            document_no=document_no,
            amount_fen=amount_fen,
            received_on=received_on,
            recorded_by_id=by.person_id,
            recorded_at=clock.now(),
        )
    record(
        by=by,
        verb="fund.record",
        label="登记到账资金",
        subject=fund,
        at=clock.now(),
        facts={"amount_fen": amount_fen, "programme": programme.code, "term": term.code},
    )
    return fund


@transaction.atomic
def confirm_fund(*, fund: Fund, by: Appointment) -> Fund:
    """The second person saw the notice of receipt; from here on the money may be spent."""
    fund = moves.lock(fund)
    refuse_if(
        rules.why_not_here(by, fund.school_id, FUND_CHECKERS, "确认到账资金")
        + moves.why_not(fund, "confirm")
        + rules.why_not_second(by, [fund.recorded_by_id], SELF_CONFIRMED)
    )
    with explained():
        ledger.book(
            kind=Kind.FUND,
            purse=Purse.of(fund),
            amount_fen=fund.amount_fen,
            cause=f"fund:{fund.pk}",
            by=by,
        )
        return moves.make(fund, "confirm", by=by, at=clock.now(), facts=_facts(fund))


@transaction.atomic
def discard_fund(*, fund: Fund, reason: str, by: Appointment) -> Fund:
    """What was mistyped goes before it counts: by who keeps funds, or by who should confirm it."""
    fund = moves.lock(fund)
    refuse_if(
        rules.why_not_here(by, fund.school_id, FUND_KEEPERS + FUND_CHECKERS, "作废到账资金")
        + moves.why_not(fund, "discard")
        + rules.why_no_reason(reason, "作废")
    )
    return moves.make(
        fund,
        "discard",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        facts=_facts(fund),
        back_reason=reason.strip()[:200],
    )


@transaction.atomic
def doubt_fund(*, fund: Fund, reason: str, by: Appointment) -> Fund:
    """Ask that confirmed money be booked back; until it is decided no batch may count on it.

    Raises `Refused` when batches already took what would be missing.
    """
    ledger.lock_purse(Purse.of(fund))
    fund = moves.lock(fund)
    refuse_if(
        rules.why_not_here(by, fund.school_id, FUND_KEEPERS, "申请冲销到账资金")
        + moves.why_not(fund, "doubt")
        + rules.why_no_reason(reason, "冲销")
        + why_not_missing(fund)
    )
    return moves.make(
        fund,
        "doubt",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        facts=_facts(fund),
        back_reason=reason.strip()[:200],
    )


def why_not_missing(fund: Fund) -> list[Reason]:
    """What was sent or frozen stays covered when this money goes."""
    free = ledger.free(Purse.of(fund))
    missing = (0 if fund.status == Fund.Status.DOUBTED else fund.amount_fen) - free
    if missing <= 0:
        return []
    text = f"这笔资金里有{rules.yuan(missing)}元已经用于发放，冲销之后资金不足"
    return [Reason(text, "未送银行的批次请先退回编制；已送银行的不能冲销，请先登记补足的资金")]


@transaction.atomic
def keep_fund(*, fund: Fund, reason: str, by: Appointment) -> Fund:
    """The second person finds the money right: it counts again."""
    fund = moves.lock(fund)
    refuse_if(
        rules.why_not_here(by, fund.school_id, FUND_CHECKERS, "答复冲销申请")
        + moves.why_not(fund, "keep")
        + rules.why_no_reason(reason, "不予冲销")
    )
    return moves.make(
        fund, "keep", by=by, at=clock.now(), reason=reason.strip(), facts=_facts(fund)
    )


@transaction.atomic
def reverse_fund(*, fund: Fund, by: Appointment) -> Fund:
    """The second person books confirmed money back; the document may then be recorded rightly."""
    ledger.lock_purse(Purse.of(fund))
    fund = moves.lock(fund)
    refuse_if(
        rules.why_not_here(by, fund.school_id, FUND_CHECKERS, "冲销到账资金")
        + moves.why_not(fund, "reverse")
        + rules.why_not_second(by, [fund.recorded_by_id, fund.doubt_by_id], SELF_REVERSED)
        + why_not_missing(fund)
    )
    with explained():
        ledger.book(
            kind=Kind.FUND_REVERSED,
            purse=Purse.of(fund),
            amount_fen=fund.amount_fen,
            cause=f"reversed:{fund.pk}",
            by=by,
        )
        return moves.make(
            fund, "reverse", by=by, at=clock.now(), reason=fund.back_reason, facts=_facts(fund)
        )


def _facts(fund: Fund) -> dict[str, object]:
    return {"document_no": fund.document_no, "amount_fen": fund.amount_fen}
