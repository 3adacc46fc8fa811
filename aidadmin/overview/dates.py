"""The statutory dates of a term as a line with today on it, and the days off that lie ahead."""

from dataclasses import dataclass
from datetime import date, timedelta

from schools import workdays
from schools.models import CalendarDay, Term
from schools.official import OfficialCalendar
from schools.rules import StatutoryDate, statutory_dates

AHEAD = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Mark:
    """One date on the line; `at` is where today stands between it and the next one."""

    when: str
    text: str
    state: str = ""
    at: str = ""


def line(calendar: OfficialCalendar, term: Term, today: date) -> list[Mark]:
    """The term's dates, each past, now (the last that has begun) or to come."""
    dates = statutory_dates(calendar, term)
    begun = [d for d in dates if d.starts_on <= today]
    marks = []
    for i, one in enumerate(dates):
        state, at = "", ""
        if one in begun:
            state = "past"
            if one is begun[-1] and today <= term.ends_on:
                state, at = "now", _share(one, dates[i + 1 : i + 2], term, today)
        marks.append(Mark(_when(one), _text(calendar, one, today), state, at))
    return marks


def _share(one: StatutoryDate, following: list[StatutoryDate], term: Term, today: date) -> str:
    until = following[0].starts_on if following else term.ends_on
    whole = max((until - one.starts_on).days, 1)
    return f"{min(max((today - one.starts_on).days * 100 // whole, 4), 96)}%"


def _when(one: StatutoryDate) -> str:
    start, due = one.starts_on, one.due_on
    first = f"{start.month}月{start.day}日"
    if start == due:
        return first
    return (
        f"{first}—{due.day}日" if start.month == due.month else f"{first}—{due.month}月{due.day}日"
    )


def _text(calendar: OfficialCalendar, one: StatutoryDate, today: date) -> str:
    parts = [one.text]
    if one.workdays:
        parts.append(f"{one.workdays}个工作日")
    left = workdays.remaining(calendar, today, one.due_on)
    if one.due_on == today:
        parts.append("今天截止")
    elif left > 0:
        parts.append(f"剩{left}个工作日")
    return "，".join(parts) + ("（暂定）" if one.provisional else "")


def ahead(calendar: OfficialCalendar, today: date) -> str:
    """Holidays and worked weekends of the next weeks in one sentence; empty when there are none."""
    rows = list(CalendarDay.objects.filter(day__gt=today, day__lte=today + AHEAD).order_by("day"))
    told, parts = set(), []
    for row in rows:
        if row.day in told:
            continue
        if row.working:
            parts.append(
                f"{row.day.month}月{row.day.day}日（周{'一二三四五六日'[row.day.weekday()]}）上班"
            )
            continue
        first, last = _free_days(calendar, row.day)
        told |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
        span = f"{first.month}月{first.day}日"
        if last != first:
            span += (
                f"至{last.day}日" if last.month == first.month else f"至{last.month}月{last.day}日"
            )
        parts.append(f"{span}{_festival(row.name)}放假")
    return "，".join(parts)


def _festival(name: str) -> str:
    # The published names leave the 节 out of some.
    return f"{name}节" if name in ("清明", "端午", "中秋") else name or "节日"


def _free_days(calendar: OfficialCalendar, day: date) -> tuple[date, date]:
    first = last = day
    while not workdays.is_working(calendar, first - timedelta(days=1)):
        first -= timedelta(days=1)
    while not workdays.is_working(calendar, last + timedelta(days=1)):
        last += timedelta(days=1)
    return first, last
