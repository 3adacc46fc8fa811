"""Judgments about money: who may do what, who may be awarded, who may be paid. All pure."""

from disbursement.rules.amounts import yuan
from disbursement.rules.awards import (
    GIVE_UP,
    YEARLY,
    why_not_applied,
    why_not_awarded,
    why_not_tier,
)
from disbursement.rules.checklist import (
    PAGES,
    Candidate,
    Check,
    Checklist,
    Hold,
    Paying,
    Standing,
    as_reasons,
    where,
)
from disbursement.rules.hands import (
    why_no_button,
    why_no_reason,
    why_not_approve,
    why_not_close,
    why_not_here,
    why_not_second,
)
from disbursement.rules.payments import (
    why_fund_short,
    why_not_begun,
    why_not_card,
    why_not_paid,
    why_not_term,
)

__all__ = [
    "GIVE_UP",
    "PAGES",
    "YEARLY",
    "Candidate",
    "Check",
    "Checklist",
    "Hold",
    "Paying",
    "Standing",
    "as_reasons",
    "where",
    "why_fund_short",
    "why_no_button",
    "why_no_reason",
    "why_not_applied",
    "why_not_approve",
    "why_not_awarded",
    "why_not_begun",
    "why_not_card",
    "why_not_close",
    "why_not_here",
    "why_not_paid",
    "why_not_second",
    "why_not_term",
    "why_not_tier",
    "yuan",
]
