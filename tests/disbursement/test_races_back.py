"""64 people at once about money that comes in or goes back: one wins. Each race has its control."""

from typing import Any

import pytest

from disbursement import actions, ledger, queue
from disbursement.ledger import Purse
from disbursement.models import (
    Award,
    BankRejection,
    Fund,
    LedgerEntry,
    PaymentBatch,
    PaymentLine,
)
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid
from tests.disbursement.test_races import (
    ONE_WINNER,
    _race,
    _unguarded,
    _without,
    its,
    nothing_waits,
)
from tests.disbursement.test_recoveries import asked_back, paid, settled

__all__ = ["its", "nothing_waits"]
pytestmark = pytest.mark.race


def test_money_is_confirmed_once(its: Aid) -> None:
    fund = cases.recorded(its)
    found = _race(its, lambda i: actions.confirm_fund(fund=fund, by=its.staffed.reviewer))
    assert found == ONE_WINNER
    assert ledger.balances(its.school)["fund"] == fund.amount_fen


def test_control_confirming(its: Aid, nothing_waits: None) -> None:
    fund = cases.recorded(its)
    with _without("ledgerentry", "ledger_cause_once"):
        won = _unguarded(its, lambda i: actions.confirm_fund(fund=fund, by=its.staffed.reviewer))
        assert won > 1
        assert ledger.balances(its.school)["fund"] > fund.amount_fen


def test_money_is_booked_back_once(its: Aid) -> None:
    fund = actions.doubt_fund(fund=cases.fund(its), reason="填错", by=its.staffed.finance)
    found = _race(its, lambda i: actions.reverse_fund(fund=fund, by=its.staffed.reviewer))
    assert found == ONE_WINNER
    assert ledger.disagreements(its.school) == []


def test_control_booking_back(its: Aid, nothing_waits: None) -> None:
    cases.fund(its)
    fund = actions.doubt_fund(fund=cases.fund(its), reason="填错", by=its.staffed.finance)
    with _without("ledgerentry", "ledger_cause_once"), _without("ledgerposting"):
        won = _unguarded(its, lambda i: actions.reverse_fund(fund=fund, by=its.staffed.reviewer))
        assert won > 1
        assert LedgerEntry.objects.filter(kind="fund_reversed").count() > 1


def _last_money(its: Aid) -> tuple[Fund, PaymentBatch]:
    fund = cases.fund(its, 3 * AMOUNT)
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    return fund, cases.draft(its)


def _take(its: Aid, fund: Fund, batch: PaymentBatch, i: int) -> None:
    if i % 2:
        actions.freeze(batch=batch, by=its.staffed.finance)
    else:
        actions.doubt_fund(fund=fund, reason="填错", by=its.staffed.finance)


def test_money_is_either_frozen_for_a_batch_or_taken_back(its: Aid) -> None:
    fund, batch = _last_money(its)
    assert _race(its, lambda i: _take(its, fund, batch, i)) == ONE_WINNER
    assert ledger.free(Purse.of(fund)) == 0


def test_control_taking_back(its: Aid, nothing_waits: None) -> None:
    fund, batch = _last_money(its)
    assert _unguarded(its, lambda i: _take(its, fund, batch, i)) > 1
    assert ledger.free(Purse.of(fund)) < 0


def _freeze_or_revoke(its: Aid, batch: PaymentBatch, award: Award, i: int) -> None:
    if i % 2:
        actions.freeze(batch=batch, by=its.staffed.finance)
    else:
        actions.revoke(award=award, reason="放弃", by=its.staffed.operator)


def _revoked_and_on_its_way(award: Award) -> bool:
    award.refresh_from_db()
    lines = PaymentLine.objects.filter(award=award, status__in=queue.LIVE_LINE)
    return award.status == Award.Status.REVOKED and lines.exists()


def test_who_is_frozen_for_payment_is_not_revoked(its: Aid) -> None:
    _, batch = _last_money(its)
    award = Award.objects.order_by("pk")[0]
    found = _race(its, lambda i: _freeze_or_revoke(its, batch, award, i))
    # Revoked first, the others are frozen without him; frozen first, nobody is revoked.
    assert found["won"] in (1, 2)
    assert not _revoked_and_on_its_way(award)
    assert ledger.disagreements(its.school) == []


def test_control_revoking(its: Aid, nothing_waits: None) -> None:
    _, batch = _last_money(its)
    award = Award.objects.order_by("pk")[0]
    assert _unguarded(its, lambda i: _freeze_or_revoke(its, batch, award, i)) > 1
    assert _revoked_and_on_its_way(award)


def test_a_refused_file_is_taken_back_once(its: Aid) -> None:
    rejection = _reported(its, cases.sent(its))
    found = _race(
        its, lambda i: actions.confirm_rejection(rejection=rejection, by=its.staffed.reviewer)
    )
    assert found == ONE_WINNER
    assert LedgerEntry.objects.filter(kind="rejected").count() == 1
    assert ledger.disagreements(its.school) == []


def _reported(its: Aid, batch: PaymentBatch) -> BankRejection:
    return actions.report_rejection(batch=batch, reason="格式不符", by=its.staffed.finance)


def test_control_refused_files(its: Aid, nothing_waits: None) -> None:
    rejection = _reported(its, cases.sent(its))
    with _without("ledgerentry", "ledger_cause_once"), _without("paymentbatch"):
        won = _unguarded(
            its, lambda i: actions.confirm_rejection(rejection=rejection, by=its.staffed.reviewer)
        )
        assert won > 1
        assert LedgerEntry.objects.filter(kind="rejected").count() > 1


def test_a_refusal_is_reported_once(its: Aid) -> None:
    batch = cases.sent(its)
    assert _race(its, lambda i: _reported(its, batch)) == ONE_WINNER


def test_control_reporting(its: Aid, nothing_waits: None) -> None:
    batch = cases.sent(its)
    with _without("bankrejection", "rejection_one_open"):
        assert _unguarded(its, lambda i: _reported(its, batch)) > 1


def _again(its: Aid) -> Any:
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    award = cases.award_of(its.staffed.students[0])
    actions.revoke(award=award, reason="点错了人", by=its.staffed.operator)
    return lambda i: actions.grant_awards(
        round_=its.round, by=its.staffed.operator, again=[award.case_id], reason="取消有误"
    )


def test_what_was_revoked_is_granted_again_once(its: Aid) -> None:
    assert _race(its, _again(its)) == ONE_WINNER
    assert Award.objects.filter(status="granted").count() == 3


def test_control_granting_again(its: Aid, nothing_waits: None) -> None:
    act = _again(its)
    with _without("award", "award_once"):
        assert _unguarded(its, act) > 1
        assert Award.objects.filter(status="granted").count() > 3


def test_what_came_back_is_booked_once(its: Aid) -> None:
    recovery = asked_back(its, paid(its))
    recovery = actions.confirm_recovery(recovery=recovery, by=its.staffed.reviewer)
    assert _race(its, lambda i: settled(its, recovery)) == ONE_WINNER
    assert ledger.disagreements(its.school) == []


def test_control_booking_what_came_back(its: Aid, nothing_waits: None) -> None:
    recovery = asked_back(its, paid(its))
    recovery = actions.confirm_recovery(recovery=recovery, by=its.staffed.reviewer)
    with _without("ledgerentry", "ledger_cause_once"):
        assert _unguarded(its, lambda i: settled(its, recovery)) > 1
        assert LedgerEntry.objects.filter(kind="recovered").count() > 1


def test_a_payment_is_asked_back_once(its: Aid) -> None:
    line = paid(its)
    assert _race(its, lambda i: asked_back(its, line)) == ONE_WINNER


def test_control_asking_back(its: Aid, nothing_waits: None) -> None:
    line = paid(its)
    with _without("recovery", "recovery_once"):
        assert _unguarded(its, lambda i: asked_back(its, line)) > 1
