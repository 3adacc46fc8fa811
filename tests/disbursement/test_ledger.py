"""The ledger: postings balance, once per cause, for ever; and every balance can be recomputed."""

import pytest
from django.db import DatabaseError, IntegrityError, connection

from disbursement import actions, ledger
from disbursement.ledger import Purse
from disbursement.models import LedgerEntry, LedgerPosting, PaymentLine
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid, commit, run_sql


def _balances(its: Aid) -> dict[str, int]:
    return ledger.balances(its.school, its.programme, its.term)


def test_balances_at_every_step(all_ready: Aid) -> None:
    its, finance = all_ready, all_ready.staffed.finance
    cases.fund(its, 4 * AMOUNT)
    assert _balances(its)["fund"] == 4 * AMOUNT
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    assert (_balances(its)["committed"], _balances(its)["payable"]) == (3 * AMOUNT, -3 * AMOUNT)
    batch = actions.freeze(batch=cases.draft(its), by=finance)
    assert _balances(its)["fund"] == 4 * AMOUNT
    batch = actions.approve(batch=batch, content_hash=batch.content_hash, by=its.staffed.reviewer)
    batch = actions.send(batch=batch, by=finance)
    assert (_balances(its)["in_transit"], _balances(its)["fund"]) == (3 * AMOUNT, AMOUNT)
    actions.apply_return(
        batch=batch, content=cases.answer(batch, {1: "账户未激活"}), filename="x", by=finance
    )
    assert _balances(its) == {
        "received": -4 * AMOUNT,
        "fund": 2 * AMOUNT,
        "committed": AMOUNT,
        "payable": -AMOUNT,
        "in_transit": 0,
        "paid": 2 * AMOUNT,
        "recovered": 0,
    }
    failed = PaymentLine.objects.get(status="failed").award
    actions.revoke(award=failed, reason="学生已转出", by=its.staffed.operator)
    assert _balances(its)["committed"] == 0
    assert ledger.disagreements(its.school) == []


def test_purses_are_kept_apart(its: Aid) -> None:
    cases.fund(its, AMOUNT)
    other = cases.aid(its.staffed, cases.programme("other"))
    assert ledger.available(Purse.of(its.round)) == AMOUNT
    assert ledger.available(Purse.of(other.round)) == 0


def test_a_missing_booking_is_found(all_ready: Aid) -> None:
    cases.fund(all_ready)
    cases.award_all(all_ready, [all_ready.staffed.students[0].cases.get(round=all_ready.round)])
    found = ledger.disagreements(all_ready.school)
    assert len(found) == 2
    assert "已确定未到账" in found[0]
    assert "台账0.00元，名单与明细1,150.00元" in found[0]


def test_a_cause_books_once(its: Aid) -> None:
    fund = cases.fund(its)
    with pytest.raises(IntegrityError, match="ledger_cause_once"):
        commit(lambda: _book(its, "fund", 1, f"fund:{fund.pk}"))


@pytest.mark.parametrize("table", ["ledgerentry", "ledgerposting"])
@pytest.mark.parametrize("change", ["UPDATE {} SET school_id = school_id", "DELETE FROM {}"])
def test_what_was_booked_stays(its: Aid, table: str, change: str) -> None:
    cases.fund(its)
    with pytest.raises(DatabaseError, match="append-only"):
        run_sql(change.format(f"disbursement_{table}"))


def _entry(its: Aid, cause: str) -> LedgerEntry:
    fund = cases.fund(its)
    return LedgerEntry.objects.create(
        school=its.school,
        kind="fund",
        on=fund.received_on,
        programme=its.programme,
        term=its.term,
        cause=cause,
        booked_by=its.staffed.finance.person,
        booked_at=fund.recorded_at,
    )


def test_an_entry_without_postings_is_refused(its: Aid) -> None:
    with pytest.raises(IntegrityError, match="does not balance"):
        commit(lambda: _entry(its, "nothing"))


def _crooked(its: Aid) -> None:
    entry = _entry(its, "crooked")
    for account, fen in (("fund", 5), ("received", -4)):
        LedgerPosting.objects.create(
            school=its.school, entry=entry, account=account, amount_fen=fen
        )


def test_an_entry_out_of_balance_is_refused(its: Aid) -> None:
    with pytest.raises(IntegrityError, match="does not balance"):
        commit(lambda: _crooked(its))


def _book(its: Aid, kind: str, fen: int, cause: str) -> None:
    purse = Purse.of(its.round)
    ledger.book(kind=kind, purse=purse, amount_fen=fen, cause=cause, by=its.staffed.finance)


def test_a_fund_is_never_spent_below_zero(its: Aid) -> None:
    cases.fund(its, 100)
    commit(lambda: _book(its, "sent", 100, "sent:0"))
    with pytest.raises(IntegrityError, match="more than the fund holds"):
        commit(lambda: _book(its, "sent", 1, "sent:1"))


@pytest.mark.parametrize("beside", ["programme", "term"])
def test_no_other_purse_pays_for_a_fund_below_zero(its: Aid, beside: str) -> None:
    other = (
        cases.aid(its.staffed, cases.programme("other"))
        if beside == "programme"
        else cases.aid(its.staffed, its.programme, "2026-2")
    )
    cases.fund(other, 1000)
    cases.fund(its, 100)
    with pytest.raises(IntegrityError, match="more than the fund holds"):
        commit(lambda: _book(its, "sent", 101, "sent:0"))
    commit(lambda: _book(its, "sent", 100, "sent:1"))
    assert (_balances(its)["fund"], _balances(other)["fund"]) == (0, 1000)


def test_the_check_acts_for_the_rows_school_when_nobody_does(its: Aid, cast: Cast) -> None:
    cases.fund(its)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('aid.scope', '', false)")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT current_setting('aid.scope')")
        assert cursor.fetchone()[0] == ""
        cursor.execute("SELECT set_config('aid.scope', %s, false)", [str(cast.school.pk)])
