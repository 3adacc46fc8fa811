"""What a number that can't be used still tells of a person on a department's list.

Such a number is kept nowhere and compared with nothing; whoever is found without it is asked about.
"""

import re
from datetime import date

from privacy.identity import EARLIEST_BIRTH

FULL = re.compile("[0-9]{17}[0-9Xx]")
LONGEST = 64
TAKEN = "出生日期取自这个号码"


def day_in(number: str, today: date) -> date | None:
    """The day of birth that a full-length number writes, where there is such a day."""
    if not FULL.fullmatch(number):
        return None
    try:
        day = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return day if EARLIEST_BIRTH <= day <= today else None


def why_unusable(problem: str, *, taken: bool) -> str:
    """In short what is wrong with the number, and whether the day was taken from it."""
    told = re.split("[，。]", problem)[0]
    return (f"{told}，{TAKEN}" if taken else told)[:LONGEST]
