"""Working days: the vectors of domain.md §C.9 under both count rules, and what must always hold."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools import calendar_years, workdays

CALENDAR = calendar_years.published()
PUBLISHED_DAYS = st.dates(date(2004, 1, 1), date(2026, 9, 1))
LENGTHS = st.integers(1, 60)


@dataclass(frozen=True)
class EveryWeekday:
    """A calendar without holidays."""

    known_until: date = date(2100, 1, 1)

    def is_working(self, day: date) -> bool:
        return day.weekday() < 5


VECTORS = [
    # start, n, last day without the start day, last day with it
    ("2026-09-01", 5, "2026-09-08", "2026-09-07"),
    ("2026-09-18", 5, "2026-09-24", "2026-09-23"),
    ("2026-09-28", 5, "2026-10-10", "2026-10-09"),
    ("2026-02-13", 5, "2026-02-27", "2026-02-26"),
    ("2026-04-30", 5, "2026-05-11", "2026-05-09"),
    ("2025-09-26", 5, "2025-10-10", "2025-10-09"),
    ("2025-09-01", 20, "2025-09-28", "2025-09-26"),
    ("2026-09-01", 20, "2026-09-29", "2026-09-28"),
]


@pytest.mark.parametrize(("start", "n", "without", "including"), VECTORS)
def test_vectors(start: str, n: int, without: str, including: str) -> None:
    first = date.fromisoformat(start)
    assert workdays.last_day(CALENDAR, first, n) == workdays.Span(
        first, date.fromisoformat(without), provisional=False
    )
    counted = workdays.last_day(CALENDAR, first, n, count_start_day=True)
    assert counted.last == date.fromisoformat(including)


def test_a_start_on_a_day_off_is_never_counted() -> None:
    sunday = date(2026, 9, 6)
    spans = [
        workdays.last_day(CALENDAR, sunday, 1, count_start_day=count).last
        for count in (True, False)
    ]
    assert spans == [date(2026, 9, 7)] * 2


def test_one_counted_day_ends_on_the_start() -> None:
    start = date(2026, 9, 1)
    assert workdays.last_day(CALENDAR, start, 1, count_start_day=True).last == start


@given(PUBLISHED_DAYS, LENGTHS)
def test_a_span_holds_exactly_n_working_days(start: date, n: int) -> None:
    span = workdays.last_day(CALENDAR, start, n)
    assert workdays.working_days_between(CALENDAR, start, span.last) == n
    assert CALENDAR.is_working(span.last)


@given(PUBLISHED_DAYS, LENGTHS)
def test_counting_the_start_is_never_longer(start: date, n: int) -> None:
    without = workdays.last_day(CALENDAR, start, n)
    including = workdays.last_day(CALENDAR, start, n, count_start_day=True)
    assert including.last <= without.last
    inside = workdays.working_days_between(CALENDAR, start - timedelta(days=1), including.last)
    assert inside == n


@given(PUBLISHED_DAYS, LENGTHS)
def test_back_and_forth_meet(day: date, n: int) -> None:
    before = workdays.nth_working_day_before(CALENDAR, day, n)
    assert CALENDAR.is_working(before)
    eve = day - timedelta(days=1)
    assert workdays.working_days_between(CALENDAR, before - timedelta(days=1), eve) == n


@given(PUBLISHED_DAYS, PUBLISHED_DAYS, PUBLISHED_DAYS)
def test_counts_add_up(a: date, b: date, c: date) -> None:
    between = workdays.working_days_between
    assert between(CALENDAR, a, b) + between(CALENDAR, b, c) == between(CALENDAR, a, c)
    assert between(CALENDAR, a, b) == -between(CALENDAR, b, a)


@given(st.dates(date(2027, 1, 1), date(2040, 1, 1)), LENGTHS)
def test_beyond_the_horizon_weekends_only_and_flagged(start: date, n: int) -> None:
    span = workdays.last_day(CALENDAR, start, n)
    assert span.provisional
    assert span.last == workdays.last_day(EveryWeekday(), start, n).last


def test_a_span_that_crosses_the_horizon_is_provisional() -> None:
    assert not workdays.last_day(CALENDAR, date(2026, 12, 24), 5).provisional
    assert workdays.last_day(CALENDAR, date(2026, 12, 25), 5).provisional
    assert workdays.is_provisional(CALENDAR, date(2027, 1, 1))


def test_remaining_counts_down_to_zero_and_below() -> None:
    due = date(2026, 9, 24)
    days = [date(2026, 9, 18), date(2026, 9, 23), due, date(2026, 9, 28), date(2026, 9, 29)]
    assert [workdays.remaining(CALENDAR, day, due) for day in days] == [5, 1, 0, -1, -2]


def test_graduation_deadline_before_leaving() -> None:
    assert workdays.nth_working_day_before(CALENDAR, date(2026, 6, 30), 20) == date(2026, 6, 1)


@pytest.mark.parametrize("n", [0, -1, 2001])
def test_absurd_lengths_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match="工作日数"):
        workdays.last_day(CALENDAR, date(2026, 9, 1), n)
    with pytest.raises(ValueError, match="工作日数"):
        workdays.nth_working_day_before(CALENDAR, date(2026, 9, 1), n)


def test_a_due_day_off_rolls_on() -> None:
    assert workdays.next_working_day(CALENDAR, date(2026, 10, 1)) == date(2026, 10, 8)
    assert workdays.next_working_day(CALENDAR, date(2026, 10, 10)) == date(2026, 10, 10)


WORKED_WEEKENDS = {
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}


@pytest.mark.parametrize("year", WORKED_WEEKENDS)
def test_worked_weekends_of_the_seed(year: int) -> None:
    worked = [
        day
        for day in calendar_years.seed_days()
        if day.date.year == year and day.date.weekday() >= 5 and day.is_working
    ]
    assert [f"{day.date:%m-%d}" for day in worked] == WORKED_WEEKENDS[year].split()
    assert all(day.name.endswith("上班") for day in worked)


def test_the_seed_covers_every_day_of_its_years_once() -> None:
    days = [day.date for day in calendar_years.seed_days()]
    assert days[0] == date(2004, 1, 1)
    assert days[-1] == calendar_years.known_until() == date(2026, 12, 31)
    assert all(b - a == timedelta(days=1) for a, b in pairwise(days))


def test_special_days_alone() -> None:
    special = list(calendar_years.seed_days(only_special=True))
    assert all(day.name for day in special)
    assert calendar_years.SeedDay(date(2026, 10, 1), False, "国庆节") in special
    assert calendar_years.SeedDay(date(2026, 10, 10), True, "国庆节调休上班") in special


def test_the_seed_agrees_with_its_package() -> None:
    days = {day.date: day.is_working for day in calendar_years.seed_days()}
    assert days == {day: chinese_calendar.is_workday(day) for day in days}


def test_before_the_first_known_year_weekdays_are_worked() -> None:
    assert CALENDAR.is_working(date(2003, 12, 31))
    assert not CALENDAR.is_working(date(2003, 12, 28))
