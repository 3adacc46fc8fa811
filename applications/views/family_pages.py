"""The five pages of the family's form; each POST keeps its page and goes on."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from applications import actions, family_forms, queue
from applications.family_reading import Form, read_form
from applications.models import Application, FamilyVisit
from applications.rules import family as rules
from applications.rules.surveys import RELATIONS
from applications.views.family import for_family
from audit.refusal import Reason, Refused
from office.asked import key_of
from schools import clock
from schools.official import remaining

# Ticks and the drawn line are given anew each time; they say nothing of what was kept.
UNCOMPARED = frozenset({"consents", "agrees", "drawn"})
NEXT = dict(zip(rules.KEYS, (*rules.KEYS[1:], "check"), strict=True))


@for_family()
def start(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """Where this family goes on: the first page not gone through, the check, or the receipt."""
    form = read_form(visit)
    if form.application and rules.why_not_in_family_hands(form.application):
        return redirect("family:receipt")
    missing = [key for key in rules.KEYS if key not in form.pages]
    return redirect(f"family:{missing[0]}" if missing else "family:check")


def _in_hands(form: Form, page: str) -> HttpResponse | None:
    """Where to go instead, when this page can't be filled in now."""
    if form.application and rules.why_not_in_family_hands(form.application):
        return redirect("family:receipt")
    if page != "who" and form.filing is None:
        return redirect("family:who")
    return None


def shown(
    request: HttpRequest, form: Form, page: str, /, *, status: int = 200, **context: Any
) -> HttpResponse:
    """One page with what every page shows: step, when kept, the deadline, the way back."""
    step = rules.step_of(page)
    saved = form.pages.get(page)
    round_ = form.visit.code.round
    going_on = "check" in request.GET
    return render(
        request,
        f"applications/family/{page}.html",
        {
            "page": rules.PAGES[step - 1],
            "following": rules.PAGES[step].label if step < len(rules.PAGES) else "核对",
            "step": step,
            "back": rules.KEYS[step - 2] if step > 1 else "",
            "checking": going_on,
            "saved": timezone.localtime(parse_datetime(saved)) if saved else None,
            "mark": form.mark(page),
            "visit": form.visit,
            "student": form.visit.student,
            "application": form.application,
            "round": round_,
            "workdays": remaining(round_.closes_on),
            "over": clock.today() > round_.closes_on,
            "copied": bool(form.filing and page not in form.pages and _copied(form)),
            **context,
        },
        status=status,
    )


def _copied(form: Form) -> bool:
    visit = form.visit
    return queue.last_survey(visit.student_id, visit.code.round) is not None


def onward(request: HttpRequest, page: str) -> HttpResponse:
    """To the next page, or back to the check when the family came from there."""
    if "check" in request.GET:
        return redirect("family:check")
    return redirect(f"family:{NEXT[page]}")


def _page(
    request: HttpRequest,
    visit: FamilyVisit,
    page: str,
    blank: Callable[[Form], forms.Form],
    posted: Callable[[Form], forms.Form],
    save: Callable[[Any, str], Application],
) -> HttpResponse:
    form = read_form(visit)
    if elsewhere := _in_hands(form, page):
        return elsewhere
    if request.method == "GET":
        return shown(request, form, page, form=blank(form))
    filled = posted(form)
    if not filled.is_valid():
        return shown(request, form, page, form=filled, status=422)
    try:
        save(filled, request.POST.get("mark", ""))
    except actions.Changed:
        return _changed(request, visit, page, filled, blank)
    except Refused as refused:
        return shown(request, form, page, form=filled, reasons=refused.reasons, status=409)
    return onward(request, page)


def _changed(
    request: HttpRequest,
    visit: FamilyVisit,
    page: str,
    filled: forms.Form,
    blank: Callable[[Form], forms.Form],
    /,
    **context: Any,
) -> HttpResponse:
    """Both versions told: what was typed here, what another phone has kept meanwhile."""
    now = read_form(visit)
    rows = _differences(filled, blank(now))
    return shown(request, now, page, form=filled, changed=rows, status=409, **context)


def _differences(filled: forms.Form, kept: forms.Form) -> list[tuple[str, str, str]]:
    return [
        (str(bound.label), _said(filled[bound.name]), _said(bound))
        for bound in kept
        if bound.name not in UNCOMPARED and _said(filled[bound.name]) != _said(bound)
    ]


def _said(bound: forms.BoundField) -> str:
    value = bound.value()
    if isinstance(bound.field, forms.BooleanField):
        return "是" if value in (True, "on", "True", "true") else "否"
    if isinstance(bound.field, forms.MultipleChoiceField):
        labels = dict(bound.field.choices)  # type: ignore[arg-type]
        return "、".join(str(labels.get(v, v)) for v in value or []) or "没有"
    if isinstance(bound.field, forms.ChoiceField):
        labels = dict(bound.field.choices)  # type: ignore[arg-type]
        return str(labels.get(value, value) or "没有填")
    return str(value) if value not in (None, "") else "没有填"


@for_family(methods="GET POST")
def who(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """谁来填写, with the notice about personal data and the consent."""

    def blank(form: Form) -> forms.Form:
        filing = form.filing
        initial = {"name": filing.filler_name, "relation": filing.relation} if filing else {}
        return family_forms.WhoForm(initial={**initial, "consents": filing is not None})

    return _page(
        request,
        visit,
        "who",
        blank,
        lambda _: family_forms.WhoForm(request.POST),
        lambda filled, mark: actions.save_who(
            visit=visit, told=filled.told(), consents=filled.cleaned_data["consents"], mark=mark
        ),
    )


@for_family(methods="GET POST")
def income(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """收入和负担."""
    return _page(
        request,
        visit,
        "income",
        lambda form: family_forms.IncomeForm(initial=family_forms.income_initial(form.income)),
        lambda _: family_forms.IncomeForm(request.POST),
        lambda filled, mark: actions.save_income(visit=visit, told=filled.told(), mark=mark),
    )


@for_family(methods="GET POST")
def hardship(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """特殊情况."""
    return _page(
        request,
        visit,
        "hardship",
        lambda form: family_forms.HardshipForm(initial=asdict(form.hardship)),
        lambda _: family_forms.HardshipForm(request.POST),
        lambda filled, mark: actions.save_hardship(visit=visit, told=filled.told(), mark=mark),
    )


@for_family(methods="GET POST")
def members(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """家庭成员, one after the other: those who are there, and room for one more."""
    form = read_form(visit)
    if elsewhere := _in_hands(form, "members"):
        return elsewhere
    if request.method == "GET":
        return _members(request, form, _asked_member(request, form))
    if "drop" in request.POST:
        actions.drop_member(visit=visit, member_id=key_of(request.POST["drop"]) or 0)
        return redirect(request.get_full_path().split("?")[0])
    filled = family_forms.MemberForm(request.POST)
    member_id = key_of(request.POST.get("member"))
    if filled.is_blank() and member_id is None:
        return _no_more(request, visit, form)
    if not filled.is_valid():
        return _members(request, form, member_id, filled=filled, status=422)
    try:
        actions.save_member(
            visit=visit,
            told=filled.told(),
            mark=request.POST.get("mark", ""),
            member_id=member_id,
        )
    except actions.Changed:
        return _members_changed(request, visit, filled, member_id)
    except Refused as refused:
        return _members(
            request, form, member_id, filled=filled, reasons=refused.reasons, status=409
        )
    return redirect("family:members") if "add" in request.POST else onward(request, "members")


def _members_changed(
    request: HttpRequest, visit: FamilyVisit, filled: forms.Form, member_id: int | None
) -> HttpResponse:
    # A new member stands beside the list as it is now; of one that was changed both versions do.
    now = read_form(visit)
    one = next((m for m in now.members if m.pk == member_id), None)
    rows = []
    if one:
        kept = family_forms.MemberForm(initial=family_forms.member_initial(queue.member_facts(one)))
        rows = _differences(filled, kept)
    return _members(
        request,
        now,
        one.pk if one else None,
        filled=filled,
        changed=rows,
        list_changed=not rows,
        status=409,
    )


def _no_more(request: HttpRequest, visit: FamilyVisit, form: Form) -> HttpResponse:
    if "add" in request.POST:
        return redirect("family:members")
    if not form.members and "alone" not in request.POST:
        reason = Reason("还没有填家庭成员", "填父母等一起生活的家人；只有学生一人的，勾选下面一项")
        return _members(request, form, None, reasons=[reason], alone=True, status=422)
    actions.confirm_members(visit=visit)
    return onward(request, "members")


def _asked_member(request: HttpRequest, form: Form) -> int | None:
    asked = key_of(request.GET.get("member"))
    return asked if asked in {m.pk for m in form.members} else None


def _members(
    request: HttpRequest,
    form: Form,
    member_id: int | None,
    /,
    *,
    filled: forms.Form | None = None,
    **context: Any,
) -> HttpResponse:
    one = next((m for m in form.members if m.pk == member_id), None)
    initial = family_forms.member_initial(queue.member_facts(one)) if one else _proposed(form)
    return shown(
        request,
        form,
        "members",
        form=filled or family_forms.MemberForm(initial=initial),
        members=form.members,
        editing=one,
        number=len(form.members) + 1,
        **context,
    )


def _proposed(form: Form) -> dict[str, Any]:
    # The roster knows guardians; the next one who is not in the list yet stands in the row.
    names = {m.name for m in form.members}
    for guardian in form.visit.student.guardians.order_by("pk"):
        if guardian.name not in names:
            known = RELATIONS
            relation = guardian.relation if guardian.relation in known else "监护人"
            return {"name": guardian.name, "relation": relation}
    return {}
