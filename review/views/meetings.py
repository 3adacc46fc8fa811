"""评审会议: list, convene, attendance, votes, confirmation, minutes."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from applications.models import Grade, Round
from audit.refusal import Reason, Refused
from review import actions, apart, marks, queue, rules
from review.actions.meetings import why_not_confirm
from review.forms import AttendanceForm, ConveneForm, DecideForm, RecuseForm
from review.minutes import minutes, summary
from review.models import Attendance, Case, CaseRecusal, CaseVote, Meeting
from review.views.rounds import round_of
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import Appointment
from schools.roles import OFFICE, Role

# Who sits in the leading group without being asked again.
USUAL = (Role.LEADER, Role.COMMITTEE)
SHOWN = 60


@requires(OFFICE)
def meetings(request: StaffRequest) -> HttpResponse:
    """Meetings, newest first, and rounds that wait for one."""
    found = (
        Meeting.objects.for_school(request.school)
        .select_related("round__term", "round__programme", "chair")
        .annotate(
            decided=Count("cases", distinct=True),
            members=Count("attendances", distinct=True),
            came=Count("attendances", distinct=True, filter=Q(attendances__present=True)),
        )
        .order_by("-held_at", "-pk")
    )
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    waiting = (
        Round.objects.for_school(request.school)
        .filter(status=Round.Status.OPEN, cases__status=Case.Status.PROPOSED)
        .exclude(meetings__status=Meeting.Status.PLANNED)
        .select_related("term", "programme")
        .annotate(n=Count("cases", distinct=True))
    )
    context = {
        "page": page,
        "waiting": waiting,
        "operates": request.appointment.role == Role.OPERATOR,
    }
    return render(request, "review/meetings.html", context)


@requires(Role.OPERATOR, methods="GET POST")
def convene(request: StaffRequest, round_id: int) -> HttpResponse:
    """Plan a meeting about a round."""
    round_ = round_of(request, round_id)
    offices = _offices(request)
    form = ConveneForm(offices, request.POST or None, initial=_initial(request, round_))
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        chosen = {k: v for k, v in form.cleaned_data.items() if k not in ("day", "at")}
        try:
            meeting = actions.convene(
                round_=round_, held_at=form.held_at(), by=request.appointment, **chosen
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, "会议已安排。开会时登记到会和表决。")
            return redirect("review:meeting", meeting_id=meeting.pk)
    n = queue.of_round(round_).filter(status=Case.Status.PROPOSED).count()
    context = {"round": round_, "form": form, "reasons": reasons, "proposed": n}
    return render(request, "review/convene.html", context, status=_status(form, reasons))


def _status(form: Any, reasons: list[Reason]) -> int:
    if reasons:
        return 409
    return 422 if form.is_bound and not form.is_valid() else 200


def _offices(request: StaffRequest) -> dict[int, str]:
    held = Appointment.objects.valid_on(clock.today()).filter(
        organisation_id=request.organisation.pk
    )
    return {a.person_id: a.role for a in held}


def _initial(request: StaffRequest, round_: Round) -> dict[str, Any]:
    offices = _offices(request)
    usual = [pk for pk, role in offices.items() if role in USUAL]
    leaders = [pk for pk, role in offices.items() if role == Role.LEADER]
    what = "家庭经济困难认定审定会" if round_.is_recognition else f"{round_.programme}评审会"
    return {
        "day": clock.today(),
        "at": "15:00",
        "topic": what,
        "chair": leaders[0] if leaders else None,
        "recorder": request.appointment.person_id,
        "members": [*usual, request.appointment.person_id],
    }


def meeting_of(request: StaffRequest, meeting_id: int) -> Meeting:
    """One of the school's meetings."""
    found: Meeting = get_object_or_404(
        Meeting.objects.for_school(request.school).select_related(
            "round__term",
            "round__programme",
            "school",
            "chair",
            "recorder",
            "decide_by",
            "confirm_by",
        ),
        pk=meeting_id,
    )
    return found


@requires(OFFICE)
def meeting(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """The meeting: attendance, what is to be decided, votes, minutes."""
    return _page(request, meeting_of(request, meeting_id))


def _page(
    request: StaffRequest,
    found: Meeting,
    *,
    attendance: AttendanceForm | None = None,
    decision: DecideForm | None = None,
    recusal: RecuseForm | None = None,
    reasons: list[Reason] | None = None,
) -> HttpResponse:
    attendances = list(found.attendances.select_related("person").order_by("pk"))
    cases = _cases(found)
    present = sum(a.present for a in attendances)
    planned = found.status == Meeting.Status.PLANNED
    status = 409 if reasons else 422 if attendance or decision or recusal else 200
    recusals = list(found.recusals.select_related("person").order_by("case_id", "pk"))
    votes = list(found.case_votes.order_by("case_id"))
    voting = rules.voters(attendances)
    return render(
        request,
        "review/meeting.html",
        {
            "meeting": found,
            "attendances": attendances,
            "present": present,
            "absent": len(attendances) - present,
            "recused": [a for a in attendances if a.recusal],
            **_quorum(found, attendances),
            "voting": voting,
            "attendance": attendance or AttendanceForm(attendances),
            "recusal": recusal or RecuseForm(cases, attendances),
            "recusals": _recusals(recusals, cases, votes),
            "kin": apart.why_kin(
                queue.kin_at(found, cases) if planned else (), attendances, apart.by_case(recusals)
            ),
            "decision": decision
            or DecideForm.of(found, voting, None, _apart(cases, attendances, recusals)),
            "summary": summary(cases),
            "total": len(cases),
            "mark": marks.of_proposed(cases),
            **_split(request, cases),
            "options": _options(found.round),
            "paragraphs": minutes(found, attendances, cases, recusals, votes),
            "reasons": reasons or [],
            "planned": planned,
            "operates": request.appointment.role == Role.OPERATOR,
            "checks": request.appointment.role in (Role.REVIEWER, Role.LEADER),
            "why_not_confirm": why_not_confirm(found, request.appointment),
        },
        status=status,
    )


def _quorum(found: Meeting, attendances: list[Attendance]) -> dict[str, Any]:
    return {
        "quorum": rules.quorum(len(attendances)),
        "no_quorum": rules.why_no_quorum(found, attendances),
    }


def _recusals(
    recusals: list[CaseRecusal], cases: list[Case], votes: list[CaseVote]
) -> list[dict[str, Any]]:
    """Who withdrew from which case, and how the others voted on it."""
    by_key = {case.pk: case for case in cases}
    told = {vote.case_id: apart.votes_text(vote) for vote in votes}
    return [
        {"one": one, "case": by_key[one.case_id], "votes": told.get(one.case_id, "")}
        for one in recusals
        if one.case_id in by_key
    ]


def _apart(
    cases: list[Case], attendances: list[Attendance], recusals: list[CaseRecusal]
) -> dict[int, tuple[Case, int]]:
    recused = apart.by_case(recusals)
    return {
        case.pk: (case, apart.voting_on(attendances, recused[case.pk]))
        for case in cases
        if case.pk in recused
    }


def _cases(found: Meeting) -> list[Case]:
    cases = queue.of_round(found.round)
    if found.status == Meeting.Status.PLANNED:
        cases = cases.filter(status=Case.Status.PROPOSED)
    else:
        cases = cases.filter(meeting_id=found.pk)
    return list(
        cases.select_related("application", "school_class", "proposed_tier", "decided_tier")
        .prefetch_related("tallies")
        .order_by("application__number", "pk")
    )


def _split(request: StaffRequest, cases: list[Case]) -> dict[str, Any]:
    """The cases talked about one by one, and the rest."""
    apart = [c for c in cases if _talked_about(c)]
    rest = [c for c in cases if not _talked_about(c)]
    return {"apart": apart, "rest": rest}


def _talked_about(case: Case) -> bool:
    differs = bool(case.appraised_grade) and case.appraised_grade != case.advised_grade
    decided = case.decided_grade and case.decided_grade != case.proposed_grade
    changed = case.decided_tier_id and case.decided_tier_id != case.proposed_tier_id
    return bool(
        case.unjudged or differs or decided or changed or case.status == Case.Status.REFUSED
    )


def _options(round_: Round) -> list[tuple[str, str]]:
    if round_.programme_id:
        named = [(t.code, t.label) for t in queue.tiers_of(round_)]
    else:
        named = [(str(value), str(label)) for value, label in Grade.choices]
    return [*named, (rules.REFUSE, "不予资助")]


@requires(Role.OPERATOR, methods="POST")
def attendance(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """Record who came and who withdrew."""
    found = meeting_of(request, meeting_id)
    members = list(found.attendances.select_related("person").order_by("pk"))
    form = AttendanceForm(members, request.POST)
    if not form.is_valid():
        return _page(request, found, attendance=form)
    try:
        actions.take_attendance(
            meeting=found,
            present=form.present(),
            recusals=form.recusals(),
            by=request.appointment,
            mark=form.mark,
        )
    except Refused as refused:
        return _page(request, found, attendance=form, reasons=refused.reasons)
    messages.success(request, f"已登记到会{len(form.present())}人。接着登记表决。")
    return redirect("review:meeting", meeting_id=found.pk)


@requires(Role.OPERATOR, methods="POST")
def recuse(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """Record that a member withdraws from one case."""
    found = meeting_of(request, meeting_id)
    cases = _cases(found)
    attendances = list(found.attendances.select_related("person").order_by("pk"))
    form = RecuseForm(cases, attendances, request.POST)
    if not form.is_valid():
        return _page(request, found, recusal=form)
    told = form.cleaned_data
    case = next(c for c in cases if str(c.pk) == told["case"])
    person = next(a.person for a in attendances if str(a.person_id) == told["person"])
    try:
        actions.recuse(
            meeting=found, case=case, person=person, reason=told["reason"], by=request.appointment
        )
    except Refused as refused:
        return _page(request, found, recusal=form, reasons=refused.reasons)
    messages.success(request, f"{person.name}对编号{case.code}回避，这一件单独表决。")
    return redirect("review:meeting", meeting_id=found.pk)


@requires(Role.OPERATOR, methods="POST")
def withdraw_recusal(request: StaffRequest, recusal_id: int) -> HttpResponse:
    """Take back a recusal recorded by mistake."""
    found = get_object_or_404(
        CaseRecusal.objects.for_school(request.school).select_related("meeting"), pk=recusal_id
    )
    actions.withdraw_recusal(recusal=found, by=request.appointment)
    messages.success(request, "已撤销这一件的回避。")
    return redirect("review:meeting", meeting_id=found.meeting_id)


@requires(Role.OPERATOR, methods="POST")
def decide(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """Record the votes and what was decided."""
    found = meeting_of(request, meeting_id)
    attendances: list[Attendance] = list(found.attendances.all())
    parted = _apart(_cases(found), attendances, list(found.recusals.all()))
    form = DecideForm.of(found, rules.voters(attendances), request.POST, parted)
    if not form.is_valid():
        return _page(request, found, decision=form)
    before = {
        pk: code or grade
        for pk, grade, code in queue.of_round(found.round)
        .filter(status=Case.Status.PROPOSED)
        .values_list("pk", "proposed_grade", "proposed_tier__code")
    }
    try:
        actions.decide(
            meeting=found,
            by=request.appointment,
            changes=DecideForm.changes(request.POST, before),
            apart=form.apart(),
            mark=request.POST.get("mark", ""),
            **form.whole(),
        )
    except Refused as refused:
        return _page(request, found, decision=form, reasons=refused.reasons)
    messages.success(request, "已登记审定。请审核人或分管领导复核确认，确认后起草公示。")
    return redirect("review:meeting", meeting_id=found.pk)


@requires(Role.REVIEWER, Role.LEADER, methods="POST")
def confirm(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """A second person confirms."""
    found = meeting_of(request, meeting_id)
    actions.confirm_meeting(meeting=found, by=request.appointment)
    after = "由经办起草公示"
    if not queue.to_publish(found.round).exists():
        after = "没有要公示的学生，由审核人或分管领导在批次页确认不困难"
    messages.success(request, f"已确认会议审定。接着{after}。")
    return redirect("review:meeting", meeting_id=found.pk)


@requires(Role.REVIEWER, Role.LEADER, methods="POST")
def send_back(request: StaffRequest, meeting_id: int) -> HttpResponse:
    """Send the recorded decision back."""
    found = meeting_of(request, meeting_id)
    actions.return_meeting(
        meeting=found, reason=request.POST.get("reason", ""), by=request.appointment
    )
    messages.success(request, "已退回，由经办重新登记表决。")
    return redirect("review:meeting", meeting_id=found.pk)
