"""设置·工作日历与学期: the year as schools count it, terms, and the next year's holidays."""

import calendar as months
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from aidadmin.floors import EVERYONE
from aidadmin.forms import TermForm, YearForm
from audit.refusal import Refused
from office.asked import key_of
from schools import almanac, clock
from schools.access import StaffRequest, requires
from schools.models import CalendarDay, Term
from schools.official import calendar as official_calendar
from schools.queue import following_term, loaded_years
from schools.roles import Role
from schools.workdays import is_working


@requires(EVERYONE)
def calendar(request: StaffRequest) -> HttpResponse:
    """One year's months with holidays and worked weekends, and the terms."""
    return _page(request)


@requires(Role.ADMIN, methods="POST")
def load_calendar(request: StaffRequest) -> HttpResponse:
    """Load one more year's holidays."""
    form = YearForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    year = form.cleaned_data["year"]
    try:
        kept = almanac.load_year(
            year=year,
            days=form.cleaned_data["days"],
            source=form.cleaned_data["source"],
            by=request.appointment,
        )
    except Refused as refused:
        return _page(request, form, refused)
    messages.success(
        request, f"{year}年已装入，{kept}天与平常不同。{year}年的日期从现在起不再是暂定。"
    )
    return redirect(f"{reverse('calendar')}?year={year}")


@requires(Role.ADMIN, methods="POST")
def set_term(request: StaffRequest, term_code: str) -> HttpResponse:
    """Correct a term's dates."""
    term = get_object_or_404(Term, code=term_code)
    form = TermForm(request.POST)
    if not form.is_valid():
        messages.error(request, "学期日期没有改动：请填开学和结束两个日期。")
        return redirect("calendar")
    almanac.set_term(term=term, by=request.appointment, **form.cleaned_data)
    messages.success(request, f"{term}的日期已更正；已经开出的批次，截止日期不变。")
    return redirect("calendar")


@requires(Role.ADMIN, methods="POST")
def add_term(request: StaffRequest) -> HttpResponse:
    """The term after the last one."""
    form = TermForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有添加学期：请填开学和结束两个日期。")
        return redirect("calendar")
    term = almanac.add_term(by=request.appointment, **form.cleaned_data)
    how = (
        "已经开学，各校的批次由经办打开，不自动开"
        if term.entered_late
        else "开学当天各校按去年的批次自动开"
    )
    messages.success(request, f"{term}已添加，{how}。")
    return redirect("calendar")


def _page(
    request: StaffRequest, form: YearForm | None = None, refused: Refused | None = None
) -> HttpResponse:
    today = clock.today()
    known = loaded_years()
    shown = _year(request.GET.get("year", ""), today.year)
    return render(
        request,
        "aidadmin/calendar.html",
        {
            "shown": shown,
            "years": [
                {"label": f"{y}年", "url": f"?year={y}", "current": y == shown}
                for y in sorted({*range(today.year - 1, today.year + 2), shown})
            ],
            "loaded": shown in known,
            "missing_next": today.month >= 11 and today.year + 1 not in known,
            "next_year": today.year + 1,
            "months": _months(shown, today),
            "special": CalendarDay.objects.filter(day__year=shown).order_by("day"),
            "terms": Term.objects.order_by("-code"),
            "following": following_term(),
            "today": today,
            "may_edit": request.appointment.role == Role.ADMIN,
            "form": form or YearForm(initial={"year": today.year + 1}),
            "reasons": refused.reasons if refused else [],
        },
        status=409 if refused else 200,
    )


def _year(text: str, default: int) -> int:
    year = key_of(text) or default
    return year if 2000 <= year <= 2100 else default


def _months(year: int, today: date) -> list[dict[str, Any]]:
    known = official_calendar()
    names = dict(CalendarDay.objects.filter(day__year=year).values_list("day", "name"))
    weeks = months.Calendar()
    found = []
    for month in range(1, 13):
        rows = [
            [_cell(day, month, known, names, today) for day in week]
            for week in weeks.monthdatescalendar(year, month)
        ]
        days = [c for row in rows for c in row if c]
        found.append({"month": month, "weeks": rows, "working": sum(c["working"] for c in days)})
    return found


def _cell(
    day: date, month: int, known: Any, names: dict[date, str], today: date
) -> dict[str, Any] | None:
    if day.month != month:
        return None
    working = is_working(known, day)
    usual = day.weekday() < 5
    return {
        "day": day.day,
        "working": working,
        "kind": "worked" if working and not usual else "off" if not working and usual else "",
        "weekend": not usual,
        "name": names.get(day, ""),
        "today": day == today,
    }
