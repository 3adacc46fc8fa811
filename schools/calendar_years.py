"""The published Chinese working days with which the calendar table is seeded (domain.md §C.9).

The source is the `chinesecalendar` package, which knows whole years from 2004 and gains one each
November, after the State Council's notice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from chinese_calendar import Holiday, holidays, workdays

SOURCE = "国务院办公厅关于节假日安排的通知（chinesecalendar）"
FIRST_YEAR = min(holidays).year
LAST_YEAR = max(holidays).year


class SeedDay(NamedTuple):
    """One day of the calendar; `name` is empty on an ordinary weekday or weekend."""

    date: date
    is_working: bool
    name: str


def known_years() -> range:
    """The years whose every day is published in the installed package."""
    return range(FIRST_YEAR, LAST_YEAR + 1)


def known_until() -> date:
    """The last day whose working status is published: the end of the last known year."""
    return date(LAST_YEAR, 12, 31)


def seed_days(*, only_special: bool = False) -> Iterator[SeedDay]:
    """Every day of the known years in order; with `only_special` only those that have a name.

    Special are the days off with the holiday's name and the worked weekends with 上班.
    """
    day = date(FIRST_YEAR, 1, 1)
    while day <= known_until():
        name = _name(day)
        if name or not only_special:
            yield SeedDay(day, _is_worked(day), name)
        day += timedelta(days=1)


def _is_worked(day: date) -> bool:
    # The package's own question searches both tables for the horizon at every call.
    return day in workdays or (day.weekday() < 5 and day not in holidays)


def _name(day: date) -> str:
    if day in workdays:
        return f"{_chinese(workdays[day])}调休上班"
    return _chinese(holidays[day]) if day in holidays else ""


def _chinese(english: str) -> str:
    return str(Holiday(english).chinese)


@dataclass(frozen=True, slots=True)
class PublishedCalendar:
    """The package's own calendar, for commands and tests that have no calendar table."""

    known_until: date

    def is_working(self, day: date) -> bool:
        """Whether `day` is worked; before the first known year Monday to Friday are."""
        return _is_worked(day)


def published() -> PublishedCalendar:
    """The package's calendar with its horizon."""
    return PublishedCalendar(known_until())
