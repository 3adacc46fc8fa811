"""民主评议: the list of rounds and classes, and the class's page for the head teacher's phone."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from guardian.shortcuts import get_objects_for_user

from applications.models import Grade, Round
from audit.refusal import Reason, Refused
from review import actions, ballot_reading, balloting, queue, rules
from review.actions.appraisals import why_unexplained
from review.actions.class_postings import posting_of
from review.facts import shown
from review.models import Appraisal, Ballot, Case, Notice, Panel, Tally
from review.panel_forms import HoldForm, TallyForm
from review.views import asked
from review.views.rounds import round_of
from schools import clock
from schools.access import StaffRequest, requires
from schools.official import remaining
from schools.roles import OFFICE, Role
from students.models import SchoolClass


def led_classes(request: StaffRequest) -> Any:
    """The classes this person leads here; the office sees them all."""
    classes = SchoolClass.objects.for_school(request.school)
    if request.appointment.role != Role.HEAD_TEACHER:
        return classes
    led = get_objects_for_user(request.user, "students.lead_class", SchoolClass)
    return classes.filter(pk__in=led.values("pk"))


@requires(OFFICE, Role.HEAD_TEACHER)
def appraisals(request: StaffRequest) -> HttpResponse:
    """The latest recognition rounds with each of the person's classes."""
    rounds = list(
        Round.objects.for_school(request.school)
        .filter(kind=Round.Kind.RECOGNITION)
        .select_related("term")
        .order_by("-opens_on", "-pk")[:6]
    )
    mine = set(led_classes(request).values_list("pk", flat=True))
    found = []
    for round_ in rounds[:2]:
        classes = [c for c in queue.progress(round_) if c.school_class.pk in mine]
        until = queue.appraise_by(round_, mine)
        found.append(
            {
                "round": round_,
                "classes": classes,
                "until": until,
                "workdays": remaining(until),
                "finished": bool(classes) and not any(c.owing for c in classes),
            }
        )
    leads = request.appointment.role == Role.HEAD_TEACHER
    return render(
        request,
        "review/appraisals.html",
        {
            "rounds": found,
            "older": rounds[2:],
            "leads": leads,
            "notices": _on_show(request) if leads else (),
        },
    )


def _on_show(request: StaffRequest) -> Any:
    return Notice.objects.for_school(request.school).filter(
        status=Notice.Status.PUBLISHED, ends_on__gte=clock.today()
    )


@requires(OFFICE, Role.HEAD_TEACHER)
def class_appraisal(request: StaffRequest, round_id: int, class_id: int) -> HttpResponse:
    """One class's appraisal, by codes."""
    round_ = round_of(request, round_id)
    school_class = get_object_or_404(led_classes(request), pk=class_id)
    context = _page(request, round_, school_class)
    if context["voted_by_phone"]:
        context["shared"] = shared_for(request, ballot_reading.ballots_of(context["appraisal"]))
    return render(request, "review/class_appraisal.html", context)


def shared_for(request: StaffRequest, ballots: Sequence[Ballot]) -> str:
    """What checkers are told of the devices; the head teacher, who hands slips out, is not."""
    checks = request.appointment.role in (Role.REVIEWER, Role.LEADER)
    return ballot_reading.shared_devices(ballots).text if checks else ""


def _page(
    request: StaffRequest,
    round_: Round,
    school_class: SchoolClass,
    form: TallyForm | None = None,
    chosen: int | None = None,
    reasons: list[Reason] | None = None,
) -> dict[str, Any]:
    appraisal = Appraisal.objects.filter(
        school_id=round_.school_id, round_id=round_.pk, school_class_id=school_class.pk
    ).first()
    panel = queue.panel_of(round_, school_class)
    cases = _cases(round_, school_class)
    tallies = _tallies(cases)
    by_hand, thin = _waiting(appraisal, cases, tallies)
    wanted = chosen or asked.number(request, "case")
    chairs = not actions.appraisals.why_not_chair(school_class, request.appointment)
    editable = chairs and appraisal is not None and appraisal.status == Appraisal.Status.OPEN
    voting = ballot_reading.open_ballot_of(appraisal) if appraisal else None
    may = [c for c in cases if c.pk in tallies] + by_hand
    current = next((c for c in may if c.pk == wanted), by_hand[0] if by_hand else None)
    # While members vote on their phones nothing is entered by hand.
    current = current if editable and not voting else None
    if form is None and appraisal and current:
        form = _form(appraisal, current, tallies.get(current.pk))
    return {
        "round": round_,
        "school_class": school_class,
        "appraisal": appraisal,
        "chairs": chairs,
        "editable": editable,
        "current": current,
        **_reasons_owed(cases, tallies, current),
        **_by_phone(tallies.get(current.pk) if current else None),
        "voted_by_phone": sum(t.ballot_id is not None for t in tallies.values()),
        **_of_appraisal(appraisal, voting),
        "form": form,
        "facts": _facts(current),
        "left": [c for c in by_hand if c != current],
        "thin": thin,
        "referred": [c for c in cases if c.unjudged],
        "to_go": len(by_hand) + len(thin),
        "judged": _judged([c for c in cases if c.pk in tallies and c != current], tallies),
        "done": len(cases) - len(by_hand) - len(thin),
        "total": len(cases),
        "panel": panel,
        "hold": HoldForm.of(appraisal, _names(panel)),
        **_deadline(round_, school_class),
        "reasons": reasons or [],
    }


def _form(appraisal: Appraisal, case: Case, tally: Tally | None, data: Any = None) -> TallyForm:
    applying = queue.applying_seats(appraisal)
    return TallyForm.of(case, tally, data, queue.seats_of(appraisal), applying)


def _of_appraisal(appraisal: Appraisal | None, voting: Ballot | None) -> dict[str, Any]:
    return {
        "posting": posting_of(appraisal) if appraisal else None,
        "reopening": queue.reopening(appraisal) if appraisal else None,
        "voting": voting,
        "turnout": ballot_reading.turnout(voting) if voting else None,
    }


def _deadline(round_: Round, school_class: SchoolClass) -> dict[str, Any]:
    until = queue.appraise_by(round_, [school_class.pk])
    return {"until": until, "workdays": remaining(until)}


def _reasons_owed(
    cases: list[Case], tallies: dict[int, Tally], current: Case | None
) -> dict[str, Any]:
    owing = [c for c in cases if c.pk in tallies and rules.unexplained(c, tallies[c.pk])]
    return {"unexplained": why_unexplained(owing), "current_unexplained": current in owing}


def _waiting(
    appraisal: Appraisal | None, cases: list[Case], tallies: dict[int, Tally]
) -> tuple[list[Case], list[tuple[Case, str]]]:
    """Cases whose votes may be entered, and those on which too few voted by phone."""
    left = [c for c in cases if c.pk not in tallies and not c.unjudged]
    few = ballot_reading.thin_of(appraisal) if appraisal else {}
    thin = [(c, balloting.thin_text(few[c.pk])) for c in left if c.pk in few]
    return [c for c in left if c.pk not in few], thin


def _cases(round_: Round, school_class: SchoolClass) -> list[Case]:
    return list(
        queue.of_round(round_)
        .filter(school_class_id=school_class.pk, application__status="submitted")
        .select_related("application")
        .order_by("application__number", "pk")
    )


def _tallies(cases: list[Case]) -> dict[int, Tally]:
    found = Tally.objects.filter(case_id__in=[c.pk for c in cases]).prefetch_related("recusals")
    return {tally.case_id: tally for tally in found}


def _by_phone(tally: Tally | None) -> dict[str, Any]:
    if tally is None or tally.ballot_id is None:
        return {}
    return {"by_phone": tally, "by_phone_text": rules.tally_text(tally)}


def _names(panel: Panel | None) -> list[str]:
    return [m.name for m in panel.members.order_by("pk")] if panel else []


def _facts(case: Case | None) -> list[tuple[str, str]]:
    if case is None:
        return []
    return shown(queue.facts_of([case.application], clock.today())[case.application_id])


def _judged(cases: list[Case], tallies: dict[int, Tally]) -> list[dict[str, Any]]:
    found = []
    for case in cases:
        tally = tallies[case.pk]
        grade = rules.suggested_grade(tally, case.advised_grade)
        label = Grade(grade).label
        agreeing = getattr(tally, grade)
        found.append(
            {
                "case": case,
                "grade": label,
                "agreeing": agreeing,
                "other": tally.cast - agreeing - tally.abstain,
                "tally": tally,
                "text": rules.tally_text(tally),
                "recused": list(tally.recusals.all()),
                "unexplained": rules.unexplained(case, tally),
                "fixed": case.status not in (Case.Status.OPEN, Case.Status.APPRAISED),
            }
        )
    return found


def _class_page(appraisal: Appraisal) -> str:
    return reverse("review:class_appraisal", args=[appraisal.round_id, appraisal.school_class_id])


def appraisal_of(request: StaffRequest, appraisal_id: int) -> Appraisal:
    """An appraisal of a class this person may reach."""
    found: Appraisal = get_object_or_404(
        Appraisal.objects.for_school(request.school)
        .filter(school_class__in=led_classes(request))
        .select_related("school_class", "round__term"),
        pk=appraisal_id,
    )
    return found


@requires(Role.HEAD_TEACHER, methods="POST")
def hold(request: StaffRequest, round_id: int, class_id: int) -> HttpResponse:
    """Begin the appraisal, or correct who was there."""
    round_ = round_of(request, round_id)
    school_class = get_object_or_404(led_classes(request), pk=class_id)
    form = HoldForm(request.POST)
    context = _page(request, round_, school_class)
    if not form.is_valid():
        return render(request, "review/class_appraisal.html", {**context, "hold": form}, status=422)
    try:
        held = actions.hold_appraisal(
            round_=round_, school_class=school_class, by=request.appointment, **form.cleaned_data
        )
    except Refused as refused:
        more = {"hold": form, "reasons": refused.reasons}
        return render(request, "review/class_appraisal.html", {**context, **more}, status=409)
    messages.success(request, f"评议小组实到{held.present}人，请按编号逐人评议。")
    return redirect(_class_page(held))


@requires(Role.HEAD_TEACHER, methods="POST")
def tally(request: StaffRequest, appraisal_id: int, case_id: int) -> HttpResponse:
    """The votes on one case."""
    appraisal = appraisal_of(request, appraisal_id)
    case = _case_of(request, appraisal, case_id)
    form = _form(appraisal, case, _tallies([case]).get(case.pk), request.POST)
    reasons: list[Reason] = []
    if form.is_valid():
        try:
            _save_tally(request, appraisal, case, form)
        except Refused as refused:
            reasons = refused.reasons
        else:
            return _saved(request, appraisal, case)
    context = _page(
        request, appraisal.round, appraisal.school_class, form, chosen=case.pk, reasons=reasons
    )
    return render(request, "review/class_appraisal.html", context, status=409 if reasons else 422)


def _saved(request: StaffRequest, appraisal: Appraisal, case: Case) -> HttpResponse:
    kept = Tally.objects.filter(school_id=case.school_id, case=case).first()
    page = _class_page(appraisal)
    if kept and rules.unexplained(case, kept):
        text = f"编号{case.code}的票数已保存。结果和评分建议不同，请写明理由。"
        messages.warning(request, text)
        return redirect(f"{page}?case={case.pk}")
    messages.success(request, f"编号{case.code}已保存。")
    return redirect(page)


def _save_tally(request: StaffRequest, appraisal: Appraisal, case: Case, form: TallyForm) -> None:
    reason = form.cleaned_data["reason"]
    voted = Tally.objects.filter(school_id=case.school_id, case=case).exclude(ballot=None).first()
    if voted:
        # What members voted stands; the page shows the box for the reason alone.
        actions.explain(kept=voted, reason=reason, by=request.appointment)
        return
    actions.tally(
        appraisal=appraisal,
        case=case,
        by=request.appointment,
        reason=reason,
        recused=form.recused(),
        absent=form.absent(),
        **form.votes(),
    )


@requires(Role.HEAD_TEACHER, methods="POST")
def finish(request: StaffRequest, appraisal_id: int) -> HttpResponse:
    """Hand the class's result in."""
    appraisal = appraisal_of(request, appraisal_id)
    actions.finish_appraisal(appraisal=appraisal, by=request.appointment)
    messages.success(
        request,
        f"已提交{appraisal.school_class}评议结果，等待领导小组审定。评议结果请在本班公示3天。",
    )
    return redirect(_class_page(appraisal))


@requires(Role.OPERATOR, Role.HEAD_TEACHER, methods="POST")
def reopen(request: StaffRequest, appraisal_id: int) -> HttpResponse:
    """Open a finished appraisal again."""
    appraisal = appraisal_of(request, appraisal_id)
    actions.reopen_appraisal(
        appraisal=appraisal, reason=request.POST.get("reason", ""), by=request.appointment
    )
    messages.success(request, f"{appraisal.school_class}的评议已重新打开。")
    return redirect(_class_page(appraisal))


@requires(Role.HEAD_TEACHER)
def names(request: StaffRequest, round_id: int, class_id: int) -> HttpResponse:
    """编号与姓名对照表: for the head teacher alone."""
    round_ = round_of(request, round_id)
    school_class = get_object_or_404(led_classes(request), pk=class_id)
    cases = (
        queue.of_round(round_)
        .filter(school_class_id=school_class.pk)
        .select_related("application", "student")
        .order_by("application__number", "pk")
    )
    return render(
        request,
        "review/names.html",
        {"round": round_, "school_class": school_class, "cases": cases},
    )


@requires(Role.HEAD_TEACHER, methods="POST")
def refer(request: StaffRequest, appraisal_id: int, case_id: int) -> HttpResponse:
    """提交领导小组审定: too few voted on this case."""
    appraisal = appraisal_of(request, appraisal_id)
    case = _case_of(request, appraisal, case_id)
    actions.refer(appraisal=appraisal, case=case, by=request.appointment)
    messages.success(request, f"编号{case.code}由领导小组审定，班级不再表决。")
    return redirect(_class_page(appraisal))


@requires(Role.HEAD_TEACHER, methods="POST")
def judge_after_all(request: StaffRequest, appraisal_id: int, case_id: int) -> HttpResponse:
    """改由班级评议."""
    appraisal = appraisal_of(request, appraisal_id)
    case = _case_of(request, appraisal, case_id)
    actions.judge_after_all(appraisal=appraisal, case=case, by=request.appointment)
    messages.success(request, f"编号{case.code}改由班级评议，请补选成员后重新投票。")
    return redirect(_class_page(appraisal))


def _case_of(request: StaffRequest, appraisal: Appraisal, case_id: int) -> Case:
    found: Case = get_object_or_404(
        Case.objects.for_school(request.school).filter(
            round_id=appraisal.round_id, school_class_id=appraisal.school_class_id
        ),
        pk=case_id,
    )
    return found
