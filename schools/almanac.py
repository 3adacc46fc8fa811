"""Load the official calendar, add a term or correct its dates, move a demonstration's clock."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import IntegrityError, transaction

from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment, CalendarDay, ClockShift, Term
from schools.queue import following_term, loaded_years, neighbours
from schools.rules import Special, why_not_load, why_not_set_term


@transaction.atomic
def load_year(*, year: int, days: Sequence[Special], source: str, by: Appointment) -> int:
    """Load the published holidays and worked weekends of one more year; returns the days kept.

    Weekend days off are what the week says anyway and need no row. Raises `Refused` for a year in
    use or a list that can't be a whole year's.
    """
    refuse_if(why_not_load(year, days, loaded_years()))
    rows = [
        CalendarDay(day=d.day, working=d.working, name=d.name[:32], source=source[:64])
        for d in days
        if d.working != (d.day.weekday() < 5)
    ]
    try:
        with transaction.atomic():
            made = CalendarDay.objects.bulk_create(rows)
    except IntegrityError:
        raise Refused([Reason(f"{year}年刚刚由别人装入", "请刷新页面")]) from None
    record(
        by=by,
        verb="calendar.load",
        label="装入工作日历",
        subject=made[0],
        at=clock.now(),
        facts={"year": year, "days": len(made)},
    )
    return len(made)


@transaction.atomic
def set_term(*, term: Term, starts_on: date, ends_on: date, by: Appointment) -> Term:
    """Set a term's first and last day, as the province publishes them."""
    # All of them: two neighbours moved at once must not come to overlap.
    row = Term.objects.select_for_update(no_key=True).order_by("pk").in_bulk()[term.pk]
    refuse_if(why_not_set_term(row, starts_on, ends_on, neighbours(row), clock.today()))
    before = [row.starts_on.isoformat(), row.ends_on.isoformat()]
    row.starts_on, row.ends_on = starts_on, ends_on
    row.entered_late = row.entered_late and starts_on <= clock.today()
    row.save(update_fields=["starts_on", "ends_on", "entered_late"])
    record(
        by=by,
        verb="term.set",
        label="更正学期日期",
        subject=row,
        at=clock.now(),
        facts={"before": before, "after": [starts_on.isoformat(), ends_on.isoformat()]},
    )
    return row


@transaction.atomic
def add_term(*, starts_on: date, ends_on: date, by: Appointment) -> Term:
    """The term after the last one known, as the province publishes it (row 0-23 counts from it).

    One that has begun already is marked so: no round of it opens by itself. Raises `Refused` when
    its dates make no sense, or somebody has just added it.
    """
    # All of them, as above; what was added while this waited is seen by the next question.
    list(Term.objects.select_for_update(no_key=True).order_by("pk"))
    term = following_term()
    if term is None:
        raise Refused([Reason("还没有任何学期", "先装入随软件的校历")])
    refuse_if(why_not_set_term(term, starts_on, ends_on, neighbours(term), clock.today()))
    term.starts_on, term.ends_on = starts_on, ends_on
    term.entered_late = starts_on <= clock.today()
    try:
        with transaction.atomic():
            term.save()
    except IntegrityError:
        raise Refused([Reason(f"{term}刚刚由别人添加", "请刷新页面")]) from None
    record(
        by=by,
        verb="term.add",
        label="添加学期",
        subject=term,
        at=clock.now(),
        facts={"code": term.code, "dates": [starts_on.isoformat(), ends_on.isoformat()]},
    )
    return term


@transaction.atomic
def move_clock(*, to: date) -> None:
    """Move a demonstration's business date to nine o'clock of `to` (only with AID_REPLAY)."""
    target = clock.office_opens(to)
    shift = int((target - clock.real_now()).total_seconds())
    ClockShift.objects.update_or_create(pk=1, defaults={"seconds": shift})
    clock.set_shift(timedelta(seconds=shift))
