"""What printed forms ask of this floor: the card, by its last four digits alone."""

import re
from collections.abc import Iterable

from applications.models import Round
from disbursement.models import AidCard
from disbursement.models.cards import LIVE_CARD

# 示范银行股份有限公司样例支行: the bank, and all of it when it names one of its branches.
BANK = re.compile(r".*?(?:银行|信用社|信用合作社|联社)")
BRANCH = re.compile(r"(?:支行|分行|营业部|分理处|营业所|储蓄所|分社)$")


def cards(round_: Round, students: Iterable[int]) -> dict[int, dict[str, str]]:
    """By student bank, branch, masked number and holder of the card in use, whatever the year.

    A student has one card in use at a time, so it is the main one.
    """
    rows = AidCard.objects.filter(
        school_id=round_.school_id, student_id__in=students, status__in=LIVE_CARD
    )
    return {
        row.student_id: {
            **bank_and_branch(row.bank),
            "card": str(row.number),
            "holder": row.holder,
            "main": "是",
        }
        for row in rows
    }


def bank_and_branch(told: str) -> dict[str, str]:
    """What was written down as 开户行, parted; without a branch that stays for the pen."""
    bank = BANK.match(told)
    if bank is None or not BRANCH.search(told):
        return {"bank": told, "branch": ""}
    return {"bank": bank.group(), "branch": told}
