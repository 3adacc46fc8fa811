"""失学劝返: who was found out of school, and what became of them."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from audit.refusal import Reason
from office.asked import keys_of
from schools.access import StaffRequest, requires
from schools.roles import BUREAU_ROLES, Role
from students.actions import change_whereabouts
from students.dropout_queue import out_of_school, told_of
from students.models import Whereabouts
from students.rules.whereabouts import wrong_with

PAGE = 50
STATES = [("out", "不在名册"), ("here", "名册上已有")]
CHOICES = [one for one in Whereabouts.Outcome.choices if one[0] != Whereabouts.Outcome.DROPPED_OUT]


@requires(BUREAU_ROLES)
def dropouts(request: StaffRequest) -> HttpResponse:
    """Everybody who is out of school, however long ago his list was; names shortened."""
    return _shown(request)


def _shown(
    request: StaffRequest,
    wrong: Mapping[str, Reason] | None = None,
    picked: frozenset[int] = frozenset(),
) -> HttpResponse:
    state = request.GET.get("state", "")
    rows = out_of_school(request.organisation.pk)
    if state in dict(STATES):
        rows = rows.filter(here=state == "here")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    wrong = wrong or {}
    context: dict[str, Any] = {
        "page": page,
        "total": page.paginator.count,
        "people": told_of(list(page.object_list)),
        "states": STATES,
        "state": state,
        "applied": [
            {"label": "名册", "value": label, "key": "state", "raw": key}
            for key, label in STATES
            if key == state
        ],
        "choices": CHOICES,
        "operator": request.appointment.role == Role.BUREAU_OPERATOR,
        "wrong": wrong,
        "summary": [{"text": str(why), "url": f"#{name}"} for name, why in wrong.items()],
        "found": request.POST.get("found", ""),
        "note": request.POST.get("note", ""),
        "picked": picked,
    }
    return render(request, "students/dropouts.html", context, status=422 if wrong else 200)


@requires(Role.BUREAU_OPERATOR, methods="GET POST")
def dropouts_record(request: StaffRequest) -> HttpResponse:
    """Note down what became of those picked."""
    if request.method != "POST":
        return redirect("students:dropouts")
    picked = keys_of(request.POST.getlist("pick"))
    outcome, note = request.POST.get("found", ""), request.POST.get("note", "")
    wrong = wrong_with(outcome, note)
    if wrong and picked:
        return _shown(request, wrong, frozenset(picked))
    n = change_whereabouts(persons=picked, outcome=outcome, note=note, by=request.appointment)
    label = Whereabouts.Outcome(outcome).label
    messages.success(request, f"已登记{n}人：{label}。")
    return redirect("students:dropouts")
