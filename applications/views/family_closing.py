"""The end of the family's form: papers and commitment, the check of all answers, the receipt."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from applications import actions, family_forms
from applications.family_reading import Form, read_form
from applications.models import Application, FamilyVisit, HouseholdSurvey, PaperRule
from applications.queue import household_of, named_in, papers_absent
from applications.rules import entries as entry_rules
from applications.rules import family as rules
from applications.rules.crosschecks import misnamed
from applications.rules.papers import reasons_of
from applications.rules.surveys import doubts_about
from applications.views.family import for_family
from applications.views.family_pages import _changed, _in_hands, onward, shown
from applications.views.papers import inline
from audit.refusal import Reason, Refused
from office.files import content_of
from schools import clock
from students.models import SpecialGroup


def _blank(form: Form) -> forms.Form:
    signed, filing = form.signed, form.filing
    return family_forms.SignedForm(
        initial={
            "reason": signed.reason,
            "brings_paper": signed.brings_paper,
            "committed_by": signed.committed_by or (filing.filler_name if filing else ""),
            "agrees": bool(form.application and form.application.committed_on),
        }
    )


def _absent(form: Form) -> list[PaperRule]:
    if form.application is None:
        return []
    return papers_absent(form.application, form.survey, clock.today())


def _beside(form: Form) -> dict[str, Any]:
    return {
        "absent": _absent(form),
        "paper_form": family_forms.PaperForm(),
        "papers": form.papers,
        "signed": form.filing is not None and form.filing.signature_id is not None,
    }


def _papers(request: HttpRequest, form: Form, /, **context: Any) -> HttpResponse:
    return shown(request, form, "papers", **{"form": _blank(form), **_beside(form), **context})


@for_family(methods="GET POST")
def papers(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """材料和承诺: pictures of papers, the reason, the commitment with a signature."""
    form = read_form(visit)
    if elsewhere := _in_hands(form, "papers"):
        return elsewhere
    if request.method == "GET":
        return _papers(request, form)
    # A picture that was chosen but not uploaded goes with the page.
    wrong = _paper_refused(request, visit) if request.FILES else None
    if wrong is not None:
        return _again(request, visit, wrong)
    typed, reasons = _line_kept(request, visit)
    filled = family_forms.SignedForm(typed)
    if not filled.is_valid():
        return _papers(request, read_form(visit), form=filled, reasons=reasons, status=422)
    if reasons:
        return _papers(request, read_form(visit), form=filled, reasons=reasons, status=409)
    try:
        actions.save_signed(visit=visit, told=filled.told(), mark=typed.get("mark", ""))
    except actions.Changed:
        return _told_both(request, visit, filled)
    except Refused as refused:
        return _papers(request, read_form(visit), form=filled, reasons=refused.reasons, status=409)
    return onward(request, "papers")


def _told_both(request: HttpRequest, visit: FamilyVisit, filled: forms.Form) -> HttpResponse:
    return _changed(request, visit, "papers", filled, _blank, **_beside(read_form(visit)))


def _line_kept(request: HttpRequest, visit: FamilyVisit) -> tuple[QueryDict, list[Reason]]:
    """What was typed, without the drawn line: that is kept first, whatever else is wrong."""
    typed = request.POST.copy()
    drawn = typed.get("drawn", "")
    typed["drawn"] = ""
    if drawn:
        try:
            actions.sign(visit=visit, drawn=drawn)
        except Refused as refused:
            return typed, refused.reasons
    return typed, []


def _typed_kept(
    request: HttpRequest, visit: FamilyVisit, wrong: forms.Form | None = None
) -> HttpResponse | None:
    """Keep what was typed beside the papers; the page again when something is wrong, else None."""
    if "mark" not in request.POST:
        return None
    typed, reasons = _line_kept(request, visit)
    filled = family_forms.SignedForm(typed, finished=False)
    if filled.is_valid():
        try:
            actions.keep_signed(
                visit=visit,
                told=filled.told(),
                agreed=filled.cleaned_data["agrees"],
                mark=typed.get("mark", ""),
            )
        except actions.Changed:
            return _told_both(request, visit, filled)
        except Refused as refused:
            reasons += refused.reasons
    if wrong is None and filled.is_valid() and not reasons:
        return None
    filled.ask_all()
    now = read_form(visit)
    context = {"paper_form": wrong} if wrong is not None else {}
    return _papers(request, now, form=filled, reasons=reasons, status=422, **context)


def _again(request: HttpRequest, visit: FamilyVisit, wrong: forms.Form) -> HttpResponse:
    return _typed_kept(request, visit, wrong) or _papers(
        request, read_form(visit), paper_form=wrong, status=422
    )


def _paper_refused(request: HttpRequest, visit: FamilyVisit) -> forms.Form | None:
    """Keep the picture or PDF that was sent; its form with what is wrong, or None."""
    filled = family_forms.PaperForm(request.POST, request.FILES)
    if not filled.is_valid():
        return filled
    try:
        actions.add_paper(
            visit=visit,
            kind=filled.cleaned_data["kind"],
            content=filled.cleaned_data["file"].read(),
        )
    except Refused as refused:
        for reason in refused.reasons:
            filled.add_error("file", str(reason))
        return filled
    return None


@for_family(methods="POST", page="family:papers")
def add_paper(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """Upload one picture or PDF; without script too. What was typed beside it is kept."""
    form = read_form(visit)
    if elsewhere := _in_hands(form, "papers"):
        return elsewhere
    wrong = _paper_refused(request, visit)
    if wrong is not None:
        return _again(request, visit, wrong)
    return _typed_kept(request, visit) or redirect(f"{_here(request)}#papers")


def _here(request: HttpRequest) -> str:
    return "/f/form/papers/?check=1" if "check" in request.GET else "/f/form/papers/"


@for_family(methods="POST", page="family:papers")
def drop_paper(request: HttpRequest, visit: FamilyVisit, family_paper: int) -> HttpResponse:
    """Take one of the papers out again; what was typed beside it is kept."""
    actions.drop_paper(visit=visit, paper_id=family_paper)
    return _typed_kept(request, visit) or redirect(f"{_here(request)}#papers")


@for_family()
def paper(request: HttpRequest, visit: FamilyVisit, family_paper: int) -> HttpResponse:
    """One of the visit's own papers; anything else does not exist."""
    found = next((p for p in read_form(visit).papers if p.pk == family_paper), None)
    if found is None:
        raise Http404
    return inline(content_of(found.file), found.file.media_type)


@for_family()
def signature(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """The signature drawn on the screen."""
    filing = read_form(visit).filing
    if filing is None or filing.signature is None:
        raise Http404
    return inline(content_of(filing.signature), filing.signature.media_type)


@for_family(methods="GET POST")
def check(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """核对: every answer on one page with its way back; POST hands over."""
    form = read_form(visit)
    if form.application is None:
        return redirect("family:who")
    if rules.why_not_in_family_hands(form.application):
        return redirect("family:receipt")
    if request.method == "POST":
        actions.hand_over(visit=visit, late_reason=request.POST.get("late_reason", ""))
        return redirect("family:receipt")
    return _check(request, form, form.application)


def _check(request: HttpRequest, form: Form, application: Application) -> HttpResponse:
    filing = form.filing
    missing = rules.unfinished(form.pages)
    if filing is not None and not missing:
        missing = rules.why_not_signed(application, filing, form.kinds, today=clock.today())
    absent, url = _absent(form), reverse("family:papers")
    if filing is not None and not filing.brings_paper and not rules.unfinished(form.pages):
        missing += reasons_of(absent, PaperRule.Level.MUST, "拍照上传，或选择交给班主任", url)
    claims = form.survey.claims if form.survey else []
    return render(
        request,
        "applications/family/check.html",
        {
            "visit": form.visit,
            "student": form.visit.student,
            "application": application,
            "round": form.visit.code.round,
            "filing": filing,
            "survey": form.survey,
            "members": form.members,
            "papers": form.papers,
            "claims": SpecialGroup.objects.filter(code__in=claims).order_by("pk"),
            "missing": missing,
            "doubts": reasons_of(absent, PaperRule.Level.SHOULD, "有就拍照上传，没有可以不交")
            + (_doubts(form.survey, application) if form.survey else []),
            "late": entry_rules.is_late(application, clock.today()),
        },
    )


def _doubts(survey: HouseholdSurvey, application: Application) -> list[Reason]:
    household = household_of(survey)
    name = application.student.name
    return doubts_about(household) + misnamed(household, named_in(application), name)


@for_family()
def receipt(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """回执: the number, where it is now, what comes next."""
    form = read_form(visit)
    application = form.application
    if application is None or not rules.why_not_in_family_hands(application):
        return redirect("family:start")
    context = {
        "visit": visit,
        "student": visit.student,
        "application": application,
        "filing": form.filing,
        "round": visit.code.round,
        "papers": form.papers,
        "steps": _steps(application),
    }
    return render(request, "applications/family/receipt.html", context)


def _steps(application: Application) -> list[dict[str, Any]]:
    status = application.status
    checked = status == Application.Status.SUBMITTED
    return [
        {
            "text": "家长提交",
            "when": application.hand_over_at or application.entered_at,
            "state": "done",
        },
        {
            "text": "班主任核对",
            "when": application.submit_at if checked else "",
            "state": "done" if checked else "now",
        },
        {"text": "班级评议、学校评审", "when": "", "state": "now" if checked else ""},
        {"text": "公示5个工作日，公布结果", "when": "", "state": ""},
    ]
