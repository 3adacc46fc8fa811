"""各校系统录入: a bureau sees which of its schools owe the national system their lists."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render

from disbursement.upkeep import recent_terms
from disbursement.upkeep_schools import (
    STATES,
    TONES,
    Line,
    Period,
    Totals,
    by_place,
    lines_of,
    periods,
)
from disbursement.views.own import entering_term, terms
from office.asked import key_of
from office.files import XLSX, download
from office.remembered import remembered
from office.spreadsheets.cells import Cell
from office.spreadsheets.writing import write_rows
from schools import clock, workdays
from schools.access import StaffRequest, requires
from schools.models import Organisation, Stage, Term
from schools.official import calendar
from schools.roles import BUREAU_ROLES

PAGE = 60
HEADERS = (
    "学校",
    "代码",
    "学段",
    "属地",
    "进度",
    "逾期起自",
    "逾期工作日",
    "逾期未录入（份）",
    "名单（份）",
    "从未录入（份）",
    "录入后有变动（份）",
    "已退回（份）",
    "待审核（份）",
    "已审核（份）",
)
# What the words of a filter mean.
WORDS: dict[str, dict[str, str]] = {
    "stage": {str(value): str(label) for value, label in Stage.choices},
    "state": {"open": "没有录完", **STATES},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a period of a term, its lines, and those that are shown."""

    term: Term
    period: Period
    lines: list[Line]
    shown: list[Line]


@requires(BUREAU_ROLES)
def upkeep_schools(request: StaffRequest) -> HttpResponse:
    """Schools beside one another, whom to remind first; numbers of lists alone."""
    asked = _asked(request)
    if asked is None:
        return render(request, "disbursement/upkeep_schools.html", {"term": None})
    page = Paginator(asked.shown, PAGE).get_page(request.GET.get("page"))
    city = request.organisation.kind == Organisation.Kind.CITY
    places = by_place(asked.lines) if city else []
    totals = Totals.of(asked.lines)
    context = {
        "term": asked.term,
        "terms": terms(),
        "period": asked.period,
        "periods": [(one.key, one.label) for one in periods(asked.term) if one.key],
        "totals": totals,
        "page": page,
        "rows": _rows(list(page.object_list)),
        "found": len(asked.shown),
        "applied": _applied(request, asked.lines),
        "stages": Stage.choices,
        "states": _states(asked.lines),
        "city": city,
        "places": places,
        "place_choices": [(str(pk), name) for pk, name, _ in places],
        "others": _others(request, asked.term),
    }
    return render(request, "disbursement/upkeep_schools.html", context)


def _asked(request: StaffRequest) -> Asked | None:
    term = entering_term(request)
    if term is None:
        return None
    every = periods(term)
    wanted = request.GET.get("period", "")
    period = next((one for one in every if one.key == wanted), every[0])
    lines = lines_of(request.organisation, term, period)
    return Asked(term, period, lines, _filtered(_told(request), lines))


def _told(request: StaffRequest) -> dict[str, str]:
    """What it is filtered by; what can't be filtered by is left out."""
    place = key_of(request.GET.get("place"))
    told = {key: request.GET.get(key, "").strip() for key in ("q", *WORDS)}
    told = {key: text if text in WORDS.get(key, (text,)) else "" for key, text in told.items()}
    return told | {"place": "" if place is None else str(place)}


def _filtered(told: dict[str, str], lines: list[Line]) -> list[Line]:
    q, stage, state, place = (told[key] for key in ("q", "stage", "state", "place"))
    return [
        line
        for line in lines
        if (not q or q in line.name or q == line.code)
        and (not stage or line.stage == stage)
        and (not place or str(line.place_id) == place)
        and (not state or line.state == state or (state == "open" and line.owed))
    ]


def _states(lines: list[Line]) -> list[tuple[str, str]]:
    counts = {key: sum(line.state == key for line in lines) for key in STATES}
    owing = sum(bool(line.owed) for line in lines)
    return [
        ("open", f"没有录完{owing}所"),
        *((key, f"{label}{counts[key]}所") for key, label in STATES.items()),
    ]


def _applied(request: StaffRequest, lines: list[Line]) -> list[dict[str, str]]:
    told = _told(request)
    places = {str(line.place_id): line.place for line in lines}
    shown = {
        "q": told["q"],
        "stage": WORDS["stage"].get(told["stage"], ""),
        "place": places.get(told["place"], "无") if told["place"] else "",
        "state": WORDS["state"].get(told["state"], ""),
    }
    labels = (("q", "查找"), ("stage", "学段"), ("place", "属地"), ("state", "进度"))
    return [
        {"label": label, "key": key, "raw": request.GET[key], "value": shown[key]}
        for key, label in labels
        if shown[key]
    ]


def _rows(lines: list[Line]) -> list[dict[str, Any]]:
    days = _overdue(lines)
    return [
        {
            "it": line,
            "label": STATES[line.state],
            "tone": TONES[line.state],
            "days": days.get(line.late_since),
        }
        for line in lines
    ]


def _overdue(lines: list[Line]) -> dict[date | None, int]:
    """Working days since each first day that passed; schools share them."""
    known, today = calendar(), clock.today()
    return {
        since: -workdays.remaining(known, today, since)
        for since in {line.late_since for line in lines}
        if since
    }


def _others(request: StaffRequest, shown: Term) -> list[dict[str, Any]]:
    """Terms beside the one shown of which schools still owe lists; a moment old at most."""

    def ask() -> list[tuple[str, str, int, int]]:
        found = []
        for term in recent_terms():
            if term != shown:
                totals = Totals.of(lines_of(request.organisation, term, periods(term)[0]))
                found.append((term.code, term.season_label, totals.owed, totals.late))
        return found

    rows = remembered(request, request.appointment, f"upkeep:{shown.code}", ask)
    return [
        {"code": code, "label": label, "owed": owed, "late": late}
        for code, label, owed, late in rows
        if owed
    ]


@requires(BUREAU_ROLES)
def export(request: StaffRequest) -> HttpResponse:
    """The table as shown, as a workbook."""
    asked = _asked(request)
    if asked is None:
        raise Http404
    days = _overdue(asked.shown)
    content = write_rows(
        None,
        HEADERS,
        [_line(line, days) for line in asked.shown],
        sheet_name="各校系统录入",
        widths=[24, 12, 10, 16, 12, 12, 12, *[14] * 7],
        text_columns=range(6),
    )
    period = asked.period.label if asked.period.key else ""
    name = f"各校系统录入 {asked.term.code}{period} {clock.today():%Y-%m-%d}.xlsx"
    return download(name, content, XLSX)


def _line(line: Line, days: dict[date | None, int]) -> list[Cell]:
    return [
        line.name,
        line.code,
        line.stage_label,
        line.place,
        STATES[line.state],
        f"{line.late_since:%Y-%m-%d}" if line.late_since else "",
        days.get(line.late_since),
        line.overdue,
        line.lists,
        line.unentered,
        line.changed,
        line.refused,
        line.waiting,
        line.checked,
    ]
