"""64 people at once: one wins, whatever is done with money. Each race has its control, which takes
the guards away and shows that the race is a real one.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from disbursement import actions, ledger, queue
from disbursement.models import AidCard, Award, BankReturn, LedgerEntry, PaymentBatch, PaymentLine
from schools import clock
from tests.cast import Cast
from tests.database import without
from tests.disbursement import cases
from tests.disbursement.cases import PAY_DAY, Aid
from tests.racing import race, unguarded

pytestmark = pytest.mark.race


@pytest.fixture
def its(committed: Cast) -> Iterator[Aid]:
    """Three students ready to be paid, in committed rows."""
    with clock.at(PAY_DAY):
        found = cases.aid(committed.a)
        for someone in committed.a.students:
            cases.ready(found, someone)
        yield found


def _race(its: Aid, act: Any) -> Counter[str]:
    return race(act, organisation=its.school, on=PAY_DAY)


ONE_WINNER = Counter({"Refused": 63, "won": 1})


@pytest.fixture
def nothing_waits(no_locks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a row, nor a purse, nor the awards of a checklist are locked."""
    checklist = queue.checklist
    monkeypatch.setattr(ledger, "lock_purse", lambda purse: None)
    monkeypatch.setattr(queue, "checklist", lambda batch, on, **_: checklist(batch, on))


def _without(table: str, *keys: str) -> AbstractContextManager[None]:
    return without(f"disbursement_{table}", *keys, triggers=True)


def _unguarded(its: Aid, act: Any) -> int:
    return unguarded(act, organisation=its.school, on=PAY_DAY)


def _granted(its: Aid) -> PaymentBatch:
    cases.fund(its)
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    return cases.draft(its)


def test_awards_are_granted_once(its: Aid) -> None:
    found = _race(its, lambda i: actions.grant_awards(round_=its.round, by=its.staffed.operator))
    assert found == ONE_WINNER
    assert Award.objects.count() == 3
    assert ledger.disagreements(its.school) == []


def test_control_awards(its: Aid, nothing_waits: None) -> None:
    with _without("award", "award_once"):
        won = _unguarded(
            its, lambda i: actions.grant_awards(round_=its.round, by=its.staffed.operator)
        )
        assert won > 1
        assert Award.objects.count() > 3


def test_a_batch_is_frozen_once(its: Aid) -> None:
    batch = _granted(its)
    found = _race(its, lambda i: actions.freeze(batch=batch, by=its.staffed.finance))
    assert found == ONE_WINNER
    assert PaymentLine.objects.count() == 3


def test_control_freezing(its: Aid, nothing_waits: None) -> None:
    batch = _granted(its)
    keys = ("line_number", "line_serial", "line_live_once")
    with _without("paymentline", *keys), _without("paymentbatch"):
        assert _unguarded(its, lambda i: actions.freeze(batch=batch, by=its.staffed.finance)) > 1
        assert PaymentLine.objects.count() > 3


def test_without_locks_the_keys_still_pay_nobody_twice(its: Aid, nothing_waits: None) -> None:
    batch = _granted(its)
    won = _unguarded(its, lambda i: actions.freeze(batch=batch, by=its.staffed.finance))
    assert won == 1
    assert PaymentLine.objects.count() == 3


def test_a_batch_is_approved_once(its: Aid) -> None:
    batch = cases.frozen(its)
    found = _race(its, lambda i: _approve(its, batch))
    assert found == ONE_WINNER


def _approve(its: Aid, batch: PaymentBatch) -> None:
    actions.approve(batch=batch, content_hash=batch.content_hash, by=its.staffed.reviewer)


def test_control_approving(its: Aid, nothing_waits: None) -> None:
    batch = cases.frozen(its)
    assert _unguarded(its, lambda i: _approve(its, batch)) > 1


def test_a_batch_is_sent_once(its: Aid) -> None:
    batch = cases.approved(its)
    found = _race(its, lambda i: actions.send(batch=batch, by=its.staffed.finance))
    assert found == ONE_WINNER
    assert LedgerEntry.objects.filter(kind="sent").count() == 1


def test_control_sending(its: Aid, nothing_waits: None) -> None:
    batch = cases.approved(its)
    with _without("ledgerentry", "ledger_cause_once"), _without("paymentbatch"):
        assert _unguarded(its, lambda i: actions.send(batch=batch, by=its.staffed.finance)) > 1
        assert LedgerEntry.objects.filter(kind="sent").count() > 1


def test_an_answer_is_applied_once(its: Aid) -> None:
    batch = cases.sent(its)
    uploaded = cases.answer(batch, {1: "账户未激活"})
    found = _race(its, lambda i: _apply(its, batch, uploaded))
    assert found == ONE_WINNER
    assert BankReturn.objects.count() == 1
    assert ledger.disagreements(its.school) == []


def _apply(its: Aid, batch: PaymentBatch, uploaded: bytes) -> None:
    actions.apply_return(batch=batch, content=uploaded, filename="x", by=its.staffed.finance)


def test_control_answers(its: Aid, nothing_waits: None) -> None:
    batch = cases.sent(its)
    uploaded = cases.answer(batch)
    with (
        _without("bankreturn", "return_once", "return_file_once"),
        _without("ledgerentry", "ledger_cause_once"),
        _without("paymentline"),
    ):
        assert _unguarded(its, lambda i: _apply(its, batch, uploaded)) > 1
        assert BankReturn.objects.count() > 1


def test_one_card_one_student(its: Aid) -> None:
    students = cases.add_students(its.staffed, 64)
    found = _race(its, lambda i: _register(its, students[i], "6222000011112222334"))
    assert found == ONE_WINNER


def test_one_student_one_card(its: Aid) -> None:
    someone = cases.add_students(its.staffed, 1)[0]
    numbers = [cases.card_number() for _ in range(64)]
    found = _race(its, lambda i: _register(its, someone, numbers[i]))
    assert found == ONE_WINNER


def _register(its: Aid, someone: Any, number: str) -> None:
    actions.register_card(
        student=someone,
        number=number,
        bank="示范银行",
        holder=someone.name,
        by=its.staffed.operator,
    )


def test_control_cards(its: Aid) -> None:
    students = cases.add_students(its.staffed, 64)
    with _without("aidcard", "card_one_student"):
        assert _unguarded(its, lambda i: _register(its, students[i], "6222000011112222334")) > 1
        assert AidCard.objects.count() > 4
