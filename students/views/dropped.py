"""不再列名: whom a newer list no longer names, and ending their tags with a second person."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from office.asked import key_of, keys_of
from schools.access import StaffRequest, requires
from schools.models import Appointment, School
from schools.roles import BUREAU_ROLES, Role
from students.actions import (
    approve_ending,
    propose_ending,
    refuse_ending,
    retain_tags,
    revoke_retention,
)
from students.dropped_queue import retention_of, undecided
from students.models import DepartmentList, SpecialGroupTag, TagEnding, TagRetention
from students.queue import dropped, ending_of, unnamed
from students.rules.endings import (
    why_not_propose,
    why_not_retain,
    why_not_review,
    why_not_revoke,
)

PAGE = 50
# Whoever sends it back still has to write one.
SOME_REASON = "退回"


@requires(BUREAU_ROLES)
def list_dropped(request: StaffRequest, list_id: int) -> HttpResponse:
    """Who they are: of whom a waiting proposal speaks, else who waits, else who keeps the tag."""
    listed = _list(request, list_id)
    ending = ending_of(listed)
    matched = listed.status == DepartmentList.Status.MATCHED
    retained = retention_of(listed) if matched else None
    rows = dropped(listed) if matched else SpecialGroupTag.objects.none()
    open_rows = undecided(listed) if matched else rows
    waiting = open_rows.aggregate(n=Count("student", distinct=True))["n"]
    if ending is not None:
        rows = rows.filter(pk__in=ending.tags)
    elif waiting:
        rows = open_rows
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
    context: dict[str, Any] = {
        "listed": listed,
        "matched": matched,
        "page": page,
        "rows": [(tag, issued.get(tag.source_list_id)) for tag in page],
        "total": page.paginator.count,
        "ending": ending,
        "retained": retained,
        "waiting": waiting,
        "schools": [(s.pk, s.name) for s in schools],
        "chosen": chosen,
        "applied": [{"label": "学校", "value": chosen.name, "key": "school", "raw": chosen.pk}]
        if chosen
        else [],
        **_past(listed),
        **_may(listed, ending, retained, waiting, request.appointment),
    }
    return render(request, "students/dropped.html", context)


def _past(listed: DepartmentList) -> dict[str, Any]:
    endings = listed.endings.exclude(status=TagEnding.Status.PROPOSED)
    retentions = listed.retentions.exclude(status=TagRetention.Status.HOLDS)
    return {
        "past": endings.select_related(
            "proposed_by", "approve_by", "refuse_by", "drop_by"
        ).order_by("-pk"),
        "past_retained": retentions.select_related("retained_by", "revoke_by", "drop_by").order_by(
            "-pk"
        ),
    }


def _may(
    listed: DepartmentList,
    ending: TagEnding | None,
    retained: TagRetention | None,
    waiting: int,
    by: Appointment,
) -> dict[str, Any]:
    """What this person may do here."""
    reviewer = by.role == Role.BUREAU_REVIEWER
    return {
        "reviewer": reviewer,
        "proposes": ending is None and not why_not_propose(listed, waiting, by),
        "retains": not why_not_retain(listed, waiting, by, reason=SOME_REASON),
        "unretains": retained and not why_not_revoke(retained, by, reason=SOME_REASON),
        "reasons": why_not_review(ending, listed, by) if ending and reviewer else [],
        # What a newer list overtook can't be approved, but it must not wait for ever.
        "sends_back": ending is not None
        and not why_not_review(ending, listed, by, back=True, reason=SOME_REASON),
    }


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
    rows = undecided(listed)
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


@requires(Role.BUREAU_OPERATOR, methods="POST")
def list_retain(request: StaffRequest, list_id: int) -> HttpResponse:
    """Nobody is to be ended."""
    done = retain_tags(
        listed=_list(request, list_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, f"已记下{done.students}人都保留标记，随时可以撤回。")
    return redirect("students:list_dropped", list_id=list_id)


@requires(BUREAU_ROLES, methods="POST")
def list_unretain(request: StaffRequest, list_id: int) -> HttpResponse:
    """Look at them again."""
    rows = TagRetention.objects.for_organisation(request.organisation)
    found = get_object_or_404(
        rows.select_related("list__group"), list=list_id, pk=key_of(request.POST.get("retention"))
    )
    revoke_retention(retention=found, reason=request.POST.get("reason", ""), by=request.appointment)
    messages.success(request, "已撤回，不再列名的学生重新等着核对；标记没有改变。")
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
