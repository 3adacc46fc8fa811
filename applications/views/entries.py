"""申请: the list and its export, one application, its household, returning and withdrawing."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from applications import actions, queue
from applications.grant_forms import has_form
from applications.models import Application, PaperRule
from applications.rules import entries as rules
from applications.rules.family import CHECKLIST
from applications.rules.papers import OTHER_KINDS
from applications.told_above import held_above
from applications.views.checking import papers_of
from applications.views.own import (
    CHECKING,
    ENTERING,
    READING,
    RETURNING,
    is_role,
    own_application,
)
from audit import moves
from audit.events import record
from audit.models import Event
from audit.refusal import Refused
from office.asked import key_of
from office.files import XLSX, download
from office.spreadsheets.writing import write_rows
from schools import clock
from schools.access import StaffRequest, requires
from schools.official import current_term
from schools.roles import SCHOOL_ROLES, Role
from students.models import SpecialGroup

PER_PAGE = 30
SORTS = {
    "number": ("round_id", "number"),
    "name": ("student__pinyin", "pk"),
    "class": (
        "student__school_class__grade",
        "student__school_class__number",
        "student__pinyin",
        "pk",
    ),
    "submitted": ("submit_at", "pk"),
}
HEADERS = (
    "编号",
    "姓名",
    "班级",
    "学号",
    "批次",
    "状态",
    "填报方式",
    "提交时间",
    "承诺人",
    "承诺日期",
    "身份证明",
    "逾期原因",
    "退回原因",
)


@requires(SCHOOL_ROLES)
def entries(request: StaffRequest) -> HttpResponse:
    """The school's applications, one's own classes' for a head teacher."""
    found, applied = _filtered(request, request.GET)
    page = Paginator(_sorted(found, request.GET), PER_PAGE).get_page(request.GET.get("page"))
    term = current_term()
    rounds = list(queue.rounds_of(request.school, term)) if term else []
    return render(
        request,
        "applications/entries.html",
        {
            "page": page,
            "total": page.paginator.count,
            "applied": applied,
            "round_options": [(r.pk, str(r)) for r in rounds],
            "class_options": list(queue.classes_of(request.appointment).values_list("pk", "name")),
            "status_options": Application.Status.choices,
            "rounds": rounds,
            "may_enter": is_role(request, ENTERING),
        },
    )


def _filtered(
    request: StaffRequest, asked: QueryDict
) -> tuple[QuerySet[Application], list[dict[str, str]]]:
    found = queue.applications_of(request.appointment)
    applied: list[dict[str, str]] = []
    status, class_id, round_id, late, query = (
        asked.get(key, "").strip() for key in ("status", "class", "round", "late", "q")
    )
    if status in Application.Status.values:
        found = found.filter(status=status)
        label = str(Application.Status(status).label)
        applied.append({"label": "状态", "value": label, "key": "status", "raw": status})
    if (its_class := key_of(class_id)) is not None:
        found = found.filter(student__school_class_id=its_class)
        name = queue.classes_of(request.appointment).filter(pk=its_class).first()
        applied.append(
            {"label": "班级", "value": str(name or "无"), "key": "class", "raw": class_id}
        )
    if (its_round := key_of(round_id)) is not None:
        found = found.filter(round_id=its_round)
        chosen = queue.rounds_seen(request.appointment).filter(pk=its_round).first()
        applied.append(
            {"label": "批次", "value": str(chosen or "无"), "key": "round", "raw": round_id}
        )
    if late:
        found = found.filter(queue.LATE_WAITING)
        applied.append({"label": "", "value": "等待同意逾期", "key": "late", "raw": late})
    if query:
        found = found.filter(queue.named_like(request.school, query, "student__"))
        applied.append({"label": "查找", "value": query, "key": "q", "raw": query})
    return found, applied


def _sorted(found: QuerySet[Application], asked: QueryDict) -> QuerySet[Application]:
    key = asked.get("sort", "")
    order = SORTS.get(key.lstrip("-"), SORTS["class"])
    if key.startswith("-"):
        order = tuple(f"-{name}" for name in order)
    return found.select_related(
        "student__school_class", "round__term", "round__programme"
    ).order_by(*order)


@requires(SCHOOL_ROLES, methods="POST")
def export(request: StaffRequest) -> HttpResponse:
    """The list as shown, as a workbook; recorded, since it names who applied."""
    found, _ = _filtered(request, request.POST)
    rows = [_exported(a) for a in _sorted(found, request.POST)]
    with transaction.atomic():
        record(
            by=request.appointment,
            verb="application.export",
            label="导出申请名单",
            subject=request.organisation,
            at=clock.now(),
            organisation_id=request.organisation.pk,
            facts={"rows": len(rows)},
        )
    content = write_rows(None, HEADERS, rows, sheet_name="申请")
    return download(f"申请名单{clock.today():%Y%m%d}.xlsx", content, XLSX)


def _exported(application: Application) -> tuple[str, ...]:
    submitted = application.submit_at
    return (
        application.number,
        application.student.name,
        application.student.school_class.name,
        application.student.student_no,
        str(application.round),
        application.get_status_display(),
        application.get_channel_display(),
        f"{timezone.localtime(submitted):%Y-%m-%d %H:%M}" if submitted else "",
        application.committed_by,
        application.committed_on.isoformat() if application.committed_on else "",
        application.get_identity_paper_display(),
        application.late_reason,
        application.return_reason,
    )


@requires(SCHOOL_ROLES)
def application(request: StaffRequest, application_id: int) -> HttpResponse:
    """One application: where it is, what it says, what may be done now. No household here."""
    return _shown(request, own_application(request, application_id))


def _shown(
    request: StaffRequest, row: Application, *, status: int = 200, **context: Any
) -> HttpResponse:
    today = clock.today()
    handing_in = moves.allowed(row, "submit") is not None
    late = handing_in and rules.is_late(row, today)
    open_now = not rules.why_not_open(row.round, today)
    entering, checking = is_role(request, ENTERING), is_role(request, CHECKING)
    changeable = open_now and not rules.why_not_change(row)
    submitted = row.status == Application.Status.SUBMITTED
    checked = row.status == Application.Status.CHECKING
    returning = RETURNING if submitted else RETURNING | {Role.HEAD_TEACHER}
    return render(
        request,
        "applications/application.html",
        {
            "application": row,
            "household": row.surveys.exists(),
            "late": late,
            "may_change": entering and changeable,
            "may_withdraw": entering
            and open_now
            and row.status != Application.Status.WITHDRAWN
            and not held_above(row),
            "may_redraft": entering and open_now and row.status == Application.Status.WITHDRAWN,
            "may_return": is_role(request, returning) and open_now and (submitted or checked),
            "may_accept": entering and open_now and checked,
            "checklist": CHECKLIST,
            "identity_papers": Application.IdentityPaper.choices,
            "absent": _absent(row) if checked or changeable else [],
            "received": [label for kind, label in OTHER_KINDS if kind in row.papers_received],
            "filing": row.filings.select_related("signature").first(),
            "papers": list(Counter(str(p) for p in row.attachments.order_by("pk")).items()),
            "may_allow": checking and late and open_now and row.late_by_id is None,
            "may_read": is_role(request, READING),
            "has_form": has_form(row.round.programme),
            "visits": row.visits.select_related("recorded_by").order_by("-on", "-pk"),
            "story": _story(row),
            **context,
        },
        status=status,
    )


@requires(ENTERING, methods="POST")
def accept(request: StaffRequest, application_id: int) -> HttpResponse:
    """核对无误，提交; what was ticked stays ticked when something is still wrong."""
    row = own_application(request, application_id)
    checks = frozenset(request.POST.getlist("checks"))
    identity_paper = request.POST.get("identity_paper", "")
    received = request.POST.getlist("papers_received")
    try:
        actions.accept(
            application=row,
            checks=checks,
            identity_paper=identity_paper,
            papers_received=received,
            by=request.appointment,
        )
    except Refused as refused:
        row = own_application(request, application_id)
        if row.status != Application.Status.CHECKING:
            raise
        told = {"checks": checks, "identity_paper": identity_paper, "papers_received": received}
        return _shown(request, row, status=409, told=told, reasons=refused.reasons)
    messages.success(
        request, f"已核对并提交{row.student.name}的申请（{row.number}），接下来由班级评议。"
    )
    return redirect("applications:round", round_id=row.round_id)


def _absent(row: Application) -> list[PaperRule]:
    return queue.papers_absent(row, row.surveys.first(), clock.today())


def _story(row: Application) -> list[dict[str, Any]]:
    events = Event.objects.for_organisation(row.school_id).filter(
        subject="applications.Application", subject_id=row.pk
    )
    tones = {"application.send_back": "wait", "application.withdraw": "wait"}
    return [
        {
            "when": e.at,
            "text": f"{e.label}，{e.person_name}",
            "note": e.reason,
            "state": tones.get(e.verb, "done"),
        }
        for e in events
    ]


@requires(READING, methods="GET POST")
def survey(request: StaffRequest, application_id: int) -> HttpResponse:
    """The whole form with the household, to read and to print; asks why and keeps a record."""
    row = own_application(request, application_id)
    reason = request.POST.get("reason", "").strip()
    if request.method == "GET" or not reason:
        status = 200 if request.method == "GET" else 422
        context = {"application": row, "asked": request.method == "POST"}
        return render(request, "applications/survey_reason.html", context, status=status)
    household = actions.read_household(application=row, reason=reason, by=request.appointment)
    context = {
        "application": row,
        "household": household,
        "reason": reason,
        "visits": row.visits.select_related("recorded_by").order_by("on", "pk"),
        "papers": papers_of(request, row),
        "doubts": queue.doubts_of(household.survey, request.appointment, clock.today()),
        "claims": SpecialGroup.objects.filter(code__in=household.survey.claims).order_by("pk"),
    }
    answer = render(request, "applications/survey.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@requires(RETURNING | {Role.HEAD_TEACHER}, methods="POST")
def send_back(request: StaffRequest, application_id: int) -> HttpResponse:
    """退回补正."""
    row = actions.send_back(
        application=own_application(request, application_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    again = "家长再进入时会看到原因" if row.hand_over_at else "班主任的工作台上会看到原因"
    messages.success(request, f"已退回{row.student.name}的申请，{again}。")
    return redirect("applications:application", application_id=row.pk)


@requires(ENTERING, methods="POST")
def withdraw(request: StaffRequest, application_id: int) -> HttpResponse:
    """撤回."""
    row = actions.withdraw(
        application=own_application(request, application_id), by=request.appointment
    )
    messages.success(request, f"已撤回{row.student.name}的申请；批次办结前可以重新填写。")
    return redirect("applications:application", application_id=row.pk)


@requires(ENTERING, methods="POST")
def explain_late(request: StaffRequest, application_id: int) -> HttpResponse:
    """说明逾期原因."""
    row = actions.explain_late(
        application=own_application(request, application_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, "逾期原因已记下，等待审核人同意；同意后再来提交。")
    return redirect("applications:application", application_id=row.pk)


@requires(CHECKING, methods="POST")
def allow_late(request: StaffRequest, application_id: int) -> HttpResponse:
    """同意逾期."""
    row = actions.allow_late(
        application=own_application(request, application_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, f"已同意{row.student.name}逾期提交，由录入人提交。")
    return redirect("applications:application", application_id=row.pk)
