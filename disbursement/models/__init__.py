"""Money: `cards`, `funds`, `awards`, `batches` with lines and returns, and the `ledger` (fen)."""

from disbursement.models.awards import Award
from disbursement.models.batches import BankReturn, PaymentBatch, PaymentLine
from disbursement.models.cards import AidCard
from disbursement.models.funds import Fund
from disbursement.models.ledger import LedgerEntry, LedgerPosting
from disbursement.models.recoveries import Recovery
from disbursement.models.rejections import BankRejection
from disbursement.models.system_entries import SystemEntry

__all__ = [
    "AidCard",
    "Award",
    "BankRejection",
    "BankReturn",
    "Fund",
    "LedgerEntry",
    "LedgerPosting",
    "PaymentBatch",
    "PaymentLine",
    "Recovery",
    "SystemEntry",
]
