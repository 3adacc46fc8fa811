"""Days as rosters write them, some of them without the day."""

from datetime import date
from functools import lru_cache

from office.spreadsheets.cells import Cell, as_date, as_text


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
    """202609, 2026-09, 2026.9, 2026年9月 → the first of the month; None for anything else."""
    parts = text.replace("年", "-").replace("月", "").replace(".", "-").replace("/", "-").split("-")
    if len(parts) == 1 and len(text) == 6 and text.isdecimal():
        parts = [text[:4], text[4:]]
    if len(parts) != 2 or len(parts[0]) != 4 or not all(p.isdecimal() for p in parts):
        return None
    year, month = int(parts[0]), int(parts[1])
    return date(year, month, 1) if 1900 <= year < 2100 and 1 <= month <= 12 else None
