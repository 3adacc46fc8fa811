"""Money comes in by two persons, and goes back by two."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError

from audit.models import Event
from audit.refusal import Refused
from disbursement import actions, ledger, queue
from disbursement.ledger import Purse
from disbursement.models import Fund, LedgerEntry
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid, commit, run_sql


def _record(its: Aid, **facts: Any) -> Fund:
    values: dict[str, Any] = {
        "document_no": "示财教〔2026〕18号",
        "amount_fen": AMOUNT,
        "received_on": date(2026, 11, 20),
        "by": its.staffed.finance,
    }
    return actions.record_fund(
        school=its.school, programme=its.programme, term=its.term, **{**values, **facts}
    )


def test_a_fund_is_recorded_once_per_document(its: Aid) -> None:
    _record(its)
    with pytest.raises(Refused, match="这个文号的资金已经登记过"):
        _record(its)
    assert ledger.balances(its.school)["fund"] == 0


def test_a_fund_is_refused_with_every_reason(its: Aid) -> None:
    with pytest.raises(Refused) as refused:
        _record(
            its,
            by=its.staffed.operator,
            document_no=" ",
            amount_fen=0,
            received_on=date(2026, 11, 25),
        )
    assert [r.text for r in refused.value.reasons] == [
        "您的职责不能登记到账资金",
        "没有拨款文号",
        "金额必须大于0",
        "到账日期在今天之后",
    ]


def test_what_came_in_today_is_recorded_today(its: Aid) -> None:
    assert _record(its, received_on=cases.PAY_DAY, amount_fen=1).amount_fen == 1


def test_the_other_schools_finance_can_not(its: Aid, cast: Cast) -> None:
    with pytest.raises(Refused, match="您的职责不能登记到账资金"):
        _record(its, by=cast.b.finance)


def test_money_counts_once_a_second_person_confirmed_it(all_ready: Aid) -> None:
    its, people = all_ready, all_ready.staffed
    fund = cases.recorded(its, 3 * AMOUNT)
    actions.grant_awards(round_=its.round, by=people.operator)
    batch = cases.draft(its)
    with pytest.raises(Refused) as refused:
        actions.freeze(batch=batch, by=people.finance)
    (reason,) = refused.value.reasons
    assert reason.text == "可用资金0.00元，本批需要3,450.00元，差3,450.00元"
    assert reason.mend == "已登记的3,450.00元还没有确认，请由审核人或分管领导确认到账"
    assert actions.confirm_fund(fund=fund, by=people.reviewer).status == "confirmed"
    assert ledger.balances(its.school)["fund"] == 3 * AMOUNT
    assert actions.freeze(batch=batch, by=people.finance).line_count == 3
    assert ledger.disagreements(its.school) == []


def test_who_recorded_does_not_confirm(its: Aid) -> None:
    fund = cases.recorded(its)
    with pytest.raises(Refused, match="您的职责不能确认到账资金"):
        actions.confirm_fund(fund=fund, by=its.staffed.finance)
    reviewer = its.staffed.reviewer
    reviewer.person_id = fund.recorded_by_id
    with pytest.raises(Refused, match="登记人不能确认自己登记的资金"):
        actions.confirm_fund(fund=fund, by=reviewer)
    assert LedgerEntry.objects.count() == 0


def test_what_nobody_confirmed_is_discarded_and_recorded_rightly(its: Aid) -> None:
    fund = _record(its, amount_fen=10 * AMOUNT)
    with pytest.raises(Refused, match="没有写明作废的原因"):
        actions.discard_fund(fund=fund, reason=" ", by=its.staffed.finance)
    fund = actions.discard_fund(fund=fund, reason="多写了一位", by=its.staffed.reviewer)
    assert (fund.status, fund.back_reason) == ("discarded", "多写了一位")
    with pytest.raises(Refused, match="现在是“已作废”，不能确认到账"):
        actions.confirm_fund(fund=fund, by=its.staffed.reviewer)
    assert _record(its).document_no == fund.document_no
    assert LedgerEntry.objects.count() == 0
    assert ledger.disagreements(its.school) == []


def test_confirmed_money_is_booked_back_by_two_persons(its: Aid) -> None:
    people = its.staffed
    fund = actions.confirm_fund(fund=_record(its), by=people.leader)
    with pytest.raises(Refused, match="现在是“已确认”，不能作废"):
        actions.discard_fund(fund=fund, reason="填错", by=people.finance)
    with pytest.raises(Refused, match="现在是“已确认”，不能冲销"):
        actions.reverse_fund(fund=fund, by=people.reviewer)
    fund = actions.doubt_fund(fund=fund, reason="金额与通知不符", by=people.finance)
    assert ledger.free(Purse.of(fund)) == 0
    assert ledger.disagreements(its.school) == []
    reviewer: Any = people.reviewer
    reviewer.person_id, kept = fund.doubt_by_id, reviewer.person_id
    with pytest.raises(Refused, match="登记或申请冲销的人不能冲销同一笔资金"):
        actions.reverse_fund(fund=fund, by=reviewer)
    reviewer.person_id = kept
    fund = actions.reverse_fund(fund=fund, by=reviewer)
    commit()
    assert fund.status == "reversed"
    assert ledger.balances(its.school) == dict.fromkeys(ledger.Account.values, 0)
    assert [e.kind for e in LedgerEntry.objects.order_by("pk")] == ["fund", "fund_reversed"]
    assert Event.objects.filter(verb="fund.reverse").get().reason == "金额与通知不符"
    assert ledger.disagreements(its.school) == []
    assert _record(its, amount_fen=2 * AMOUNT).status == "recorded"


def test_neither_who_recorded_nor_who_doubted_money_books_it_back(its: Aid) -> None:
    fund = actions.confirm_fund(fund=_record(its), by=its.staffed.leader)
    finance: Any = its.staffed.finance
    recorder, finance.person_id = finance.person_id, its.staffed.operator.person_id
    with pytest.raises(Refused, match="没有写明冲销的原因"):
        actions.doubt_fund(fund=fund, reason=" ", by=finance)
    fund = actions.doubt_fund(fund=fund, reason="金额与通知不符", by=finance)
    reviewer: Any = its.staffed.reviewer
    for person in (recorder, finance.person_id):
        reviewer.person_id = person
        with pytest.raises(Refused, match="登记或申请冲销的人不能冲销同一笔资金"):
            actions.reverse_fund(fund=fund, by=reviewer)
    assert actions.reverse_fund(fund=fund, by=its.staffed.leader).status == "reversed"


def test_not_a_fen_that_batches_count_on_is_booked_back(all_ready: Aid) -> None:
    its, finance = all_ready, all_ready.staffed.finance
    funds = [cases.fund(its, fen) for fen in (3 * AMOUNT - 1, 2, 1)]
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    actions.freeze(batch=cases.draft(its), by=finance)
    # Two fen are free.
    doubted = actions.doubt_fund(fund=funds[2], reason="填错", by=finance)
    with pytest.raises(Refused, match=r"这笔资金里有0\.01元已经用于发放"):
        actions.doubt_fund(fund=funds[1], reason="填错", by=finance)
    actions.keep_fund(fund=doubted, reason="与通知一致", by=its.staffed.reviewer)
    assert actions.doubt_fund(fund=funds[1], reason="填错", by=finance).status == "doubted"


def test_a_doubted_fund_may_be_kept(its: Aid) -> None:
    fund = actions.doubt_fund(fund=cases.fund(its), reason="存疑", by=its.staffed.finance)
    with pytest.raises(Refused, match="没有写明不予冲销的原因"):
        actions.keep_fund(fund=fund, reason="", by=its.staffed.reviewer)
    fund = actions.keep_fund(fund=fund, reason="与通知一致", by=its.staffed.reviewer)
    assert ledger.free(Purse.of(fund)) == fund.amount_fen


def test_money_that_batches_took_is_not_booked_back(all_ready: Aid) -> None:
    its, finance = all_ready, all_ready.staffed.finance
    batch = cases.frozen(its)
    fund = Fund.objects.get()
    with pytest.raises(Refused, match=r"这笔资金里有3,450\.00元已经用于发放"):
        actions.doubt_fund(fund=fund, reason="填错", by=finance)
    actions.thaw(batch=batch, reason="资金填错", by=finance)
    fund = actions.doubt_fund(fund=fund, reason="填错", by=finance)
    with pytest.raises(Refused, match="请等资金到账并登记后再办"):
        actions.freeze(batch=batch, by=finance)
    assert actions.reverse_fund(fund=fund, by=its.staffed.reviewer).status == "reversed"
    assert queue.made_by(batch, finance.person_id) == []


def test_money_that_was_sent_is_not_booked_back(all_ready: Aid) -> None:
    cases.sent(all_ready)
    with pytest.raises(Refused, match="已送银行的不能冲销"):
        actions.doubt_fund(fund=Fund.objects.get(), reason="错", by=all_ready.staffed.finance)


def test_the_other_schools_reviewer_can_not(its: Aid, cast: Cast) -> None:
    with pytest.raises(Refused, match="您的职责不能确认到账资金"):
        actions.confirm_fund(fund=cases.recorded(its), by=cast.b.reviewer)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("amount_fen = 0", "keeps what it is"),
        ("document_no = 'x'", "keeps what it is"),
        ("status = 'reversed'", "can not go from recorded to reversed"),
        ("status = 'doubted'", "can not go from recorded to doubted"),
        ("status = 'confirmed'", "fund_confirmed_stamp"),
        (
            "status = 'confirmed', confirm_by_id = recorded_by_id, confirm_at = now()",
            "fund_second_person",
        ),
        ("status = 'discarded'", "fund_discarded_stamp"),
    ],
)
def test_the_database_keeps_what_was_recorded(its: Aid, change: str, constraint: str) -> None:
    cases.recorded(its)
    with pytest.raises(DatabaseError, match=constraint):
        run_sql(f"UPDATE disbursement_fund SET {change}")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("doubt_at = NULL", "keeps what it is"),
        ("back_reason = ''", "keeps what it is"),
        # Who doubts does not take his name away to reverse it himself.
        ("doubt_by_id = confirm_by_id", "keeps what it is"),
        ("status = 'reversed'", "fund_reversed_stamp"),
        (
            "status = 'reversed', reverse_by_id = doubt_by_id, reverse_at = now()",
            "fund_reversed_stamp",
        ),
    ],
)
def test_the_database_asks_two_persons_for_a_reversal(
    its: Aid, change: str, constraint: str
) -> None:
    actions.doubt_fund(fund=cases.fund(its), reason="存疑", by=its.staffed.finance)
    with pytest.raises(DatabaseError, match=constraint):
        run_sql(f"UPDATE disbursement_fund SET {change}")


@pytest.mark.parametrize(
    "half",
    [
        "",
        ", doubt_at = now(), back_reason = '存疑'",
        ", doubt_by_id = recorded_by_id, back_reason = '存疑'",
        ", doubt_at = now(), doubt_by_id = recorded_by_id",
    ],
)
def test_the_database_asks_who_doubts_and_why(its: Aid, half: str) -> None:
    cases.fund(its)
    with pytest.raises(IntegrityError, match="fund_doubted_stamp"):
        run_sql(f"UPDATE disbursement_fund SET status = 'doubted'{half}")


def test_a_fund_is_never_deleted(its: Aid) -> None:
    cases.recorded(its)
    with pytest.raises(DatabaseError, match="stays"):
        run_sql("DELETE FROM disbursement_fund")
