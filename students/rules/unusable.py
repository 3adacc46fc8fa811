"""What a row whose number, or day, can't be used still tells of a person on a department's list.

Such a number is kept nowhere and compared with nothing; whoever is found without it is asked about.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from office.spreadsheets.cells import Cell
from office.spreadsheets.oddities import UNSAVED
from privacy.identity import EARLIEST_BIRTH
from students.models.candidates import NO_NUMBER
from students.rules.roster.cells import NO_RESULT, UNRECKONED

FULL = re.compile("[0-9]{17}[0-9Xx]")
LONGEST = 64
TAKEN = "出生日期取自这个号码"
NO_DAY = f"{NO_NUMBER}，出生日期不能用"
OTHER = {"birth_date": "出生日期", "guardian": "监护人姓名"}
FAILED = "这一格的公式出错（{}），请改成实际的内容。"


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
    told = problem if problem.startswith(NO_NUMBER) else re.split("[，。]", problem)[0]
    return (f"{told}，{TAKEN}" if taken else told)[:LONGEST]


def how_to_mend(failed: str) -> str:
    """What the bureau is told of a cell whose formula failed, or has no result saved."""
    return UNRECKONED if failed == UNSAVED else FAILED.format(failed)


def why_failed(failed: Mapping[str, str]) -> str:
    """The same in short, for the school that is asked who is meant: of the number, or else first.

    `failed` are the cells without a result by their field.
    """
    field = "id_number" if "id_number" in failed else next(iter(failed))
    told = "这一格的公式没有保存结果" if failed[field] == UNSAVED else "这一格的公式出错"
    return told if field == "id_number" else f"{NO_NUMBER}，{OTHER.get(field, '')}{told}"


def with_results(cells: Sequence[Cell]) -> list[Cell]:
    """The cells of a row, those whose formula has no result left empty."""
    return ["" if value in NO_RESULT else value for value in cells]
