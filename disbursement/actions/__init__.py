"""The only writers of money: `cards`, `awards` with funds, `batches` and bank `returns`."""

from disbursement.actions.awards import Granted, HeldCase, grant_awards, record_fund, revoke
from disbursement.actions.batches import approve, discard, draft_batch, freeze, thaw
from disbursement.actions.card_import import import_cards, look_at_cards
from disbursement.actions.cards import (
    activate_card,
    activate_cards,
    check_card,
    check_cards,
    close_card,
    register_card,
    replace_card,
    report_lost,
)
from disbursement.actions.returns import apply_return, close, follow_up
from disbursement.actions.reveals import note_export, reveal_card, take_bank_file
from disbursement.actions.sending import send

__all__ = [
    "Granted",
    "HeldCase",
    "activate_card",
    "activate_cards",
    "apply_return",
    "approve",
    "check_card",
    "check_cards",
    "close",
    "close_card",
    "discard",
    "draft_batch",
    "follow_up",
    "freeze",
    "grant_awards",
    "import_cards",
    "look_at_cards",
    "note_export",
    "record_fund",
    "register_card",
    "replace_card",
    "report_lost",
    "reveal_card",
    "revoke",
    "send",
    "take_bank_file",
    "thaw",
]
