"""工作台: what this person must do now, the term's dates, running rounds, what looks wrong."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from aidadmin.floors import EVERYONE, anomalies
from aidadmin.overview import dates, regional
from aidadmin.overview.rounds import running
from aidadmin.overview.seen import overview_seen
from aidadmin.shell import todos_of
from office.desk import Todo
from schools import clock, workdays
from schools.access import StaffRequest, requires
from schools.official import OfficialCalendar, calendar, current_term
from schools.roles import OFFICE, Role
from screening.coverage import of_school

# Further off than this it is not this week's.
WEEK = 5


@requires(EVERYONE)
def desk(request: StaffRequest) -> HttpResponse:
    """工作台: to-dos soonest first, then dates, rounds and anomalies."""
    known, today, term = calendar(), clock.today(), current_term()
    tasks = [_task(t, known, today) for t in todos_of(request, request.appointment)]
    context: dict[str, Any] = {
        "tasks": tasks,
        "overdue": sum(1 for t in tasks if t["left"] is not None and t["left"] < 0),
        "due_today": sum(1 for t in tasks if t["left"] == 0),
        "due_soon": sum(1 for t in tasks if t["left"] is not None and 0 < t["left"] <= WEEK),
        "anomalies": anomalies(request.appointment),
        "term": term,
        "dates": dates.line(known, term, today) if term else [],
        "ahead": dates.ahead(known, today),
    }
    if request.school and request.appointment.role in OFFICE:
        context["rounds"] = running(request.school, known, today)
        context["share"] = of_school(request.school, term) if term else None
    elif not request.school and request.appointment.role != Role.ADMIN:
        context |= _regional(request, known, today)
    return render(request, "desk.html", context)


def _regional(request: StaffRequest, known: OfficialCalendar, today: date) -> dict[str, Any]:
    term = current_term()
    if term is None:
        return {}
    standings = overview_seen(request, term, known, today).located()
    return {
        "calls": regional.calls_of(standings),
        "late": sum(s.state == "bad" for s in standings),
        "totals": regional.Totals.of(s.facts for s in standings),
    }


def _task(todo: Todo, known: OfficialCalendar, today: date) -> dict[str, Any]:
    left = workdays.remaining(known, today, todo.due_on) if todo.due_on else None
    return {"todo": todo, "left": left}
