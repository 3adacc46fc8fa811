"""The bank: it pays what a file says, once per batch, and keeps its own books."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from disbursement import bank_files
from disbursement.bank_files import Payment
from office.spreadsheets.reading import read_sheets
from tests.disbursement.cases import PAY_DAY

WHY = "账户未激活"


@dataclass
class Bank:
    """What arrived on which card, in fen, and every file that it was ever given."""

    choose: Callable[[list[Payment]], Payment]
    books: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def receive(self, number: str, profile: str, content: bytes, *, refuse_one: bool) -> bytes:
        """The answer to a batch's file; a second copy is compared and answered like the first."""
        if number in self.files:
            if self.files[number] != content:
                self.faults.append(f"{number}：两次下载的银行文件不同")
            return self.answers[number]
        payments = read(profile, content)
        refused = {self.choose(payments).number: WHY} if refuse_one else {}
        for payment in payments:
            if payment.number not in refused:
                self.books[payment.card] += payment.amount_fen
                self.paid[payment.number] += 1
        self.files[number] = content
        self.answers[number] = bank_files.answer(
            profile, number, payments, failures=refused, on=PAY_DAY
        )
        return self.answers[number]


def read(profile: str, content: bytes) -> list[Payment]:
    """The rows of a file as the bank takes them."""
    if profile == "xlsx":
        rows = read_sheets(content, "bank.xlsx").sheets[0].rows[1:-1]
    else:
        text = content.decode(bank_files.ENCODINGS[profile])
        rows = [list(line.split(bank_files.BAR)) for line in text.splitlines()[1:]]
    return [_payment([str(cell) for cell in row]) for row in rows]


def _payment(row: list[str]) -> Payment:
    serial, number, name, card, bank, yuan = row[:6]
    return Payment(int(serial), number, name, card, bank, round(float(yuan) * 100))
