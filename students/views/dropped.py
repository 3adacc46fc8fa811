"""不再列名: whom a newer list no longer names, and ending their tags with a second person."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from office.asked import key_of, keys_of
from schools.access import StaffRequest, requires
from schools.models import School
from schools.roles import BUREAU_ROLES, Role
from students.actions import approve_ending, propose_ending, refuse_ending
from students.models import DepartmentList, SpecialGroupTag, TagEnding
from students.queue import dropped, ending_of, unnamed
from students.rules.endings import why_not_propose, why_not_review

PAGE = 50
# Whoever sends it back still has to write one.
SOME_REASON = "退回"


@requires(BUREAU_ROLES)
def list_dropped(request: StaffRequest, list_id: int) -> HttpResponse:
    """Who they are; while a proposal waits, only those of whom it speaks."""
    listed = _list(request, list_id)
    by = request.appointment
    ending = ending_of(listed)
    matched = listed.status == DepartmentList.Status.MATCHED
    rows = dropped(listed) if matched else SpecialGroupTag.objects.none()
    if ending is not None:
        rows = rows.filter(pk__in=ending.tags)
    schools = School.objects.filter(pk__in=unnamed(listed) if matched else ()).order_by("name")
    chosen = next((s for s in schools if str(s.pk) == request.GET.get("school", "")), None)
    if chosen is not None:
        rows = rows.filter(school_id=chosen.pk)
    rows = rows.select_related("student__school_class", "student__school")
    page = Paginator(rows.order_by("school_id", "student__pinyin", "pk"), PAGE).get_page(
        request.GET.get("page")
    )
    issued = dict(
        DepartmentList.objects.for_organisation(request.organisation)
        .filter(pk__in={t.source_list_id for t in page})
        .values_list("pk", "issued_on")
    )
    reviewer = by.role == Role.BUREAU_REVIEWER
    context: dict[str, Any] = {
        "listed": listed,
        "matched": matched,
        "page": page,
        "rows": [(tag, issued.get(tag.source_list_id)) for tag in page],
        "total": page.paginator.count,
        "ending": ending,
        "past": listed.endings.exclude(status=TagEnding.Status.PROPOSED)
        .select_related("proposed_by", "approve_by", "refuse_by", "drop_by")
        .order_by("-pk"),
        "schools": [(s.pk, s.name) for s in schools],
        "chosen": chosen,
        "applied": [{"label": "学校", "value": chosen.name, "key": "school", "raw": chosen.pk}]
        if chosen
        else [],
        "proposes": ending is None and not why_not_propose(listed, 1, by),
        "reviewer": reviewer,
        "reasons": why_not_review(ending, listed, by) if ending and reviewer else [],
        # What a newer list overtook can't be approved, but it must not wait for ever.
        "sends_back": ending is not None
        and not why_not_review(ending, listed, by, back=True, reason=SOME_REASON),
    }
    return render(request, "students/dropped.html", context)


@requires(Role.BUREAU_OPERATOR, methods="POST")
def list_propose(request: StaffRequest, list_id: int) -> HttpResponse:
    """Ask the reviewer to end the tags picked, or of all that the filter shows."""
    listed = _list(request, list_id)
    done = propose_ending(
        listed=listed,
        note=request.POST.get("note", ""),
        tags=_picked(request, listed),
        by=request.appointment,
    )
    messages.success(request, f"已提请停止{done.students}人的标记，等审核；审核前标记不变。")
    return redirect("students:list_dropped", list_id=listed.pk)


def _picked(request: StaffRequest, listed: DepartmentList) -> list[int]:
    if request.POST.get("all") != "1":
        return keys_of(request.POST.getlist("pick"))[:100_000]
    rows = dropped(listed)
    if (school := key_of(request.POST.get("school"))) is not None:
        rows = rows.filter(school_id=school)
    return list(rows.values_list("pk", flat=True))


@requires(Role.BUREAU_REVIEWER, methods="POST")
def list_end(request: StaffRequest, list_id: int) -> HttpResponse:
    """Approve the proposal that was looked at."""
    done = approve_ending(ending=_ending(request, list_id), by=request.appointment)
    said = f"已停止{done.ended}条标记，有效期止于{done.ends_on:%Y年%-m月%-d日}"
    if done.kept:
        said += f"，其中{done.kept}人在其他资助中心的有效名单上，已改按那份名单标记"
    messages.success(request, f"{said}；各学校的统计随之更新。")
    return redirect("students:list_dropped", list_id=list_id)


@requires(Role.BUREAU_REVIEWER, methods="POST")
def list_keep(request: StaffRequest, list_id: int) -> HttpResponse:
    """Send the proposal back."""
    refuse_ending(
        ending=_ending(request, list_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, "已退回经办，标记没有改变。")
    return redirect("students:list_dropped", list_id=list_id)


def _ending(request: StaffRequest, list_id: int) -> TagEnding:
    rows = TagEnding.objects.for_organisation(request.organisation)
    found: TagEnding = get_object_or_404(
        rows.select_related("list__group"), list=list_id, pk=key_of(request.POST.get("ending"))
    )
    return found


def _list(request: StaffRequest, list_id: int) -> DepartmentList:
    rows = DepartmentList.objects.for_organisation(request.organisation).select_related("group")
    found: DepartmentList = get_object_or_404(rows, pk=list_id)
    return found
