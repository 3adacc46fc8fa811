"""全区总览: which schools need a call, the totals, and every school's eight steps."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from aidadmin.overview import regional
from aidadmin.overview.notify import urge_late
from aidadmin.overview.regional import Overview, Standing, Totals
from aidadmin.overview.seen import overview_seen
from aidadmin.overview.steps import STEPS, limits_of
from office.files import XLSX, download
from office.spreadsheets.writing import write_rows
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import Organisation, Stage, Term
from schools.official import OfficialCalendar, calendar, current_term
from schools.roles import BUREAU_ROLES, Role

PAGE = 60
STATES = (("bad", "逾期"), ("wait", "快到期"), ("done", "按时"))


@requires(BUREAU_ROLES)
def overview(request: StaffRequest) -> HttpResponse:
    """Whom to call, totals, schools × steps, charts; aggregated numbers only."""
    found, known, term, today = _overview(request)
    scope, scopes = _scope(request, found)
    standings = scopes[scope][1]
    shown = _filtered(request, standings)
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    totals = Totals.of(s.facts for s in standings)
    limits = limits_of(known, term, regional.year_start(term))
    return render(
        request,
        "aidadmin/overview.html",
        {
            "term": term,
            "today": today,
            "scope": scope,
            "scopes": [
                {"key": key, "label": label, "current": key == scope,
                 "totals": Totals.of(s.facts for s in mine)}
                for key, (label, mine) in scopes.items()
            ],
            "calls": regional.calls_of(standings),
            "totals": totals,
            "states": _states(standings),
            "late": sum(s.state == "bad" for s in standings),
            "steps": [(step, limits[step.key]) for step in STEPS],
            "page": page,
            "found": len(shown),
            "applied": _applied(request),
            "stages": Stage.choices,
            "funnel": regional.funnel(totals),
            "by_stage": (stages := regional.by_stage(standings)),
            "stage_bars": [one["bar"] for one in stages if one["bar"].whole],
            "whole_city": request.organisation.kind == Organisation.Kind.CITY,
            "by_school": regional.by_school(page.object_list),
            "districts": (
                regional.by_district(standings)
                if request.organisation.kind == Organisation.Kind.CITY
                else []
            ),
        },
    )  # fmt: skip


def _overview(request: StaffRequest) -> tuple[Overview, OfficialCalendar, Term, date]:
    known, today, term = calendar(), clock.today(), current_term()
    if term is None:
        raise Http404
    return overview_seen(request, term, known, today), known, term, today


def _scope(
    request: StaffRequest, found: Overview
) -> tuple[str, dict[str, tuple[str, list[Standing]]]]:
    scopes = found.scopes()
    chosen = request.GET.get("scope", "")
    return chosen if chosen in scopes else "located", scopes


def _filtered(request: StaffRequest, standings: list[Standing]) -> list[Standing]:
    q = request.GET.get("q", "").strip()
    stage, state = request.GET.get("stage", ""), request.GET.get("state", "")
    return [
        s
        for s in standings
        if (not q or q in s.facts.school.name or q == s.facts.school.code)
        and (not stage or s.facts.school.stage == stage)
        and (not state or s.state == state)
    ]


def _states(standings: list[Standing]) -> list[tuple[str, str]]:
    counts = {key: sum(s.state == key for s in standings) for key, _ in STATES}
    return [(key, f"{label}{counts[key]}所") for key, label in STATES]


def _applied(request: StaffRequest) -> list[dict[str, str]]:
    words = {"stage": dict(Stage.choices), "state": dict(STATES)}
    labels = (("q", "查找"), ("stage", "学段"), ("state", "进度"))
    return [
        {
            "label": label,
            "key": key,
            "raw": raw,
            "value": str(words[key].get(raw, raw)) if key in words else raw,
        }
        for key, label in labels
        if (raw := request.GET.get(key, ""))
    ]


@requires(BUREAU_ROLES)
def export_overview(request: StaffRequest) -> HttpResponse:
    """The table as shown, as a workbook."""
    found, _, term, today = _overview(request)
    scope, scopes = _scope(request, found)
    shown = _filtered(request, scopes[scope][1])
    headers = ["学校", "代码", "学段", "属地", "逾期工作日", *(s.label for s in STEPS)]
    numbers = [
        "在籍人数",
        "认定申请人数",
        "认定困难人数",
        "资助人数",
        "资助金额（元）",
        "到账金额（元）",
    ]
    content = write_rows(
        None,
        [*headers, *numbers],
        [_line(s) for s in shown],
        sheet_name="各校进度",
        widths=[24, 12, 10, 16, 10, *[14] * len(STEPS), *[12] * len(numbers)],
        text_columns=[*range(4), *range(5, 5 + len(STEPS))],
    )
    return download(f"各校进度 {term.code} {today:%Y-%m-%d}.xlsx", content, XLSX)


def _line(standing: Standing) -> list[Any]:
    f = standing.facts
    steps = [f"{c.words} {c.figures}".strip() for c in standing.cells]
    school = f.school
    return [
        school.name, school.code, school.get_stage_display(), school.territory.name,
        standing.late, *steps, f.students, f.applications, f.difficult, f.aided,
        f.awarded_fen / 100, f.paid_fen / 100,
    ]  # fmt: skip


@requires(BUREAU_ROLES)
def school_overview(request: StaffRequest, school_id: int) -> HttpResponse:
    """One school's eight steps with their numbers and whom to call there."""
    known, today, term = calendar(), clock.today(), current_term()
    if term is None:
        raise Http404
    standing = regional.standing_of(request.organisation, term, known, today, school_id)
    if standing is None:
        raise Http404
    return render(
        request,
        "aidadmin/school_overview.html",
        {"standing": standing, "school": standing.facts.school, "term": term},
    )


@requires(Role.BUREAU_OPERATOR, methods="POST")
def urge(request: StaffRequest) -> HttpResponse:
    """Remind every overdue school's aid office, each once a day."""
    found, _, _, today = _overview(request)
    scope, scopes = _scope(request, found)
    told, again = urge_late(standings=scopes[scope][1], today=today, by=request.appointment)
    if told:
        text = f"已提醒{told}所学校的资助专干，提醒写明逾期的步骤和天数。"
        messages.success(request, text + (f"{again}所今天已经提醒过。" if again else ""))
    else:
        messages.info(
            request, "没有新的提醒：逾期的学校今天都已提醒过。" if again else "没有逾期的学校。"
        )
    return redirect("overview")
