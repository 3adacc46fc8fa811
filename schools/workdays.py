"""Working-day arithmetic on a calendar that the caller brings (domain.md §C.9, requirement 0-29).

Pure: no clock and no database. Every function takes the calendar first. Beyond the calendar's
last published day only weekends are free, and results that lean on such days say `provisional`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

ONE_DAY = timedelta(days=1)
# Longer periods are a mistake of the caller; the longest one in the rules has 60 working days.
LONGEST = 2000


class Calendar(Protocol):
    """Which days are worked, certain up to and including `known_until`."""

    @property
    def known_until(self) -> date:
        """The last day whose holidays have been published."""

    def is_working(self, day: date) -> bool:
        """Whether people work on `day`; asked only for days up to `known_until`."""


@dataclass(frozen=True, slots=True)
class Span:
    """A period of working days. `last` belongs to the period: it ends when that day ends."""

    start: date
    last: date
    provisional: bool


def is_working(calendar: Calendar, day: date) -> bool:
    """Whether `day` is worked; beyond the calendar's horizon Monday to Friday are."""
    if day > calendar.known_until:
        return day.weekday() < 5
    return calendar.is_working(day)


def is_provisional(calendar: Calendar, day: date) -> bool:
    """Whether `day` lies beyond the published holidays, so that it may still move (暂定)."""
    return day > calendar.known_until


def last_day(calendar: Calendar, start: date, n: int, *, count_start_day: bool = False) -> Span:
    """The period of `n` working days that begins with `start`.

    The start day isn't counted (Civil Code art. 201) unless the school counts the day of posting;
    not counting is the longer period, hence always lawful. The last day is always worked
    (art. 203). Raises ValueError when `n` is below 1 or absurdly long.
    """
    if not 1 <= n <= LONGEST:
        raise ValueError(f"工作日数应在 1 到 {LONGEST} 之间，收到的是 {n}。")
    left = n
    day = start
    if count_start_day and is_working(calendar, start):
        left -= 1
    while left:
        day += ONE_DAY
        left -= is_working(calendar, day)
    return Span(start, day, is_provisional(calendar, day))


def working_days_between(calendar: Calendar, a: date, b: date) -> int:
    """Working days after `a` up to and including `b`; negative when `b` is before `a`."""
    if b < a:
        return -working_days_between(calendar, b, a)
    return sum(is_working(calendar, day) for day in _days_after(a, b))


def remaining(calendar: Calendar, today: date, due: date) -> int:
    """Working days left after today until the due day ends: 0 on the day, negative when overdue."""
    return working_days_between(calendar, today, due)


def nth_working_day_before(calendar: Calendar, day: date, n: int) -> date:
    """The `n`-th working day before `day`, which itself isn't counted (requirement 0-48).

    Raises ValueError when `n` is below 1 or absurdly long.
    """
    if not 1 <= n <= LONGEST:
        raise ValueError(f"工作日数应在 1 到 {LONGEST} 之间，收到的是 {n}。")
    left = n
    while left:
        day -= ONE_DAY
        left -= is_working(calendar, day)
    return day


def next_working_day(calendar: Calendar, day: date) -> date:
    """`day` itself when it is worked, else the first worked day after it (art. 203)."""
    while not is_working(calendar, day):
        day += ONE_DAY
    return day


def _days_after(a: date, b: date) -> Iterator[date]:
    return (a + timedelta(days=offset) for offset in range(1, (b - a).days + 1))
