"""The only writers of money: `cards`, `funds`, `awards`, `batches` and bank `returns`."""

from disbursement.actions.awards import Granted, HeldCase, grant_awards, revoke
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
from disbursement.actions.funds import (
    confirm_fund,
    discard_fund,
    doubt_fund,
    keep_fund,
    record_fund,
    reverse_fund,
)
from disbursement.actions.papers import print_receipts, want_receipts
from disbursement.actions.recoveries import (
    ask_back,
    confirm_recovery,
    dismiss_recovery,
    settle_recovery,
)
from disbursement.actions.rejections import (
    confirm_rejection,
    dismiss_rejection,
    report_rejection,
)
from disbursement.actions.returns import apply_return, close, follow_up
from disbursement.actions.reveals import note_export, reveal_card, take_bank_file
from disbursement.actions.roll_checks import check_roll, look_at_roll
from disbursement.actions.sending import send
from disbursement.actions.system_entries import (
    check_entry,
    note_entered,
    refuse_entry,
    withdraw_entry,
)

__all__ = [
    "Granted",
    "HeldCase",
    "activate_card",
    "activate_cards",
    "apply_return",
    "approve",
    "ask_back",
    "check_card",
    "check_cards",
    "check_entry",
    "check_roll",
    "close",
    "close_card",
    "confirm_fund",
    "confirm_recovery",
    "confirm_rejection",
    "discard",
    "discard_fund",
    "dismiss_recovery",
    "dismiss_rejection",
    "doubt_fund",
    "draft_batch",
    "follow_up",
    "freeze",
    "grant_awards",
    "import_cards",
    "keep_fund",
    "look_at_cards",
    "look_at_roll",
    "note_entered",
    "note_export",
    "print_receipts",
    "record_fund",
    "refuse_entry",
    "register_card",
    "replace_card",
    "report_lost",
    "report_rejection",
    "reveal_card",
    "reverse_fund",
    "revoke",
    "send",
    "settle_recovery",
    "take_bank_file",
    "thaw",
    "want_receipts",
    "withdraw_entry",
]
