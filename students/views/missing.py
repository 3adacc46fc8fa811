"""未比中: who stands on a department's list and on no roster; where they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from audit.refusal import Reason
from office.asked import keys_of
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import BUREAU_ROLES, Role
from students.actions import record_whereabouts, want_missing
from students.models import DepartmentList, Whereabouts
from students.queue import missing, of_age
from students.rules.ages import BANDS
from students.rules.whereabouts import wrong_with

PAGE = 50
OUTCOMES = [("none", "未核实"), *Whereabouts.Outcome.choices]


@dataclass(frozen=True, slots=True)
class Told:
    """What was chosen and written when it could not be recorded; nothing when first shown."""

    picked: frozenset[int] = frozenset()
    everybody: bool = False
    outcome: str = ""
    note: str = ""
    wrong: Mapping[str, Reason] = field(default_factory=dict)

    @property
    def summary(self) -> list[dict[str, str]]:
        """The errors as the page's summary lists them, each with its field."""
        return [{"text": str(reason), "url": f"#{name}"} for name, reason in self.wrong.items()]


@requires(BUREAU_ROLES)
def list_missing(request: StaffRequest, list_id: int) -> HttpResponse:
    """The people, by age and by what is known of them; names shortened, numbers masked."""
    return _shown(request, _list(request, list_id), Told())


def _shown(request: StaffRequest, listed: DepartmentList, told: Told) -> HttpResponse:
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
                "picked": row.pk in told.picked,
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
        "told": told,
    }
    return render(request, "students/missing.html", context, status=422 if told.wrong else 200)


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


@requires(Role.BUREAU_OPERATOR, methods="GET POST")
def list_whereabouts(request: StaffRequest, list_id: int) -> HttpResponse:
    """Note down where the people picked, or all that the filter shows, are."""
    listed = _list(request, list_id)
    if request.method != "POST":
        # The page with errors has this address; its filters and pages lead to the list.
        return redirect(_back(request.GET, list_id))
    everybody = request.POST.get("all") == "1"
    if everybody:
        rows, _, _ = _filtered(listed, request.POST)
        picked = list(rows.values_list("pk", flat=True))
    else:
        picked = keys_of(request.POST.getlist("pick"))
    outcome, note = request.POST.get("found", ""), request.POST.get("note", "")
    wrong = wrong_with(outcome, note)
    if wrong and picked:
        request.GET = QueryDict(_kept(request.POST))
        return _shown(request, listed, Told(frozenset(picked), everybody, outcome, note, wrong))
    n = record_whereabouts(
        listed=listed, rows=picked, outcome=outcome, note=note, by=request.appointment
    )
    messages.success(request, f"已登记{n}人的去向，以后的名单上也会带出。")
    return redirect(_back(request.POST, list_id))


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


def _kept(told: QueryDict) -> str:
    """The list's own query: what is filtered, and which page."""
    query = QueryDict(mutable=True)
    for key in ("age", "outcome", "page"):
        if value := told.get(key):
            query[key] = value
    return query.urlencode()


def _back(told: QueryDict, list_id: int) -> str:
    query = _kept(told)
    url = reverse("students:list_missing", kwargs={"list_id": list_id})
    return f"{url}?{query}" if query else url


def _list(request: StaffRequest, list_id: int) -> DepartmentList:
    rows = DepartmentList.objects.for_organisation(request.organisation).select_related("group")
    found: DepartmentList = get_object_or_404(rows, pk=list_id)
    return found
