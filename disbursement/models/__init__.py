"""Money: `cards`, `awards` with funds, `batches` with lines and returns, and the `ledger` (fen)."""

from disbursement.models.awards import Award, Fund
from disbursement.models.batches import BankReturn, PaymentBatch, PaymentLine
from disbursement.models.cards import AidCard
from disbursement.models.ledger import LedgerEntry, LedgerPosting

__all__ = [
    "AidCard",
    "Award",
    "BankReturn",
    "Fund",
    "LedgerEntry",
    "LedgerPosting",
    "PaymentBatch",
    "PaymentLine",
]
