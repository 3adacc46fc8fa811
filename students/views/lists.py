"""名单比对 of a bureau: upload a department's list once, match it, see who is at which school."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate

from audit.refusal import Refused
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import School
from schools.roles import BUREAU_ROLES, Role
from students.actions import discard_list, match_list, upload_list, withdraw_list
from students.dropped_queue import retention_of
from students.forms import ListForm
from students.models import DepartmentList
from students.name_queue import count_checked
from students.queue import (
    confirmed_since,
    ending_of,
    lists_in_force,
    missing,
    older_than,
    people_asked,
    stopped_by,
    tags_of,
    unnamed,
)
from students.rules.endings import newer_of, replaced_by
from students.rules.lists import why_not_match

PAGE = 30


@requires(BUREAU_ROLES)
def lists(request: StaffRequest) -> HttpResponse:
    """Every list that this bureau uploaded, newest first."""
    rows = DepartmentList.objects.for_organisation(request.organisation)
    rows = rows.select_related("group", "file").order_by("-issued_on", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "operator": request.appointment.role == Role.BUREAU_OPERATOR,
        "in_force": set(lists_in_force(request.organisation.pk).values_list("pk", flat=True)),
        "today": clock.today(),
    }
    return render(request, "students/lists.html", context)


@requires(Role.BUREAU_OPERATOR, methods="GET POST")
def list_new(request: StaffRequest) -> HttpResponse:
    """Drop a department's list."""
    form = ListForm(request.POST or None, request.FILES or None)
    reasons: list[Any] = []
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        file = facts.pop("file")
        try:
            listed = upload_list(
                bureau=request.organisation,
                content=file.read(),
                filename=file.name,
                by=request.appointment,
                **facts,
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            return redirect("students:list", list_id=listed.pk)
    context = {"form": form, "reasons": reasons}
    return render(request, "students/list_new.html", context, status=422 if reasons else 200)


@requires(BUREAU_ROLES)
def list_page(request: StaffRequest, list_id: int) -> HttpResponse:
    """One list: what was read, and after matching, where its people are."""
    listed = _list(request, list_id)
    counts = listed.counts
    per_school = counts.get("schools", {})
    matched = listed.status == DepartmentList.Status.MATCHED
    staged = listed.status == DepartmentList.Status.STAGED
    older = list(older_than(listed)) if matched else []
    newer = replaced_by(listed) or newer_of(listed) if matched or staged else None
    gone = unnamed(listed) if matched else {}
    schools = School.objects.filter(pk__in={*map(int, per_school), *gone})
    by = request.appointment
    reviewer = by.role == Role.BUREAU_REVIEWER
    context: dict[str, Any] = {
        "listed": listed,
        "counts": counts,
        "left_out": _left_out(counts),
        "rows": sorted(
            (
                {"school": s, "n": per_school.get(str(s.pk), 0), "gone": gone.get(s.pk, 0)}
                for s in schools
            ),
            key=lambda r: -r["n"],
        ),
        "reached": len(per_school),
        "older": older,
        "ending": ending_of(listed) if matched else None,
        "retained": retention_of(listed) if matched else None,
        "gone": sum(gone.values()),
        "asked": people_asked(listed) if matched else 0,
        # As the page of those not found says it; long to count, so only where it may differ.
        "left": missing(listed).count() if matched and confirmed_since(listed) else None,
        "checked": count_checked(listed) if matched else 0,
        "tags": sum(per_school.values()),
        "operator": request.appointment.role == Role.BUREAU_OPERATOR,
        "staged": staged,
        "newer": newer,
        "reasons": why_not_match(listed) if newer else [],
        "matched": matched,
        "again": matched and (listed.compared_on or date.min) > localdate(listed.match_at),
        "withdrawn": listed.status == DepartmentList.Status.WITHDRAWN,
        "may_withdraw": matched and reviewer and listed.match_by_id != by.person_id,
    }
    if context["may_withdraw"]:
        context["ends"] = tags_of(listed).aggregate(
            tags=Count("pk"), schools=Count("school", distinct=True)
        )
        context["stopped"] = len(stopped_by(listed))
    return render(request, "students/list.html", context)


def _left_out(counts: dict[str, Any]) -> str:
    """How many rows are not matched, and of how many it is the number; '' when all are."""
    rows = counts.get("left_out", counts["errors"])
    numbers = counts.get("unusable", rows)
    if not rows or numbers == rows:
        return f"{rows}行的身份证号不能用" if rows else ""
    return f"{rows}行有错误" + (f"（其中{numbers}行的身份证号不能用）" if numbers else "")


@requires(Role.BUREAU_OPERATOR, methods="POST")
def list_match(request: StaffRequest, list_id: int) -> HttpResponse:
    """Match; again after rosters changed."""
    done = match_list(listed=_list(request, list_id), by=request.appointment)
    counts = done.counts
    if counts["tagged"]:
        said = f"新标记{counts['tagged']}人，各学校现在可以看到。"
    else:
        said = "没有新标记的学生。"
    if counts["asked"]:
        said += f"另有{counts['asked']}人姓名相同、身份证号没有比中，已请学校确认。"
    messages.success(request, f"比中{counts['matched']}人，{said}")
    return redirect("students:list", list_id=done.pk)


@requires(Role.BUREAU_OPERATOR, methods="POST")
def list_discard(request: StaffRequest, list_id: int) -> HttpResponse:
    """Put an unmatched list away."""
    discard_list(listed=_list(request, list_id), by=request.appointment)
    messages.success(request, "已放弃这份名单，没有标记任何学生。")
    return redirect("students:lists")


@requires(Role.BUREAU_REVIEWER, methods="POST")
def list_withdraw(request: StaffRequest, list_id: int) -> HttpResponse:
    """Undo a wrong list."""
    done = withdraw_list(
        listed=_list(request, list_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    counts = done.counts
    said = f"已撤销，停止了{counts['ended']}人次的标记"
    if counts["kept"]:
        said += f"；其中{counts['kept']}人次在其他名单上，已改按那份名单标记"
    if counts["stopped"]:
        said += f"。因这份名单不再列名而停止过标记的{counts['stopped']}人"
        said += f"，{counts['restored']}人在其他有效名单上，已恢复标记"
    messages.success(request, f"{said}。")
    return redirect("students:list", list_id=done.pk)


def _list(request: StaffRequest, list_id: int) -> DepartmentList:
    rows = DepartmentList.objects.for_organisation(request.organisation)
    found: DepartmentList = get_object_or_404(
        rows.select_related("group", "file", "match_by", "withdraw_by"), pk=list_id
    )
    return found
