"""What the frozen lines say, as the bank's payments and as one fingerprint."""

import hashlib
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, NoReturn

from disbursement.bank_files import Payment
from disbursement.models import PaymentBatch, PaymentLine
from privacy.fields import blind_cards

SEALED: Any = PaymentLine._meta.get_field("card_number")
READ = ("serial", "number", "award_id", "name", "bank", "card_number", "amount_fen")


class Line(NamedTuple):
    """A line with its card in clear and as its keyed index; the caller answers for the look."""

    serial: int
    number: str
    award_id: int
    name: str
    bank: str
    card: str
    blind: bytes
    amount_fen: int

    def __repr__(self) -> str:
        """Without name and card: what fails is printed with its values."""
        return f"<Line {self.number}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a line is not pickled: caches and queues would keep its card in clear")

    @property
    def payment(self) -> Payment:
        """What the bank gets of it."""
        return Payment(self.serial, self.number, self.name, self.card, self.bank, self.amount_fen)


def lines_of(batch: PaymentBatch) -> list[PaymentLine]:
    """The batch's lines in their order."""
    return list(
        PaymentLine.objects.filter(school_id=batch.school_id, batch=batch).order_by("serial")
    )


def opened(batch: PaymentBatch) -> list[Line]:
    """The batch's lines in their order, every card opened once; one query."""
    lines = PaymentLine.objects.filter(school_id=batch.school_id, batch=batch)
    rows = lines.order_by("serial").values_list(*READ)
    open_one = SEALED.opener(batch.school_id)
    return _lines((*row[:5], open_one(row[5]), row[6]) for row in rows)


def clear(lines: Iterable[PaymentLine]) -> list[Line]:
    """The same of lines that were read whole."""
    return _lines(
        (
            ln.serial,
            ln.number,
            ln.award_id,
            ln.name,
            ln.bank,
            ln.card_number.reveal(),
            ln.amount_fen,
        )
        for ln in lines
    )


def _lines(rows: Iterable[tuple[Any, ...]]) -> list[Line]:
    found = list(rows)
    blinds = blind_cards(row[5] for row in found)
    return [Line._make((*r[:6], blind, r[6])) for r, blind in zip(found, blinds, strict=True)]


def payments(lines: Iterable[PaymentLine]) -> list[Payment]:
    """The lines in clear, for the bank alone; the caller answers for the audit line."""
    return [line.payment for line in clear(lines)]


def fingerprint(lines: Iterable[PaymentLine]) -> str:
    """SHA-256 over number, award, name, bank, blind card and amount of every line, in order.

    The card goes in as its keyed index, so the fingerprint tells nobody a card number.
    """
    return fingerprint_of(clear(lines))


def fingerprint_of(lines: Sequence[Line]) -> str:
    """The same of lines whose cards are open."""
    digest = hashlib.sha256()
    for line in sorted(lines, key=attrgetter("serial")):
        serial, number, award, name, bank, _, blind, fen = line
        text = f"{serial}|{number}|{award}|{name}|{bank}|{blind.hex()}|{fen}\n"
        digest.update(text.encode())
    return digest.hexdigest()


def short(content_hash: str) -> str:
    """The first eight digits as people compare them: 7C41-09AE."""
    text = content_hash[:8].upper()
    return f"{text[:4]}-{text[4:]}" if text else ""
