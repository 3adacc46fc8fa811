"""The official calendar as the database holds it, and the questions pages ask of it."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import Count, Max

from schools import clock, workdays
from schools.calendar_years import seed_days
from schools.models import CalendarDay, Term

SOURCE = "国务院办公厅放假通知"


@dataclass(frozen=True, slots=True)
class OfficialCalendar:
    """The State Council's holidays and adjusted working days, known up to `known_until`."""

    days: dict[date, bool]
    known_until: date

    def is_working(self, day: date) -> bool:
        """A row decides; other days follow the week."""
        return self.days.get(day, day.weekday() < 5)


@lru_cache(maxsize=2)
def _load(version: tuple[int, int]) -> OfficialCalendar:
    days = dict(CalendarDay.objects.values_list("day", "working"))
    horizon = date(max((d.year for d in days), default=2000), 12, 31)
    return OfficialCalendar(days, horizon)


def calendar() -> OfficialCalendar:
    """The calendar in force; read anew when a row was added or changed."""
    version = CalendarDay.objects.aggregate(n=Count("pk"), last=Max("pk"))
    return _load((version["n"], version["last"] or 0))


def load_seed() -> int:
    """Fill the calendar with the years that the published package knows; returns the rows added."""
    rows = [
        CalendarDay(day=day, working=working, name=name[:32], source=SOURCE)
        for day, working, name in seed_days()
        if working != (day.weekday() < 5)
    ]
    return len(CalendarDay.objects.bulk_create(rows, ignore_conflicts=True))


def last_day(start: date, n: int) -> workdays.Span:
    """The last day of `n` working days after `start` (the start is not counted)."""
    return workdays.last_day(calendar(), start, n)


def remaining(due: date) -> int:
    """Working days from today to `due`; 0 on the day, negative when overdue."""
    return workdays.remaining(calendar(), clock.today(), due)


def current_term() -> Term | None:
    """The term of today, or the one that comes next, or the last one known."""
    today = clock.today()
    return (
        Term.objects.filter(ends_on__gte=today).order_by("starts_on").first()
        or Term.objects.order_by("-starts_on").first()
    )
