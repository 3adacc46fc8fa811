"""64 people at once: one wins, whatever is done with money. Each race has its control, which takes
the guards away and shows that the race is a real one.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import models

from audit import moves
from disbursement import actions, ledger, queue
from disbursement.models import AidCard, Award, BankReturn, LedgerEntry, PaymentBatch, PaymentLine
from schools import clock
from tests import database
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import PAY_DAY, Aid
from tests.racing import race

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
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read again, but not locked."""

    def read_only(row: models.Model) -> models.Model:
        fresh = type(row)._default_manager.get(pk=row.pk)
        fresh.__dict__["_locked"] = True
        return fresh

    checklist = queue.checklist
    monkeypatch.setattr(moves, "lock", read_only)
    monkeypatch.setattr(ledger, "lock_purse", lambda purse: None)
    monkeypatch.setattr(queue, "checklist", lambda batch, on, **_: checklist(batch, on))


@contextmanager
def without(table: str, *constraints: str) -> Iterator[None]:
    """The table without these unique keys and without its triggers; all are put back."""
    table = f"disbursement_{table}"
    put_back = []
    with database.owner() as cursor:
        for name in constraints:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
            (definition,) = cursor.fetchone()
            cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s", [name])
            if cursor.fetchone():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
                columns = definition[definition.index("(") :]
                put_back.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" UNIQUE {columns}')
            else:
                cursor.execute(f'DROP INDEX "{name}"')
                put_back.append(definition)
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        database.empty()
        with database.owner() as cursor:
            for statement in put_back:
                cursor.execute(statement)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _granted(its: Aid) -> PaymentBatch:
    cases.fund(its)
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    return cases.draft(its)


def test_awards_are_granted_once(its: Aid) -> None:
    found = _race(its, lambda i: actions.grant_awards(round_=its.round, by=its.staffed.operator))
    assert found == ONE_WINNER
    assert Award.objects.count() == 3
    assert ledger.disagreements(its.school) == []


def test_control_awards(its: Aid, unlocked: None) -> None:
    with without("award", "award_once"):
        found = _race(
            its, lambda i: actions.grant_awards(round_=its.round, by=its.staffed.operator)
        )
        assert found["won"] > 1
        assert Award.objects.count() > 3


def test_a_batch_is_frozen_once(its: Aid) -> None:
    batch = _granted(its)
    found = _race(its, lambda i: actions.freeze(batch=batch, by=its.staffed.finance))
    assert found == ONE_WINNER
    assert PaymentLine.objects.count() == 3


def test_control_freezing(its: Aid, unlocked: None) -> None:
    batch = _granted(its)
    keys = ("line_number", "line_serial", "line_live_once")
    with without("paymentline", *keys), without("paymentbatch"):
        found = _race(its, lambda i: actions.freeze(batch=batch, by=its.staffed.finance))
        assert found["won"] > 1
        assert PaymentLine.objects.count() > 3


def test_without_locks_the_keys_still_pay_nobody_twice(its: Aid, unlocked: None) -> None:
    batch = _granted(its)
    found = _race(its, lambda i: actions.freeze(batch=batch, by=its.staffed.finance))
    assert found["won"] == 1
    assert PaymentLine.objects.count() == 3


def test_a_batch_is_approved_once(its: Aid) -> None:
    batch = cases.frozen(its)
    found = _race(its, lambda i: _approve(its, batch))
    assert found == ONE_WINNER


def _approve(its: Aid, batch: PaymentBatch) -> None:
    actions.approve(batch=batch, content_hash=batch.content_hash, by=its.staffed.reviewer)


def test_control_approving(its: Aid, unlocked: None) -> None:
    batch = cases.frozen(its)
    assert _race(its, lambda i: _approve(its, batch))["won"] > 1


def test_a_batch_is_sent_once(its: Aid) -> None:
    batch = cases.approved(its)
    found = _race(its, lambda i: actions.send(batch=batch, by=its.staffed.finance))
    assert found == ONE_WINNER
    assert LedgerEntry.objects.filter(kind="sent").count() == 1


def test_control_sending(its: Aid, unlocked: None) -> None:
    batch = cases.approved(its)
    with without("ledgerentry", "ledger_cause_once"), without("paymentbatch"):
        found = _race(its, lambda i: actions.send(batch=batch, by=its.staffed.finance))
        assert found["won"] > 1
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


def test_control_answers(its: Aid, unlocked: None) -> None:
    batch = cases.sent(its)
    uploaded = cases.answer(batch)
    with (
        without("bankreturn", "return_once", "return_file_once"),
        without("ledgerentry", "ledger_cause_once"),
        without("paymentline"),
    ):
        found = _race(its, lambda i: _apply(its, batch, uploaded))
        assert found["won"] > 1
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
    with without("aidcard", "card_one_student"):
        found = _race(its, lambda i: _register(its, students[i], "6222000011112222334"))
        assert found["won"] > 1
        assert AidCard.objects.count() > 4
