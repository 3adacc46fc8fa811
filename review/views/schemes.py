"""量化评估表: versions, the figures of a draft, its trial run, and putting it in force.

The same pages serve a school and a bureau; a bureau's versions are for the schools under it.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Reason, Refused
from office.asked import key_of
from review import actions, governing, marks
from review.actions.schemes import why_bound
from review.forms import BindingForm, EnactForm
from review.models import ScoringScheme
from review.scheme_form import SchemeForm, direct_rows
from review.trial import MOST_TRIED, trial, trial_of_schools
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import BUREAU_ROLES, CHECKERS, OFFICE, Role

SHOWN = 200
EDITORS = frozenset({Role.OPERATOR, Role.BUREAU_OPERATOR})


@requires(OFFICE, BUREAU_ROLES)
def schemes(request: StaffRequest) -> HttpResponse:
    """The national scheme, the superiors' and one's own versions."""
    organisation = request.organisation
    found = governing.visible(organisation.pk)
    own = governing.own_versions(organisation) if request.school is None else ()
    context = {
        "schemes": found.select_related("owner", "drafted_by", "enact_by").order_by(
            "owner_id", "-version", "pk"
        ),
        "current": governing.scheme_on(organisation.pk, clock.today()),
        "bound": why_bound(organisation.pk, clock.today()),
        "drafted": found.filter(
            owner_id=organisation.pk, status=ScoringScheme.Status.DRAFT
        ).exists(),
        "operates": request.appointment.role in EDITORS,
        "of_schools": own[:SHOWN],
    }
    return render(request, "review/schemes.html", context)


@requires(EDITORS, methods="POST")
def copy_scheme(request: StaffRequest) -> HttpResponse:
    """Begin a version of one's own, with the figures in force or those of `base`."""
    organisation, base = request.organisation, None
    if wanted := request.POST.get("base", ""):
        found = governing.to_copy(organisation.pk)
        base = get_object_or_404(found, pk=key_of(wanted))
    made = actions.copy_scheme(organisation=organisation, by=request.appointment, base=base)
    copied = base or "现行评估表"
    messages.success(request, f"已复制{copied}，改好分值后试算，再由审核人启用。")
    return redirect("review:scheme", scheme_id=made.pk)


def scheme_of(request: StaffRequest, scheme_id: int) -> ScoringScheme:
    """The national scheme, a superior's in force or one's own; never a neighbour's."""
    found: ScoringScheme = get_object_or_404(
        governing.visible(request.organisation.pk).select_related(
            "owner", "base", "drafted_by", "enact_by"
        ),
        pk=scheme_id,
    )
    return found


@requires(OFFICE, BUREAU_ROLES)
def scheme(request: StaffRequest, scheme_id: int) -> HttpResponse:
    """The figures, and for a draft whose advice would change."""
    return _page(request, scheme_of(request, scheme_id))


def _page(
    request: StaffRequest,
    found: ScoringScheme,
    form: SchemeForm | None = None,
    reasons: list[Reason] | None = None,
    enact: EnactForm | None = None,
) -> HttpResponse:
    draft = found.status == ScoringScheme.Status.DRAFT
    role = request.appointment.role
    context = {
        "scheme": found,
        "form": form or SchemeForm(found.rules),
        # Whoever was told of a change looks at it before saving again.
        "mark": request.POST.get("mark", "") if form else marks.of_scheme(found),
        "reasons": reasons or [],
        "enact": enact or EnactForm(),
        "edits": draft and role in EDITORS,
        "checks": draft and role in CHECKERS,
        "direct": direct_rows(found.rules),
        "copies": not draft and role in EDITORS and _may_begin(request),
        "of_bureau": found.owner is not None and not found.owner.is_school,
        "binding": BindingForm(
            request.POST if form and form.is_bound else None, initial={"binding": found.binding}
        ),
        **_tried(request, found, draft),
    }
    status = 409 if reasons else 422 if form or enact else 200
    return render(request, "review/scheme.html", context, status=status)


def _may_begin(request: StaffRequest) -> bool:
    organisation_id = request.organisation.pk
    drafts = ScoringScheme.objects.filter(
        owner_id=organisation_id, status=ScoringScheme.Status.DRAFT
    )
    return not drafts.exists() and not why_bound(organisation_id, clock.today())


def _tried(request: StaffRequest, found: ScoringScheme, draft: bool) -> dict[str, Any]:
    if draft and request.school is None:
        rows = trial_of_schools(found, request.organisation)
        return {
            "tried_schools": rows[:SHOWN],
            "tried": sum(r.tried for r in rows),
            "changed": sum(r.harder + r.easier for r in rows),
            "unknown": sum(r.unknown for r in rows),
            "most_tried": MOST_TRIED,
        }
    round_ = governing.trial_round(request.school) if draft else None
    if round_ is None:
        return {"tried_on": None, "tried": 0, "changed": 0, "changes": []}
    tried = trial(found, round_)
    return {
        "tried_on": round_,
        "tried": tried.tried,
        "changed": len(tried.changes),
        "changes": tried.changes[:SHOWN],
        "unknown": tried.unknown,
    }


@requires(EDITORS, methods="POST")
def edit_scheme(request: StaffRequest, scheme_id: int) -> HttpResponse:
    """Save the figures and try them."""
    found = scheme_of(request, scheme_id)
    form = SchemeForm(found.rules, request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        actions.edit_scheme(
            scheme=found,
            table=form.table(),
            by=request.appointment,
            binding=request.POST.get("binding", found.binding),
            mark=request.POST.get("mark", ""),
        )
    except Refused as refused:
        return _page(request, found, form, refused.reasons)
    messages.success(request, "评估表已保存，下面是重新试算的结果。")
    return redirect("review:scheme", scheme_id=found.pk)


@requires(CHECKERS, methods="POST")
def enact_scheme(request: StaffRequest, scheme_id: int) -> HttpResponse:
    """Put the draft in force."""
    found = scheme_of(request, scheme_id)
    form = EnactForm(request.POST)
    if not form.is_valid():
        return _page(request, found, enact=form)
    day = form.cleaned_data["valid_from"]
    try:
        actions.enact_scheme(scheme=found, valid_from=day, by=request.appointment)
    except Refused as refused:
        return _page(request, found, reasons=refused.reasons, enact=form)
    messages.success(request, f"已启用，{day:%Y年%-m月%-d日}起开的认定批次按这份评估表评分。")
    return redirect("review:schemes")


@requires(EDITORS, methods="POST")
def discard_scheme(request: StaffRequest, scheme_id: int) -> HttpResponse:
    """Give the draft up."""
    actions.discard_scheme(scheme=scheme_of(request, scheme_id), by=request.appointment)
    messages.success(request, "草稿已作废，继续使用现行评估表。")
    return redirect("review:schemes")
