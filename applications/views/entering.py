"""Entering an application: choose the student, fill in the form, check the answers, hand in."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render

from applications import actions, forms, queue
from applications.models import Application, HouseholdSurvey, PaperRule, Round
from applications.queue.entries import consented_on_phone
from applications.queue.households import claimed_groups
from applications.rules import entries as rules
from applications.rules.eligibility import why_not_apply, why_not_present
from applications.rules.papers import OTHER_KINDS, reasons_of
from applications.rules.surveys import SurveyFacts
from applications.views.own import ENTERING, own_application, own_round, own_student
from audit.refusal import Reason, Refused
from office.asked import key_of
from schools import clock
from schools.access import StaffRequest, requires
from students.models import Student

PER_PAGE = 30
TOLD = (
    *("reason", "committed_on", "committed_by", "committed_relation", "consents"),
    *("identity_paper", "papers_received"),
)
ASK = "请家长补交；收到后在“修改”里勾选"


@requires(ENTERING)
def choose_student(request: StaffRequest, round_id: int) -> HttpResponse:
    """For whom: students at school without an application, one's own classes for a head teacher."""
    round_ = own_round(request, round_id)
    students = queue.candidates(round_, request.appointment)
    listed = set(
        queue.missed_students(round_, clock.today())
        .filter(pk__in=students.values("pk"))
        .values_list("pk", flat=True)
    )
    again = set(queue.renewals(round_, request.appointment).order_by().values_list("pk", flat=True))
    query, chosen, only, renew = (
        request.GET.get(k, "").strip() for k in ("q", "class", "listed", "renew")
    )
    if query:
        students = students.filter(queue.named_like(request.school, query))
    if (class_id := key_of(chosen)) is not None:
        students = students.filter(school_class_id=class_id)
    if only:
        students = students.filter(pk__in=listed)
    if renew:
        students = students.filter(pk__in=again)
    page = Paginator(students, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "applications/choose_student.html",
        {
            "round": round_,
            "page": page,
            "listed": listed,
            "only": only,
            "again": again,
            "renew": renew,
            "q": query,
            "class_options": _class_options(request, round_),
            "chosen_class": chosen,
            "reasons": rules.why_not_open(round_, clock.today()),
        },
    )


def _class_options(request: StaffRequest, round_: Round) -> list[tuple[int, str]]:
    classes = queue.classes_of(request.appointment)
    if round_.programme:
        classes = classes.filter(stage=round_.programme.stage)
    return list(classes.values_list("pk", "name"))


@dataclass(slots=True)
class Sheet:
    """The forms of one application; a programme's has no household."""

    told: BaseForm
    survey: forms.SurveyForm | None = None
    members: forms.Rows | None = None

    @property
    def all(self) -> list[Any]:
        """Every form there is, in the order of the page."""
        return [f for f in (self.members, self.survey, self.told) if f is not None]

    def is_valid(self) -> bool:
        """Whether every form is; all are asked, so that all errors show at once."""
        return not [f for f in self.all if not f.is_valid()]

    @property
    def facts(self) -> SurveyFacts | None:
        """The household that valid forms tell."""
        if self.survey is None or self.members is None:
            return None
        return forms.survey_facts(self.survey, self.members)

    @property
    def answers(self) -> dict[str, Any]:
        """What valid forms tell beside the household."""
        return dict(self.told.cleaned_data)


def _posted(request: StaffRequest, round_: Round) -> Sheet:
    data = request.POST
    if not round_.is_recognition:
        return Sheet(forms.PlainForm(data))
    return Sheet(
        forms.ToldForm(data),
        forms.SurveyForm(data),
        forms.MemberFormSet(data, prefix=forms.MEMBERS),
    )


def _again(request: StaffRequest, round_: Round) -> Sheet:
    # What was typed goes back unjudged: whoever wants one more row has not finished yet.
    data = request.POST
    known = forms.typed_members(data)
    members = forms.MemberFormSet(initial=known, prefix=forms.MEMBERS)
    members.extra = forms.typed_rows(data) - len(known) + 1
    return Sheet(
        forms.ToldForm(initial=forms.typed(forms.ToldForm, data)),
        forms.SurveyForm(initial=forms.typed(forms.SurveyForm, data)),
        members,
    )


def _blank(round_: Round, student: Student) -> Sheet:
    if not round_.is_recognition:
        return Sheet(forms.PlainForm())
    known = forms.members_initial_for(student)
    members = forms.MemberFormSet(initial=known, prefix=forms.MEMBERS)
    members.extra = max(2 - len(known), 0)
    return Sheet(forms.ToldForm(), forms.SurveyForm(), members)


def _begun(round_: Round, student: Student) -> tuple[Sheet, HouseholdSurvey | None]:
    """A new sheet, with what the family told last year where it told something."""
    sheet = _blank(round_, student)
    before = queue.last_survey(student.pk, round_) if round_.is_recognition else None
    if before is not None:
        _tell_household(sheet, before, round_.term.year - before.application.round.term.year)
    return sheet, before


def _tell_household(sheet: Sheet, survey: HouseholdSurvey, years: int = 0) -> None:
    sheet.survey = forms.SurveyForm(initial=forms.survey_initial(survey))
    known = forms.members_initial(survey, years)
    sheet.members = forms.MemberFormSet(initial=known, prefix=forms.MEMBERS)
    sheet.members.extra = 0


def _written(application: Application, survey: HouseholdSurvey | None) -> Sheet:
    told = {name: getattr(application, name) for name in TOLD}
    if not application.round.is_recognition:
        return Sheet(forms.PlainForm(initial=told))
    sheet = _blank(application.round, application.student)
    sheet.told = forms.ToldForm(initial=told)
    if survey:
        _tell_household(sheet, survey)
    return sheet


@requires(ENTERING, methods="GET POST")
def enter(request: StaffRequest, round_id: int, student_id: int) -> HttpResponse:
    """The form of one student's application; POST keeps a draft and goes on to check it."""
    round_ = own_round(request, round_id)
    student = own_student(request, student_id)
    existing = (
        Application.objects.for_school(request.school).filter(round=round_, student=student).first()
    )
    if existing and existing.status != Application.Status.WITHDRAWN:
        messages.info(request, f"{student.name}在本批次已有申请，在这里继续。")
        return redirect("applications:application", application_id=existing.pk)
    if request.method == "GET":
        survey = _survey_of(existing) if existing else None
        if existing:
            return _sheet(request, round_, student, _written(existing, survey), survey=survey)
        sheet, before = _begun(round_, student)
        return _sheet(request, round_, student, sheet, before=before)
    if "add_member" in request.POST and round_.is_recognition:
        return _sheet(request, round_, student, _again(request, round_))
    sheet = _posted(request, round_)
    if not sheet.is_valid():
        return _sheet(request, round_, student, sheet, status=422)
    try:
        application = actions.draft_application(
            round_=round_,
            student=student,
            by=request.appointment,
            survey=sheet.facts,
            **sheet.answers,
        )
    except Refused as refused:
        return _sheet(request, round_, student, sheet, reasons=refused.reasons, status=422)
    return _kept(request, application)


@requires(ENTERING, methods="GET POST")
def edit(request: StaffRequest, application_id: int) -> HttpResponse:
    """Change a draft, or complete what was returned."""
    application = own_application(request, application_id)
    round_, student = application.round, application.student
    survey = _survey_of(application)
    if rules.why_not_change(application):
        raise Refused(rules.why_not_change(application))
    if request.method == "GET":
        sheet = _written(application, survey)
        return _sheet(request, round_, student, sheet, application=application, survey=survey)
    if "add_member" in request.POST and round_.is_recognition:
        sheet = _again(request, round_)
        return _sheet(request, round_, student, sheet, application=application, survey=survey)
    sheet = _posted(request, round_)
    reasons: list[Reason] = []
    if sheet.is_valid():
        try:
            kept = actions.revise(
                application=application,
                by=request.appointment,
                survey=sheet.facts,
                **sheet.answers,
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            return _kept(request, kept)
    return _sheet(
        request,
        round_,
        student,
        sheet,
        application=application,
        survey=survey,
        reasons=reasons,
        status=422,
    )


def _kept(request: StaffRequest, application: Application) -> HttpResponse:
    if "later" in request.POST:
        messages.success(request, f"已保存{application.student.name}的申请，还没有提交。")
        return redirect("applications:round", round_id=application.round_id)
    return redirect("applications:check", application_id=application.pk)


def _survey_of(application: Application) -> HouseholdSurvey | None:
    survey: HouseholdSurvey | None = application.surveys.first()
    return survey


def _sheet(
    request: StaffRequest,
    round_: Round,
    student: Student,
    sheet: Sheet,
    *,
    application: Application | None = None,
    survey: HouseholdSurvey | None = None,
    before: HouseholdSurvey | None = None,
    reasons: list[Reason] | None = None,
    status: int = 200,
) -> HttpResponse:
    closed = reasons if reasons is not None else _why_not(request, round_, student, application)
    context = {
        "round": round_,
        "student": student,
        "application": application,
        "survey": survey,
        "before": before,
        "sheet": sheet,
        "reasons": closed,
    }
    return render(request, "applications/enter.html", context, status=status)


def _why_not(
    request: StaffRequest, round_: Round, student: Student, application: Application | None
) -> list[Reason]:
    reasons = rules.why_not_open(round_, clock.today()) + why_not_present(student)
    if round_.programme and application is None:
        offer = queue.offer_of(round_.programme, round_.term.starts_on)
        taken = queue.taken_programmes(round_, [student]).get(student.pk, set())
        outside = queue.outsiders(offer.programme, round_.school_id, [student.pk], clock.today())
        reasons += why_not_apply(offer, student, taken=taken, outsiders=outside)
    return reasons


@requires(ENTERING, methods="GET POST")
def check(request: StaffRequest, application_id: int) -> HttpResponse:
    """Check the answers before handing in; POST hands in."""
    application = own_application(request, application_id)
    if request.method == "POST":
        submitted = actions.submit(application=application, by=request.appointment)
        messages.success(request, _after(submitted))
        return redirect("applications:round", round_id=submitted.round_id)
    if rules.why_not_change(application):
        return redirect("applications:application", application_id=application.pk)
    survey = _survey_of(application)
    today = clock.today()
    household = queue.household_of(survey) if survey else None
    absent = queue.papers_absent(application, survey, today)
    doubts = queue.doubts_of(survey, request.appointment, today) if survey else []
    return render(
        request,
        "applications/check.html",
        {
            "application": application,
            "survey": survey,
            "claims": claimed_groups(survey) if survey else (),
            "members": household.members if household else (),
            "doubts": reasons_of(absent, PaperRule.Level.SHOULD, ASK) + doubts,
            "missing": rules.why_not_complete(
                application,
                has_survey=survey is not None,
                filed=consented_on_phone(application),
                today=today,
            )
            + reasons_of(absent, PaperRule.Level.MUST, "收到并核对后勾选")
            + rules.why_not_open(application.round, today)
            + why_not_present(application.student),
            "late": rules.is_late(application, today),
            "received": [n for k, n in OTHER_KINDS if k in application.papers_received],
        },
    )


def _after(application: Application) -> str:
    name, closes = application.student.name, application.round.closes_on
    if application.round.is_recognition:
        return f"已提交{name}的申请（{application.number}），接下来由班级评议。"
    return f"已提交{name}的申请（{application.number}），{closes.month}月{closes.day}日截止后评审。"
