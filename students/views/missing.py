"""未比中: who stands on a department's list and on no roster; where they are."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from office.asked import keys_of
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import BUREAU_ROLES, Role
from students.actions import record_whereabouts, want_missing
from students.models import DepartmentList, Whereabouts
from students.queue import missing, of_age
from students.rules.ages import BANDS

PAGE = 50
OUTCOMES = [("none", "未核实"), *Whereabouts.Outcome.choices]


@requires(BUREAU_ROLES)
def list_missing(request: StaffRequest, list_id: int) -> HttpResponse:
    """The people, by age and by what is known of them; names shortened, numbers masked."""
    listed = _list(request, list_id)
    today = clock.today()
    rows, band, outcome = _filtered(listed, request.GET)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    names = dict(Whereabouts.Outcome.choices)
    context: dict[str, Any] = {
        "listed": listed,
        "page": page,
        "total": page.paginator.count,
        "rows": [
            {
                "row": row,
                "name": row.short_name,
                "age": _age(row.birth_date, today),
                "outcome": names.get(row.outcome, ""),
            }
            for row in page
        ],
        "bands": [(b.code, b.label) for b in BANDS],
        "band": band,
        "outcomes": OUTCOMES,
        "choices": Whereabouts.Outcome.choices,
        "outcome": outcome,
        "applied": _applied(band, outcome),
        "operator": request.appointment.role == Role.BUREAU_OPERATOR,
    }
    return render(request, "students/missing.html", context)


def _age(born: Any, today: Any) -> int | None:
    if born is None:
        return None
    return int(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


def _filtered(listed: DepartmentList, query: QueryDict) -> tuple[Any, str, str]:
    rows = missing(listed)
    chosen = next((b for b in BANDS if b.code == query.get("age")), None)
    if chosen is not None:
        rows = of_age(rows, chosen, clock.today())
    outcome = query.get("outcome", "")
    if outcome not in dict(OUTCOMES):
        outcome = ""
    if outcome:
        rows = rows.filter(outcome="" if outcome == "none" else outcome)
    return rows, chosen.code if chosen else "", outcome


def _applied(band: str, outcome: str) -> list[dict[str, str]]:
    labels = {b.code: b.label for b in BANDS}
    found = (
        ("年龄", labels.get(band, ""), "age", band),
        ("去向", dict(OUTCOMES).get(outcome, ""), "outcome", outcome),
    )
    return [{"label": a, "value": b, "key": c, "raw": d} for a, b, c, d in found if b]


@requires(Role.BUREAU_OPERATOR, methods="POST")
def list_whereabouts(request: StaffRequest, list_id: int) -> HttpResponse:
    """Note down where the people picked, or all that the filter shows, are."""
    listed = _list(request, list_id)
    if request.POST.get("all") == "1":
        rows, _, _ = _filtered(listed, request.POST)
        picked = list(rows.values_list("pk", flat=True))
    else:
        picked = keys_of(request.POST.getlist("pick"))
    n = record_whereabouts(
        listed=listed,
        rows=picked,
        outcome=request.POST.get("found", ""),
        note=request.POST.get("note", ""),
        by=request.appointment,
    )
    messages.success(request, f"已登记{n}人的去向，以后的名单上也会带出。")
    return redirect(_back(request, list_id))


@requires(BUREAU_ROLES, methods="POST")
def list_missing_export(request: StaffRequest, list_id: int) -> HttpResponse:
    """Ask for what the filter shows as a workbook."""
    listed = _list(request, list_id)
    _, band, outcome = _filtered(listed, request.POST)
    job = want_missing(
        listed=listed,
        band=band,
        outcome=outcome,
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    return redirect("office:job", job_id=job.pk)


def _back(request: StaffRequest, list_id: int) -> str:
    query = QueryDict(mutable=True)
    for key in ("age", "outcome"):
        if request.POST.get(key):
            query[key] = request.POST[key]
    url = reverse("students:list_missing", kwargs={"list_id": list_id})
    return f"{url}?{query.urlencode()}" if query else url


def _list(request: StaffRequest, list_id: int) -> DepartmentList:
    rows = DepartmentList.objects.for_organisation(request.organisation).select_related("group")
    found: DepartmentList = get_object_or_404(rows, pk=list_id)
    return found
