"""What the frozen lines say, as the bank's payments and as one fingerprint."""

import hashlib
from collections.abc import Iterable, Sequence

from disbursement.bank_files import Payment
from disbursement.models import PaymentBatch, PaymentLine
from privacy.fields import blind_card


def lines_of(batch: PaymentBatch) -> list[PaymentLine]:
    """The batch's lines in their order."""
    return list(
        PaymentLine.objects.filter(school_id=batch.school_id, batch=batch).order_by("serial")
    )


def payments(lines: Iterable[PaymentLine]) -> list[Payment]:
    """The lines in clear, for the bank alone; the caller answers for the audit line."""
    return [
        Payment(
            line.serial,
            line.number,
            line.name,
            line.card_number.reveal(),
            line.bank,
            line.amount_fen,
        )
        for line in lines
    ]


def fingerprint(lines: Sequence[PaymentLine]) -> str:
    """SHA-256 over number, award, name, bank, blind card and amount of every line, in order.

    The card goes in as its keyed index, so the fingerprint tells nobody a card number.
    """
    digest = hashlib.sha256()
    for line in sorted(lines, key=lambda found: found.serial):
        card = blind_card(line.card_number.reveal()).hex()
        parts = (
            line.serial,
            line.number,
            line.award_id,
            line.name,
            line.bank,
            card,
            line.amount_fen,
        )
        digest.update("|".join(str(part) for part in parts).encode() + b"\n")
    return digest.hexdigest()


def short(content_hash: str) -> str:
    """The first eight digits as people compare them: 7C41-09AE."""
    text = content_hash[:8].upper()
    return f"{text[:4]}-{text[4:]}" if text else ""
