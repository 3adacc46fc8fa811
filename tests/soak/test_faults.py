"""The count at the end of a siege sees every kind of fault: each is planted and must be told."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from audit.models import Event
from disbursement import actions, ledger
from disbursement.ledger import Purse
from disbursement.models import Award, LedgerEntry, PaymentBatch, PaymentLine
from office import files
from schools import clock
from tests import database
from tests.cast import Cast
from tests.disbursement import cases
from tests.soak import faults, stock
from tests.soak.bank import Bank
from tests.soak.faults import Told


class Paid:
    """One programme of one school paid to the end, one payment of it returned and paid again."""

    def __init__(self, cast: Cast) -> None:
        its = stock.school(cast.a, 1)
        (self.name,) = its["programmes"]
        self.bank = Bank(lambda payments: payments[1])
        self.by = cast.a
        award = Award.objects.filter(programme__name=self.name).select_related("programme", "term")
        self.purse = Purse.of(award[0])
        self.first = self._pay(
            actions.draft_batch(
                school=cast.school,
                programme=award[0].programme,
                term=award[0].term,
                by=cast.operator,
            )
        )
        self.again = self._pay(actions.follow_up(batch=self.first, by=cast.operator), again=True)
        for batch in (self.again, self.first):
            actions.close(batch=batch, by=cast.a.finance)
        self.told: Told = its | {
            "paid": self.bank.paid,
            "books": self.bank.books,
            "finished": [self.name],
        }

    def _pay(self, batch: PaymentBatch, *, again: bool = False) -> PaymentBatch:
        people = self.by
        batch = actions.freeze(batch=batch, by=people.finance)
        actions.approve(batch=batch, content_hash=batch.content_hash, by=people.reviewer)
        batch = actions.send(batch=batch, by=people.finance)
        assert batch.bank_file is not None
        sent = files.content_of(batch.bank_file)
        answer = self.bank.receive(batch.number, "xlsx", sent, refuse_one=not again)
        actions.apply_return(batch=batch, content=answer, filename="x.xlsx", by=people.finance)
        return batch

    def owner(self, statement: str) -> None:
        """As the owner of the tables, who can silence their guards."""
        with database.owner() as cursor:
            cursor.execute(f"SET aid.scope = '{self.by.school.pk}'")
            cursor.execute(statement)
            assert cursor.rowcount > 0, statement


@pytest.fixture
def paid(committed: Cast) -> Iterator[Paid]:
    """On the day of payment."""
    with clock.at(cases.PAY_DAY):
        yield Paid(committed)


def test_nothing_is_told_when_all_is_well(paid: Paid) -> None:
    assert faults.of(paid.told) == []


LINES = "disbursement_paymentline"


def a_payment_lost(paid: Paid) -> None:
    paid.owner(f"DELETE FROM {LINES} WHERE serial = 3")


def a_payment_forgotten(paid: Paid) -> None:
    paid.owner(f"UPDATE {LINES} SET status = 'failed', bank_note = 'x' WHERE serial = 3")


def a_payment_doubled(paid: Paid) -> None:
    line = PaymentLine.objects.get(serial=3)
    line.pk, line.serial, line.number = None, 7, f"{line.number}-2"
    line.save(force_insert=True)


def a_wrong_amount(paid: Paid) -> None:
    paid.owner(f"UPDATE {LINES} SET amount_fen = amount_fen + 1 WHERE serial = 3")


def an_award_lost(paid: Paid) -> None:
    paid.owner(f"DELETE FROM {LINES} WHERE serial = 3")
    paid.owner(
        "DELETE FROM disbursement_award a WHERE NOT EXISTS"
        f" (SELECT FROM {LINES} l WHERE l.award_id = a.id)"
    )


def booked_twice(paid: Paid) -> None:
    cause = f"paid:{paid.first.pk}"
    ledger.book(
        kind=LedgerEntry.Kind.PAID,
        purse=paid.purse,
        amount_fen=stock.FIRST_AMOUNT,
        cause=cause,
        by=paid.by.finance,
    )


def booked_on_one_side(paid: Paid) -> None:
    paid.owner("DELETE FROM disbursement_ledgerposting WHERE account = 'in_transit'")


def paid_twice_by_the_bank(paid: Paid) -> None:
    card = paid.told["cards"][0]
    paid.bank.books[card] += stock.FIRST_AMOUNT


def another_file_than_the_lines(paid: Paid) -> None:
    assert paid.again.bank_file is not None
    paid.owner(
        "UPDATE disbursement_paymentbatch SET bank_file_id ="
        f" {paid.again.bank_file.pk} WHERE id = {paid.first.pk}"
    )


def left_open(paid: Paid) -> None:
    paid.owner("UPDATE disbursement_paymentbatch SET status = 'returned', close_at = NULL")


def an_event_lost(paid: Paid) -> None:
    last = Event.objects.filter(organisation_id=paid.by.school.pk).order_by("-seq")[0]
    paid.owner(f"DELETE FROM audit_event WHERE seq = {last.seq}")


BATCHES, POSTINGS = "disbursement_paymentbatch", "disbursement_ledgerposting"
ONCE, CAUSE = (LINES, "line_live_once"), ("disbursement_ledgerentry", "ledger_cause_once")
# What is planted, with which guards taken off, and what must be told.
PLANTED = [
    (a_payment_lost, [(LINES,)], "没有到账"),
    (a_payment_forgotten, [(LINES,)], "没有到账"),
    (a_payment_doubled, [ONCE], "有2笔付款"),
    (a_wrong_amount, [(LINES,)], "金额100001"),
    (an_award_lost, [(LINES,)], "有5份资助"),
    (booked_twice, [CAUSE, (POSTINGS,)], "台账余额不对"),
    (booked_on_one_side, [(POSTINGS,)], "不平"),
    (paid_twice_by_the_bank, [], "银行付了200000分，系统记100000分"),
    (another_file_than_the_lines, [(BATCHES,)], "银行文件不是由明细生成的"),
    (left_open, [(BATCHES,)], "没有结清"),
    (an_event_lost, [("audit_event",)], "审计链"),
]


@pytest.mark.parametrize(("plant", "guards", "sentence"), PLANTED)
def test_every_planted_fault_is_told(
    paid: Paid, plant: Callable[[Paid], None], guards: list[tuple[str, ...]], sentence: str
) -> None:
    with ExitStack() as off:
        for table, *keys in guards:
            off.enter_context(database.without(table, *keys, triggers=True))
        plant(paid)
        told = faults.of(paid.told)
    assert any(sentence in one for one in told), told
