"""资助项目 of an authority: what holds, drafts, putting in force, new versions, endings.

The same pages serve a bureau, for the schools under it, and a school, for its own money.
"""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from applications import actions, queue
from applications.actions.programmes import copied
from applications.models import Programme
from applications.programme_forms import PolicyForm
from applications.queue.programmes import shown_exclusions, stated_exclusions
from applications.rules.programmes import EDITORS, why_not_revoke
from applications.rules.rounds import in_force
from audit.refusal import Reason, Refused
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import Stage
from schools.official import current_term
from schools.roles import BUREAU_ROLES, CHECKERS, OFFICE

SHOWN = 50
SEPTEMBER = 9


class DayForm(forms.Form):
    """From when it counts."""

    valid_from = forms.DateField(label="启用日期")


class EndForm(forms.Form):
    """The last day, and why."""

    last_day = forms.DateField(label="终止日期", help_text="这一天以后开学的学期不再开批次")
    reason = forms.CharField(
        label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="写明依据"
    )


@requires(OFFICE, BUREAU_ROLES)
def programmes(request: StaffRequest) -> HttpResponse:
    """One's own programmes with drafts, then those of the authorities above and below."""
    organisation = request.organisation
    found = list(
        queue.visible(organisation)
        .exclude(status__in=Programme.GONE)
        .select_related("managed_by", "follows", "drafted_by", "enact_by")
        .prefetch_related("tiers")
        .order_by("stage", "name", "-valid_from", "pk")
    )
    # As students grow up, not by the alphabet.
    found.sort(key=lambda p: Stage.values.index(p.stage))
    context = {
        "own": [p for p in found if p.managed_by_id == organisation.pk],
        "others": [p for p in found if p.managed_by_id not in (None, organisation.pk)],
        "national": [p for p in found if p.managed_by_id is None],
        "today": clock.today(),
        "edits": request.appointment.role in EDITORS,
    }
    return render(request, "applications/programmes.html", context)


def seen_programme(request: StaffRequest, programme_id: int) -> Programme:
    """A programme that this organisation's pages show, else 404."""
    rows = queue.visible(request.organisation).select_related(
        "managed_by",
        "follows",
        "drafted_by",
        "enact_by",
        "ask_end_by",
        "end_by",
        "ask_revoke_by",
        "revoke_by",
    )
    found: Programme = get_object_or_404(rows, pk=programme_id)
    return found


def own_draft(request: StaffRequest, programme_id: int) -> Programme:
    """A draft of one's own organisation, else 404."""
    rows = Programme.objects.filter(
        managed_by_id=request.organisation.pk, status=Programme.Status.DRAFT
    )
    found: Programme = get_object_or_404(rows.select_related("managed_by"), pk=programme_id)
    return found


@requires(OFFICE, BUREAU_ROLES)
def programme(request: StaffRequest, programme_id: int) -> HttpResponse:
    """What one version says, who made it, and what may be done with it."""
    return _page(request, seen_programme(request, programme_id))


def _page(
    request: StaffRequest, found: Programme, reasons: list[Reason] | None = None, **given: Any
) -> HttpResponse:
    own = found.managed_by_id == request.organisation.pk
    role = request.appointment.role
    facts = queue.facts_of(found)
    prefetch_related_objects([found], shown_exclusions(request.organisation))
    tiers = list(found.tiers.order_by("rank", "valid_from"))
    schools, students = queue.openers(found) if own else ([], 0)
    names = queue.names_of(school for school, _ in facts.quotas)
    follower = found.followers.exclude(status__in=Programme.GONE).first()
    context = {
        "programme": found,
        "p": found,
        "tiers": tiers,
        "now": [t for t in tiers if in_force(t, clock.today())],
        "quotas": [(names.get(pk, ""), heads) for pk, heads in facts.quotas],
        "quota_sum": sum(heads for _, heads in facts.quotas),
        "groups": queue.group_names(found.only_groups),
        "rural": queue.group_names(found.rural_groups),
        "by_day": queue.group_names(found.day_groups),
        "seen": queue.digest_of(facts),
        "schools": schools[:SHOWN],
        "school_count": len(schools),
        "students": students,
        "follower": follower,
        "own": own,
        "edits": own and role in EDITORS,
        "drafts": role in EDITORS,
        "checks": own and role in CHECKERS,
        "person_id": request.appointment.person_id,
        "today": clock.today(),
        "ahead": own and found.valid_from > clock.today(),
        "why_not_revoke": why_not_revoke(
            found, "ask_revoke", today=clock.today(), hanging=queue.hanging_on(found)
        ),
        "reasons": reasons or [],
        "day": DayForm(initial={"valid_from": _earliest(found)}),
        "end": EndForm(),
        **given,
    }
    status = 409 if reasons else 422 if given else 200
    return render(request, "applications/programme.html", context, status=status)


def _earliest(draft: Programme) -> date:
    """The day drafted, or the first one after it on which the draft may still begin."""
    if draft.follows:
        return max(draft.valid_from, clock.today() + timedelta(days=1))
    term = current_term()
    return max(draft.valid_from, term.starts_on) if term else draft.valid_from


def _first_day(base: Programme | None) -> date:
    """When a new draft would begin: this term, or for the next version the next academic year."""
    today, term = clock.today(), current_term()
    if base is not None:
        year = today.year + (today.month >= SEPTEMBER)
        while date(year, SEPTEMBER, 1) <= base.valid_from:
            year += 1
        return date(year, SEPTEMBER, 1)
    return term.starts_on if term else today


@requires(EDITORS, methods="GET POST")
def new_programme(request: StaffRequest) -> HttpResponse:
    """An empty form; POST keeps it as a draft."""
    owner = request.organisation
    form = PolicyForm(owner, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        form.main.initial["valid_from"] = _first_day(None)
        return _form(request, form, None)
    if not form.is_valid():
        return _form(request, form, None, status=422)
    try:
        made = actions.draft_programme(facts=form.facts(), by=request.appointment)
    except Refused as refused:
        return _form(request, form, None, refused.reasons, 409)
    messages.success(request, f"{made}的草稿已保存，核对后由审核人启用。")
    return redirect("applications:programme", programme_id=made.pk)


def _form(
    request: StaffRequest,
    form: PolicyForm,
    draft: Programme | None,
    reasons: list[Reason] | None = None,
    status: int = 200,
) -> HttpResponse:
    seen = request.POST.get("seen") or (queue.digest_of(queue.facts_of(draft)) if draft else "")
    context = {
        "form": form.main,
        "policy": form,
        "programme": draft,
        "reasons": reasons or [],
        "seen": seen,
    }
    return render(request, "applications/programme_form.html", context, status=status)


@requires(EDITORS, methods="GET POST")
def edit_programme(request: StaffRequest, programme_id: int) -> HttpResponse:
    """The form of a draft; POST saves it, unless somebody changed it meanwhile."""
    draft = own_draft(request, programme_id)
    if request.method != "POST":
        form = PolicyForm(request.organisation, facts=queue.facts_of(draft), apart=draft.pk)
        return _form(request, form, draft)
    form = PolicyForm(request.organisation, request.POST, apart=draft.pk)
    if not form.is_valid():
        return _form(request, form, draft, status=422)
    try:
        actions.edit_programme(
            programme=draft,
            facts=form.facts(),
            seen=request.POST.get("seen", ""),
            by=request.appointment,
        )
    except Refused as refused:
        return _form(request, form, draft, refused.reasons, 409)
    messages.success(request, "草稿已保存，核对后由审核人启用。")
    return redirect("applications:programme", programme_id=draft.pk)


@requires(EDITORS, methods="POST")
def copy_programme(request: StaffRequest, programme_id: int) -> HttpResponse:
    """A draft like this one; `as=next` makes it the version that comes after it."""
    base = seen_programme(request, programme_id)
    follows = base if request.POST.get("as") == "next" else None
    facts = copied(base, _first_day(follows), request.organisation)
    made = actions.draft_programme(facts=facts, by=request.appointment, follows=follows)
    messages.success(request, "草稿已建好，改好金额、日期和名额后保存。")
    return redirect("applications:edit_programme", programme_id=made.pk)


@requires(CHECKERS, methods="POST")
def enact_programme(request: StaffRequest, programme_id: int) -> HttpResponse:
    """启用, from a day on."""
    found = seen_programme(request, programme_id)
    form = DayForm(request.POST)
    if not form.is_valid():
        return _page(request, found, day=form)
    stated = list(stated_exclusions(found).values_list("pk", flat=True))
    try:
        made = actions.enact_programme(
            programme=found,
            valid_from=form.cleaned_data["valid_from"],
            seen=request.POST.get("seen", ""),
            by=request.appointment,
        )
    except Refused as refused:
        return _page(request, found, refused.reasons, day=form)
    day = made.valid_from
    when = "学校可以开批次" if day <= clock.today() else "学校到时可以按它开批次"
    messages.success(request, f"{made}已启用，{day:%Y年%-m月%-d日}起执行，{when}。")
    if joined := stated_exclusions(made).exclude(pk__in=stated):
        names = "、".join(f"“{other}”" for other in joined)
        messages.warning(request, f"起草之后启用的{names}也与它不能同时享受，已一并写入。")
    return redirect("applications:programme", programme_id=made.pk)


@requires(EDITORS, methods="POST")
def discard_programme(request: StaffRequest, programme_id: int) -> HttpResponse:
    """Give a draft up."""
    actions.discard_programme(
        programme=seen_programme(request, programme_id), by=request.appointment
    )
    messages.success(request, "草稿已作废。")
    return redirect("applications:programmes")


@requires(EDITORS, methods="POST")
def ask_end(request: StaffRequest, programme_id: int) -> HttpResponse:
    """提出终止."""
    found = seen_programme(request, programme_id)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, found, end=form)
    try:
        actions.ask_end(programme=found, by=request.appointment, **form.cleaned_data)
    except Refused as refused:
        return _page(request, found, refused.reasons, end=form)
    messages.success(request, "已提出终止，由审核人确认后生效。")
    return redirect("applications:programme", programme_id=found.pk)


@requires(CHECKERS, methods="POST")
def confirm_end(request: StaffRequest, programme_id: int) -> HttpResponse:
    """确认终止."""
    ended = actions.confirm_end(
        programme=seen_programme(request, programme_id), by=request.appointment
    )
    messages.success(request, f"{ended}执行到{ended.valid_to:%Y年%-m月%-d日}，以后不再开批次。")
    return redirect("applications:programme", programme_id=ended.pk)


@requires(EDITORS, CHECKERS, methods="POST")
def keep_programme(request: StaffRequest, programme_id: int) -> HttpResponse:
    """不终止."""
    kept = actions.keep_programme(
        programme=seen_programme(request, programme_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, f"{kept}继续执行。")
    return redirect("applications:programme", programme_id=kept.pk)
