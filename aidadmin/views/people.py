"""设置·人员与任期: who serves in which role, appointing, ending, one-time passwords."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from aidadmin.forms import EmployForm, EndForm
from audit.refusal import Refused
from office.actions import tell
from schools import actions, clock
from schools.access import StaffRequest, requires
from schools.actions import Employed
from schools.models import Appointment
from schools.passwords import marks_of
from schools.queue import in_office, left_office
from schools.roles import Duty, Role
from schools.rules import MANAGERS, roles_of

ORDER = [
    Role.ADMIN, Role.LEADER, Role.BUREAU_REVIEWER, Role.REVIEWER, Role.BUREAU_OPERATOR,
    Role.OPERATOR, Role.FINANCE, Role.COMMITTEE, Role.AUDITOR, Role.HEAD_TEACHER,
]  # fmt: skip


@requires(MANAGERS, methods="GET POST")
def people(request: StaffRequest) -> HttpResponse:
    """Who holds office here; POST appoints one more person."""
    if request.method == "POST":
        form = EmployForm(request.organisation, request.POST, by=request.appointment)
        if form.is_valid():
            try:
                employed = actions.employ(
                    organisation=request.organisation, by=request.appointment, **form.cleaned_data
                )
            except Refused as refused:
                return _page(request, form, refused)
            return _welcome(request, employed, "已任命")
        return _page(request, form)
    return _page(request, EmployForm(request.organisation, by=request.appointment))


def _page(request: StaffRequest, form: EmployForm, refused: Refused | None = None) -> HttpResponse:
    today = clock.today()
    left = Paginator(left_office(request.organisation, today), 20)
    return render(
        request,
        "aidadmin/people.html",
        {
            "form": form,
            "reasons": refused.reasons if refused else [],
            "rows": _serving(request, today),
            "roles": [(r.value, r.label) for r in Role if r in roles_of(request.organisation)],
            "left": [_row(a, today) for a in left.get_page(request.GET.get("page"))],
            "left_page": left.get_page(request.GET.get("page")),
            "today": today,
        },
        status=409 if refused else 200,
    )


def _serving(request: StaffRequest, today: date) -> list[dict[str, Any]]:
    q, role = request.GET.get("q", "").strip(), request.GET.get("role", "")
    found = [
        a
        for a in in_office(request.organisation, today)
        if (not q or q in a.person.name) and (role not in Role.values or a.role == role)
    ]
    found.sort(key=lambda a: ORDER.index(Role(a.role)))
    marks = marks_of([a.person_id for a in found])
    return [_row(a, today) | {"mark": marks.get(a.person_id, "")} for a in found]


def _row(appointment: Appointment, today: date) -> dict[str, Any]:
    since = appointment.period.lower or date.min
    until = appointment.period.upper
    last_day = until - timedelta(days=1) if until else None
    if since > today:
        status, tone = "未到任", "draft"
    elif last_day and last_day < today:
        status, tone = "已离任", "draft"
    elif last_day:
        status, tone = "即将离任", "wait"
    else:
        status, tone = "在任", "done"
    return {
        "pk": appointment.pk,
        "person": appointment.person,
        "role": appointment.get_role_display(),
        "duty": Duty(appointment.duty).label if appointment.duty != Duty.NEUTRAL else "",
        "since": since,
        "last_day": last_day,
        "status": status,
        "tone": tone,
    }


def _welcome(request: StaffRequest, employed: Employed, what: str) -> HttpResponse:
    # The password is nowhere stored in clear, so it can't be shown after a redirect.
    response = render(request, "aidadmin/employed.html", {"employed": employed, "what": what})
    response.headers["Cache-Control"] = "no-store"
    return response


def _own(request: StaffRequest, appointment_id: int) -> Appointment:
    return get_object_or_404(
        Appointment.objects.filter(organisation_id=request.organisation.pk).select_related(
            "person", "organisation"
        ),
        pk=appointment_id,
    )


@requires(MANAGERS, methods="POST")
def end_appointment(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """End a term of office after a last day."""
    appointment = _own(request, appointment_id)
    form = EndForm(request.POST)
    if not form.is_valid():
        messages.error(request, "任期没有改动：请填最后一天。")
        return redirect("people")
    last_day = form.cleaned_data["last_day"]
    actions.dismiss(appointment=appointment, last_day=last_day, by=request.appointment)
    messages.success(
        request,
        f"{appointment.person.name}的任期到{last_day.month}月{last_day.day}日结束，"
        "之后不能再以这个身份登录；没办完的事请交给接任的人。",
    )
    return redirect("people")


@requires(MANAGERS, methods="POST")
def reset_password(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """Give someone a new one-time password and tell them."""
    appointment = _own(request, appointment_id)
    employed = actions.reset_password(
        appointment=appointment, by=request.appointment, mark=request.POST.get("mark", "")
    )
    tell(
        organisation=request.organisation,
        person=appointment.person,
        title="您的密码已重设",
        body=f"由{request.appointment.person.name}重设。如果不是您要求的，请向上级单位反映。",
    )
    return _welcome(request, employed, "已重设密码")
