"""开批次: by hand, filled in from the same round a year ago; what opens by itself, or is undone."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from applications import actions, queue
from applications.models import Programme, Round
from applications.queue.openings import planned_window
from applications.round_forms import KindForm, WindowForm
from applications.rules import rounds as rules
from applications.views.own import own_round
from audit.refusal import Reason, Refused
from office.asked import key_of
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import Term
from schools.official import current_term
from schools.roles import Role
from students.models import Student


@requires(Role.OPERATOR, methods="GET POST")
def open_round(request: StaffRequest) -> HttpResponse:
    """What opening a round will do, in numbers, as it was a year ago; POST opens it."""
    term = current_term()
    if term is None:
        raise Http404
    programme = _asked_programme(request)
    if request.method != "POST":
        return _page(request, term, programme)
    form = WindowForm(request.POST)
    if not form.is_valid():
        return _page(request, term, programme, form=form)
    asked: dict[str, Any] = {
        "school": request.school,
        "term": term,
        "by": request.appointment,
        "window": form.window(term, clock.today()),
    }
    try:
        opened = (
            actions.open_programme_round(programme=programme, **asked)
            if programme
            else actions.open_recognition_round(**asked)
        )
    except Refused as refused:
        return _page(request, term, programme, form=form, refused=refused.reasons)
    messages.success(
        request,
        f"{opened}已开，申请到{opened.closes_on.month}月{opened.closes_on.day}日截止，"
        "班主任的工作台上已有提醒。",
    )
    return redirect("applications:round", round_id=opened.pk)


def _asked_programme(request: StaffRequest) -> Programme | None:
    asked = request.POST.get("programme") or request.GET.get("programme", "")
    if not asked:
        return None
    return get_object_or_404(queue.offered(request.school), pk=key_of(asked))


def _page(
    request: StaffRequest,
    term: Term,
    programme: Programme | None,
    form: WindowForm | None = None,
    refused: list[Reason] | None = None,
) -> HttpResponse:
    facts = _opening(request, term, programme)
    window = facts["window"]
    told = {"opens_on": window.opens_on, "workdays": window.workdays}
    context = {**facts, "form": form or WindowForm(initial=told), "refused": refused or []}
    status = 409 if refused else 422 if form else 200
    return render(request, "applications/open_round.html", context, status=status)


def _opening(request: StaffRequest, term: Term, programme: Programme | None) -> dict[str, Any]:
    school = request.school
    classes = queue.classes_of(request.appointment)
    students = Student.objects.for_school(school).present()
    if programme:
        classes = classes.filter(stage=programme.stage)
        students = students.filter(school_class__stage=programme.stage)
    planned = Round(
        school=school,
        kind=Round.Kind.PROGRAMME if programme else Round.Kind.RECOGNITION,
        term=term,
        programme=programme,
    )
    window = planned_window(school, term, programme)
    before = queue.round_before(school, term, programme)
    return {
        **_why_not(request, term, programme),
        "term": term,
        "programme": programme,
        "planned": planned,
        "quota": queue.quota_of(planned),
        "window": window,
        "before": before,
        "compared": queue.compared(before, planned, window) if before else [],
        "last": None if programme else queue.last_recognition(school, term),
        "classes": classes.count(),
        "teacherless": classes.filter(head_teacher=None).count(),
        "students": students.count(),
        "listed": queue.missed_students(planned, clock.today()).count(),
    }


def _why_not(request: StaffRequest, term: Term, programme: Programme | None) -> dict[str, Any]:
    """Why the round can't be opened, and the one that is there already."""
    school, today = request.school, clock.today()
    stages = queue.stages_of(school)
    if programme is None:
        existing = queue.recognition_round(school, term)
        reasons = rules.why_not_open_recognition(
            term, today=today, stages=stages, existing=existing
        )
        return {"existing": existing, "reasons": reasons}
    tiers = queue.offer_of(programme, term.starts_on).tiers
    existing = Round.objects.for_school(school).filter(term=term, programme=programme).first()
    reasons = rules.why_not_open_programme(
        term, programme, today=today, stages=stages, tiers=tiers, existing=existing
    )
    return {"existing": existing, "reasons": reasons, "tiers": tiers}


@requires(Role.OPERATOR, methods="POST")
def take_back(request: StaffRequest, round_id: int) -> HttpResponse:
    """撤销 what opened by itself."""
    round_ = own_round(request, round_id)
    name = str(round_)
    actions.take_back_round(
        round_=round_, reason=request.POST.get("reason", ""), by=request.appointment
    )
    messages.success(request, f"{name}已撤销，本学期不再自动开；要办的时候可以自己开。")
    return redirect("applications:rounds")


@requires(Role.OPERATOR, methods="POST")
def pause_opening(request: StaffRequest) -> HttpResponse:
    """不自动开启 one kind."""
    kind = _kind(request)
    actions.pause_opening(school=request.school, kind=kind, by=request.appointment)
    messages.success(request, f"{kind.label}的批次不再自动开，开学后请自己开。")
    return redirect("applications:rounds")


@requires(Role.OPERATOR, methods="POST")
def resume_opening(request: StaffRequest) -> HttpResponse:
    """恢复自动开启 one kind."""
    kind = _kind(request)
    actions.resume_opening(school=request.school, kind=kind, by=request.appointment)
    messages.success(request, f"{kind.label}的批次恢复自动开，开学当天按去年的开。")
    return redirect("applications:rounds")


def _kind(request: StaffRequest) -> Round.Kind:
    form = KindForm(request.POST)
    if not form.is_valid():
        raise Refused([Reason("没有选择哪一种批次", "回到资助项目与批次，再点一次")])
    return Round.Kind(form.cleaned_data["kind"])
