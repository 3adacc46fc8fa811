"""风险提示: what looks wrong, what to do about it, and what was said; for school and bureau."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from aidadmin.risks import (
    KINDS,
    MAY_EXPORT,
    READERS,
    Seen,
    ages_among,
    allowed_of,
    named,
    region_of,
    seen_of,
    want_risks,
)
from audit.refusal import Reason, Refused
from disbursement.risk_queue import aided_by_class
from office.asked import key_of
from office.risks import Risk
from privacy.marks import mark_of
from privacy.masks import mask_name
from schools.access import StaffRequest, requires
from schools.models import Stage
from schools.official import current_term
from schools.roles import BUREAU_ROLES, Role
from students.actions import reopen_risk, settle_ages, settle_risk
from students.models import RiskAnswer
from students.risk_queue import guardians_of_two, heads_of
from students.rules.limits import ages_of
from students.rules.risks import LONGEST, REOPENERS

PAGE = 30
STATES = (("", "待核实"), ("settled", "已核实"))
# 民办 schools are looked at by themselves (row 3-08).
OWNERS = [("public", "公办"), ("private", "民办")]
# Of those within the school's own ages; the word is for all of them.
SHOWN = 50
CHANGED_AGES = Reason("这些学生有变化，或已有人说明", "请刷新页面，查看最新名单")
CHANGED = Reason("这条风险已有变化，或已有人核实", "请刷新页面，查看最新状态")


@requires(READERS | BUREAU_ROLES)
def risks(request: StaffRequest) -> HttpResponse:
    """A school's risks one by one, a bureau's in numbers."""
    if not request.organisation.is_school:
        return _region(request)
    seen = seen_of(request.school)
    settled = request.GET.get("state") == "settled"
    kind = next((k.code for k in KINDS if k.code == request.GET.get("kind")), "")
    of_state = [s for s in seen if s.open != settled]
    counts = Counter(s.risk.kind.code for s in of_state)
    shown = [s for s in of_state if not kind or s.risk.kind.code == kind]
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    role = request.appointment.role
    allowed = [] if settled else allowed_of(request.school)
    context: dict[str, Any] = {
        "allowed": named(allowed[:SHOWN]),
        "allowed_total": len(allowed),
        "allowed_mark": _mark(allowed),
        "limits": _limits(request) if allowed else "",
        "page": page,
        "rows": named(list(page.object_list)),
        "total": len(shown),
        "waiting": sum(1 for s in seen if s.open),
        "settled": settled,
        "states": [
            {
                "label": label,
                "url": f"?state={key}" if key else request.path,
                "current": (key == "settled") == settled,
                "count": sum(1 for s in seen if s.open == (key == "")),
            }
            for key, label in STATES
        ],
        "kinds": [(k.code, f"{k.label}（{counts[k.code]}）") for k in KINDS if counts[k.code]],
        "kind": kind,
        "applied": [
            {"label": "风险", "value": k.label, "key": "kind", "raw": k.code}
            for k in KINDS
            if k.code == kind
        ],
        "operator": role == Role.OPERATOR,
        "reopens": role in REOPENERS,
        "exports": role in MAY_EXPORT,
        "person_id": request.appointment.person_id,
        "heads": _heads(request),
        "ages": ages_among(request.school, [request.school.pk]).get(request.school.pk),
    }
    return render(request, "aidadmin/risks.html", context)


def _limits(request: StaffRequest) -> str:
    """The ages that were set for the school and why, as the word about them may begin."""
    ages = ages_of(request.school)
    rows = [row for stage in Stage if (row := ages.nearest(request.school.pk, stage))]
    told = "；".join(
        f"{row.get_stage_display()}{row}，{row.reason}"
        + ("" if row == ages.own(row.stage) else f"（{row.organisation.name}设定）")
        for row in rows
    )
    return f"本校年龄范围：{told}"[:LONGEST] if told else ""


def _heads(request: StaffRequest) -> list[dict[str, Any]]:
    """人数核对: the roster, the last head-count and who is aided, class by class."""
    term = current_term()
    aided = aided_by_class(request.school, term) if term else {}
    return [
        {"row": row, "aided": aided.get(row.school_class.pk, 0)} for row in heads_of(request.school)
    ]


def _region(request: StaffRequest) -> HttpResponse:
    found = region_of(request.organisation)
    q = request.GET.get("q", "").strip()
    owner = next((key for key, _ in OWNERS if key == request.GET.get("owner")), "")
    shown = [
        s
        for s in found.schools
        if q in s.school.name and (not owner or s.school.is_private == (owner == "private"))
    ]
    named([row for group in found.across for row in group])
    context: dict[str, Any] = {
        "kinds": KINDS,
        "totals": list(zip(KINDS, found.totals, strict=True)) if found.schools else [],
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "total": len(shown),
        "applied": _chips(q, owner),
        "owners": OWNERS,
        "owner": owner,
        "ages": found.ages,
        "across": [
            [
                {"seen": row, "name": mask_name(row.student.name) if row.student else ""}
                for row in group
            ]
            for group in found.across
        ],
        "guardians": [
            {
                "names": "、".join(mask_name(name) for name in one.names),
                "students": [(s, c, mask_name(n)) for s, c, n in one.students],
            }
            for one in guardians_of_two()
        ],
    }
    return render(request, "aidadmin/region_risks.html", context)


def _chips(q: str, owner: str) -> list[dict[str, str]]:
    found = [{"label": "查找", "value": q, "key": "q", "raw": q}] if q else []
    label = dict(OWNERS).get(owner)
    return found + (
        [{"label": "办学", "value": label, "key": "owner", "raw": owner}] if label else []
    )


@requires(Role.OPERATOR, methods="POST")
def risk_settle(request: StaffRequest) -> HttpResponse:
    """What was found out about a risk."""
    risk = _chosen(request)
    settle_risk(risk=risk, how=request.POST.get("how", ""), by=request.appointment)
    messages.success(request, f"已记下“{risk.kind.label}”的核实情况；事实有变化时会再提示。")
    return redirect(_back(request))


@requires(Role.OPERATOR, methods="POST")
def risk_settle_ages(request: StaffRequest) -> HttpResponse:
    """One word for all whose ages are allowed here alone, as the page showed them."""
    allowed = allowed_of(request.school)
    if not constant_time_compare(request.POST.get("mark", ""), _mark(allowed)):
        raise Refused([CHANGED_AGES])
    told = settle_ages(
        school=request.school,
        risks=[s.risk for s in allowed],
        how=request.POST.get("how", ""),
        by=request.appointment,
    )
    messages.success(
        request, f"已为{told}名学生记下说明，上级的风险汇总不再计入；换学段或改出生日期时会再提示。"
    )
    return redirect(f"{reverse('risks')}?state=settled")


def _mark(allowed: list[Seen]) -> str:
    return mark_of("allowed_ages", [s.risk.key for s in allowed])


def _chosen(request: StaffRequest) -> Risk:
    """The open risk that the form names, as it is now."""
    wanted = [request.POST.get(name, "") for name in ("kind", "student", "class", "facts")]
    for seen in seen_of(request.school):
        code, student, school_class, facts = seen.risk.key
        if seen.open and wanted == [code, str(student or ""), str(school_class or ""), facts]:
            return seen.risk
    raise Refused([CHANGED])


def _back(request: StaffRequest) -> str:
    query = QueryDict(mutable=True)
    for name in ("kind_shown", "page"):
        if request.POST.get(name):
            query[name.removesuffix("_shown")] = request.POST[name]
    return f"{reverse('risks')}?{query.urlencode()}" if query else reverse("risks")


@requires(REOPENERS, methods="POST")
def risk_reopen(request: StaffRequest) -> HttpResponse:
    """A second person asks for another look."""
    wanted = key_of(request.POST.get("answer"))
    if wanted is None:
        raise Refused([CHANGED])
    answer = get_object_or_404(RiskAnswer.objects.for_school(request.school), pk=wanted)
    reopen_risk(answer=answer, reason=request.POST.get("reason", ""), by=request.appointment)
    messages.success(request, "已退回经办重新核实。")
    return redirect(f"{reverse('risks')}?state=settled")


@requires(MAY_EXPORT, methods="POST")
def risks_export(request: StaffRequest) -> HttpResponse:
    """Ask for the list as a workbook."""
    job = want_risks(reason=request.POST.get("reason", ""), by=request.appointment)
    return redirect("office:job", job_id=job.pk)
