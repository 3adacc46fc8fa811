"""Days as rosters write them, some of them without the day."""

import re
from datetime import date
from functools import lru_cache

from office.spreadsheets.cells import Cell, as_date, as_text

YEAR = re.compile(r"(?:19|20)[0-9]{2}年?")
AUTUMN = re.compile(r"((?:19|20)[0-9]{2})年?秋季?(?:学期)?")
SHORT_NUMBER = re.compile(r"-?[0-9]{1,5}(?:\.[0-9]+)?")
# 1982 to 2064, as a workbook numbers the days.
SERIALS = range(30_000, 60_001)
FIRST_ENTRY = date(1990, 1, 1)
YOUNGEST_ENTRY = 3


def entry_in(raw: Cell, today: date) -> date:
    """The day on which someone entered school: from 1990 to the start of the next school year.

    A year alone is no day, and a serial number counts only in a cell of numbers. Raises ValueError
    with words for the officer.
    """
    text = as_text(raw)
    if YEAR.fullmatch(text):
        year = text.removesuffix("年")
        raise ValueError(f"“{text}”只有年份，请写成{year}-09或{year}09。")
    if month_in(text) is None and SHORT_NUMBER.fullmatch(text) and not _serial(raw):
        raise ValueError(f"“{text}”不是入学年月，请写成2026-09或202609。")
    day = day_in(raw)
    if day < FIRST_ENTRY:
        raise ValueError("这个日期早于1990年，请核对年份。")
    autumn = today.year if today.month >= 9 else today.year - 1
    if day > date(autumn + 1, 9, 30):
        raise ValueError("这个日期太晚，在下一学年开学之后，请核对年份。")
    return day


def _serial(raw: Cell) -> bool:
    return isinstance(raw, int | float) and int(raw) in SERIALS


def day_in(raw: Cell) -> date:
    """The day of a cell; 2026年9月 is its first. Raises ValueError with words for the officer."""
    return _written(raw) if isinstance(raw, str) else month_in(as_text(raw)) or as_date(raw)


@lru_cache(maxsize=8192)
def _written(text: str) -> date:
    return month_in(as_text(text)) or as_date(text)


def forget() -> None:
    """Let go of the days of a file that was read.

    They lie scattered among the memory of its rows: a hundred of them would keep 100 MB.
    """
    _written.cache_clear()


def month_in(text: str) -> date | None:
    """202609, 2026-09, 2026.9, 2026年9月 → the first of the month; None for anything else.

    2026年秋 is September, when every school year begins; spring begins in one of two months.
    """
    if autumn := AUTUMN.fullmatch(text):
        return date(int(autumn[1]), 9, 1)
    parts = text.replace("年", "-").replace("月", "").replace(".", "-").replace("/", "-").split("-")
    if len(parts) == 1 and len(text) == 6 and text.isdecimal():
        parts = [text[:4], text[4:]]
    if len(parts) != 2 or len(parts[0]) != 4 or len(parts[1]) > 2:
        return None
    if not all(p.isdecimal() for p in parts):
        return None
    year, month = int(parts[0]), int(parts[1])
    return date(year, month, 1) if 1900 <= year < 2100 and 1 <= month <= 12 else None
