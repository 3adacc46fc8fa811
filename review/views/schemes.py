"""量化评估表: versions, the figures of a draft, its trial run, and putting it in force."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Reason, Refused
from review import actions, queue
from review.forms import EnactForm
from review.models import ScoringScheme
from review.scheme_form import SchemeForm
from review.trial import trial
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import OFFICE, Role

SHOWN = 200


@requires(OFFICE)
def schemes(request: StaffRequest) -> HttpResponse:
    """The national scheme and the school's own versions."""
    found = ScoringScheme.objects.filter(Q(owner=None) | Q(owner_id=request.school.pk))
    context = {
        "schemes": found.select_related("drafted_by", "enact_by").order_by("owner_id", "-version"),
        "current": queue.scheme_on(request.school.pk, clock.today()),
        "drafted": found.filter(status=ScoringScheme.Status.DRAFT).exists(),
        "operates": request.appointment.role == Role.OPERATOR,
    }
    return render(request, "review/schemes.html", context)


@requires(Role.OPERATOR, methods="POST")
def copy_scheme(request: StaffRequest) -> HttpResponse:
    """Begin a version of the school's own."""
    made = actions.copy_scheme(school=request.school, by=request.appointment)
    messages.success(request, "已复制现行评估表，改好分值后试算，再由审核人启用。")
    return redirect("review:scheme", scheme_id=made.pk)


def scheme_of(request: StaffRequest, scheme_id: int) -> ScoringScheme:
    """The national scheme or one of the school's own; never another school's."""
    found: ScoringScheme = get_object_or_404(
        ScoringScheme.objects.filter(Q(owner=None) | Q(owner_id=request.school.pk)).select_related(
            "base", "drafted_by", "enact_by"
        ),
        pk=scheme_id,
    )
    return found


@requires(OFFICE)
def scheme(request: StaffRequest, scheme_id: int) -> HttpResponse:
    """The figures, and for a draft whose advice would change."""
    return _page(request, scheme_of(request, scheme_id))


def _page(
    request: StaffRequest,
    found: ScoringScheme,
    form: SchemeForm | None = None,
    reasons: list[Reason] | None = None,
) -> HttpResponse:
    draft = found.status == ScoringScheme.Status.DRAFT
    role = request.appointment.role
    context = {
        "scheme": found,
        "form": form or SchemeForm(found.rules),
        "reasons": reasons or [],
        "enact": EnactForm(initial={"valid_from": clock.today() + timedelta(days=1)}),
        "edits": draft and role == Role.OPERATOR,
        "checks": draft and role in (Role.REVIEWER, Role.LEADER),
        **_tried(request, found, draft),
    }
    status = 409 if reasons else 422 if form else 200
    return render(request, "review/scheme.html", context, status=status)


def _tried(request: StaffRequest, found: ScoringScheme, draft: bool) -> dict[str, Any]:
    round_ = queue.trial_round(request.school) if draft else None
    if round_ is None:
        return {"tried_on": None, "tried": 0, "changed": 0, "changes": []}
    tried, changes = trial(found, round_)
    return {
        "tried_on": round_,
        "tried": tried,
        "changed": len(changes),
        "changes": changes[:SHOWN],
    }


@requires(Role.OPERATOR, methods="POST")
def edit_scheme(request: StaffRequest, scheme_id: int) -> HttpResponse:
    """Save the figures and try them."""
    found = scheme_of(request, scheme_id)
    form = SchemeForm(found.rules, request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        actions.edit_scheme(scheme=found, table=form.table(), by=request.appointment)
    except Refused as refused:
        return _page(request, found, form, refused.reasons)
    messages.success(request, "评估表已保存，下面是重新试算的结果。")
    return redirect("review:scheme", scheme_id=found.pk)


@requires(Role.REVIEWER, Role.LEADER, methods="POST")
def enact_scheme(request: StaffRequest, scheme_id: int) -> HttpResponse:
    """Put the draft in force."""
    found = scheme_of(request, scheme_id)
    form = EnactForm(request.POST)
    if not form.is_valid():
        return _page(request, found, reasons=[Reason("没有填写启用日期", "请填写启用日期")])
    day = form.cleaned_data["valid_from"]
    actions.enact_scheme(scheme=found, valid_from=day, by=request.appointment)
    messages.success(request, f"已启用，{day:%Y年%-m月%-d日}起开的认定批次按这份评估表评分。")
    return redirect("review:schemes")


@requires(Role.OPERATOR, methods="POST")
def discard_scheme(request: StaffRequest, scheme_id: int) -> HttpResponse:
    """Give the draft up."""
    actions.discard_scheme(scheme=scheme_of(request, scheme_id), by=request.appointment)
    messages.success(request, "草稿已作废，继续使用现行评估表。")
    return redirect("review:schemes")
