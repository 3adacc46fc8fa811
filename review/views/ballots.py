"""手机投票 as the head teacher leads it on an own phone."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Reason, Refused
from office.asked import key_of
from office.files import download
from review import actions, ballot_reading, balloting, slips
from review.actions.appraisals import why_not_chair
from review.actions.thin_votes import why_not_paper
from review.ballot_forms import AsideForm, OpenForm
from review.models import Appraisal, Ballot, BallotCase, BallotRecusal, BallotSlip, Case, Tally
from review.rules import tally_text
from review.views.appraisals import appraisal_of, led_classes, shared_for
from schools.access import StaffRequest, requires
from schools.roles import OFFICE, Role

NO_RECUSAL = Reason("没有选回避，或者它刚刚已经撤回", "请回到投票页，看清还有哪些回避再选")


def ballot_of(request: StaffRequest, ballot_id: int) -> Ballot:
    """A vote of a class this person may reach."""
    found: Ballot = get_object_or_404(
        Ballot.objects.for_school(request.school)
        .filter(appraisal__school_class__in=led_classes(request))
        .select_related("school", "appraisal__school_class", "appraisal__round__term"),
        pk=ballot_id,
    )
    return found


@requires(OFFICE, Role.HEAD_TEACHER)
def ballot(request: StaffRequest, appraisal_id: int) -> HttpResponse:
    """Where the vote stands: not begun, under way, or counted."""
    return _page(request, appraisal_of(request, appraisal_id))


def _page(
    request: StaffRequest,
    appraisal: Appraisal,
    *,
    opening: OpenForm | None = None,
    aside: AsideForm | None = None,
    reasons: list[Reason] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = ballot_reading.ballots_of(appraisal)
    latest = next((b for b in found if b.status != Ballot.Status.CANCELLED), None)
    under_way = latest if latest and latest.status == Ballot.Status.OPEN else None
    chairs = not why_not_chair(appraisal.school_class, request.appointment)
    left = ballot_reading.unvoted(appraisal)
    voters = ballot_reading.voters_of(appraisal)
    may_open = chairs and not under_way and bool(left) and appraisal.status == Appraisal.Status.OPEN
    context: dict[str, Any] = {
        "appraisal": appraisal,
        "round": appraisal.round,
        "school_class": appraisal.school_class,
        "chairs": chairs,
        "absent": appraisal.expected - appraisal.present,
        "left": left,
        "voters": voters,
        "latest": latest,
        "under_way": under_way,
        "cancelled": _cancelled(appraisal, found),
        "opening": (opening or OpenForm(voters)) if may_open else None,
        "editable": chairs and appraisal.status == Appraisal.Status.OPEN,
        "checks": request.appointment.role in (Role.REVIEWER, Role.LEADER),
        "reasons": reasons or [],
    }
    context["thin"] = [] if under_way else _thin(appraisal)
    if under_way:
        context |= _under_way(under_way, aside)
    elif latest:
        context |= _counted(latest)
        context["shared"] = shared_for(request, found)
    return render(request, "review/ballot.html", context, status=status)


def _thin(appraisal: Appraisal) -> list[tuple[Case, str]]:
    found = ballot_reading.thin_of(appraisal)
    return [
        (case, balloting.thin_text(found[case.pk]))
        for case in ballot_reading.unvoted(appraisal)
        if case.pk in found
    ]


def _under_way(found: Ballot, aside: AsideForm | None) -> dict[str, Any]:
    members, rows = ballot_reading.slips_of(found), ballot_reading.cases_of(found)
    turnout = ballot_reading.turnout(found)
    recusals = ballot_reading.recusals_of(found)
    out = ballot_reading.sitting_out(found)
    return {
        "members": members,
        "rows": rows,
        "turnout": turnout,
        "too_few": balloting.why_not_count(turnout.slips, turnout.voted),
        "out": out,
        "unvoted": [s.name for s in members if not s.voted and s.name not in out],
        "recusals": recusals,
        "may_take_back": [r for r in recusals if r.by_chair],
        "taken_back": ballot_reading.taken_back(found),
        "newcomers": ballot_reading.unknown_to(found),
        "gone": [r.case for r in rows if r.case.application.status != "submitted"],
        "aside": aside or AsideForm(members, rows),
    }


def _cancelled(appraisal: Appraisal, found: list[Ballot]) -> list[dict[str, Any]]:
    voided = ballot_reading.voided_of(appraisal)
    return [
        {
            "ballot": b,
            "no_paper": why_not_paper(b),
            "voided": [{"case": row.case, "text": _figures(row)} for row in voided.get(b.pk, [])],
        }
        for b in found
        if b.status == Ballot.Status.CANCELLED
    ]


def _figures(row: BallotCase) -> str:
    # Voided or not: so few votes tell whose they are.
    return tally_text(row) if row.cast >= balloting.FEWEST else balloting.thin_text(row.cast)


def _counted(found: Ballot) -> dict[str, Any]:
    tallies = Tally.objects.filter(school_id=found.school_id, ballot=found)
    return {
        "turnout": ballot_reading.turnout(found),
        "taken_back": ballot_reading.taken_back(found),
        "results": [
            {"tally": t, "case": t.case, "text": tally_text(t), "recused": list(t.recusals.all())}
            for t in tallies.select_related("case__application")
            .prefetch_related("recusals")
            .order_by("case__application__number", "pk")
        ],
    }


@requires(Role.HEAD_TEACHER, methods="POST")
def open_ballot(request: StaffRequest, appraisal_id: int) -> HttpResponse:
    """开始手机投票."""
    appraisal = appraisal_of(request, appraisal_id)
    form = OpenForm(ballot_reading.voters_of(appraisal), request.POST)
    if not form.is_valid():
        return _page(request, appraisal, opening=form, status=422)
    try:
        actions.open_ballot(
            appraisal=appraisal,
            here=form.cleaned_data["here"],
            shows_names=form.cleaned_data["shows_names"],
            by=request.appointment,
        )
    except Refused as refused:
        return _page(request, appraisal, opening=form, reasons=refused.reasons, status=409)
    messages.success(request, "手机投票已开始，请逐人出示二维码。")
    return redirect("review:ballot", appraisal_id=appraisal.pk)


@requires(Role.HEAD_TEACHER, methods="POST")
def show_slip(request: StaffRequest, slip_id: int) -> HttpResponse:
    """One member's QR code, on the screen this once; an earlier one is dead."""
    slip: BallotSlip = get_object_or_404(
        BallotSlip.objects.for_school(request.school).filter(
            ballot__appraisal__school_class__in=led_classes(request)
        ),
        pk=slip_id,
    )
    found = ballot_of(request, slip.ballot_id)
    secret = actions.hand_out(slip=slip, by=request.appointment)
    out = ballot_reading.sitting_out(found)
    waiting = [
        s
        for s in ballot_reading.slips_of(found)
        if s.secret_blind is None and s.pk != slip.pk and s.name not in out
    ]
    context = {
        "slip": slip,
        "appraisal": found.appraisal,
        "picture": slips.picture_of(secret),
        "address": slips.address_of(secret),
        "following": waiting[0] if waiting else None,
    }
    response = render(request, "review/ballot_slip.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@requires(Role.HEAD_TEACHER, methods="POST")
def print_slips(request: StaffRequest, ballot_id: int) -> HttpResponse:
    """Slips on paper for all who have not voted; earlier ones are dead."""
    found = ballot_of(request, ballot_id)
    handed = actions.hand_out_rest(ballot=found, by=request.appointment)
    response = download(f"slips-{found.pk}.pdf", slips.sheet(found, handed), "application/pdf")
    response.headers["Cache-Control"] = "no-store"
    return response


@requires(Role.HEAD_TEACHER, methods="POST")
def set_aside(request: StaffRequest, ballot_id: int) -> HttpResponse:
    """登记回避: the head teacher knows who is whose relative."""
    found = ballot_of(request, ballot_id)
    members, rows = ballot_reading.slips_of(found), ballot_reading.cases_of(found)
    form = AsideForm(members, rows, request.POST)
    if not form.is_valid():
        return _page(request, found.appraisal, aside=form, status=422)
    given = form.cleaned_data
    slip = next(s for s in members if str(s.pk) == given["slip"])
    row = next(r for r in rows if str(r.pk) == given["ballot_case"])
    try:
        actions.set_aside(
            slip=slip, ballot_case=row, reason=given["reason"], by=request.appointment
        )
    except Refused as refused:
        return _page(request, found.appraisal, aside=form, reasons=refused.reasons, status=409)
    messages.success(request, f"已登记{slip.name}对编号{row.case.code}回避。")
    return redirect("review:ballot", appraisal_id=found.appraisal_id)


@requires(Role.HEAD_TEACHER, methods="POST")
def take_back_recusal(request: StaffRequest, ballot_id: int) -> HttpResponse:
    """登记错的回避，撤回."""
    found = ballot_of(request, ballot_id)
    here = BallotRecusal.objects.for_school(request.school).filter(slip__ballot=found)
    recusal = here.filter(pk=key_of(request.POST.get("recusal"))).first()
    if recusal is None:
        raise Refused([NO_RECUSAL])
    name, code = recusal.slip.name, recusal.ballot_case.case.code
    actions.take_back_recusal(
        recusal=recusal, said=request.POST.get("said", ""), by=request.appointment
    )
    after = "补投这一件" if recusal.slip.voted else "投票"
    messages.success(request, f"{name}对编号{code}的回避已撤回，请本人在自己手机上{after}。")
    return redirect("review:ballot", appraisal_id=found.appraisal_id)


@requires(Role.HEAD_TEACHER, methods="POST")
def count(request: StaffRequest, ballot_id: int) -> HttpResponse:
    """收票."""
    found = ballot_of(request, ballot_id)
    done = actions.count_ballot(ballot=found, by=request.appointment)
    messages.success(request, f"已收票，{done.cases}人的票数已登记。请当场宣布，再提交评议结果。")
    for one in done.held:
        messages.warning(request, f"{one.text}，{one.mend}。")
    return redirect("review:ballot", appraisal_id=found.appraisal_id)


@requires(Role.HEAD_TEACHER, methods="POST")
def cancel(request: StaffRequest, ballot_id: int) -> HttpResponse:
    """作废重投."""
    found = ballot_of(request, ballot_id)
    actions.cancel_ballot(
        ballot=found, reason=request.POST.get("reason", ""), by=request.appointment
    )
    after = "请重新投票。" if found.count_at else "可以重新投票，也可以逐人登记票数。"
    messages.success(request, f"这次投票已作废，{after}")
    return redirect("review:ballot", appraisal_id=found.appraisal_id)


@requires(Role.REVIEWER, Role.LEADER, methods="POST")
def allow_paper(request: StaffRequest, ballot_id: int) -> HttpResponse:
    """同意改用纸质评议."""
    found = ballot_of(request, ballot_id)
    actions.allow_paper(ballot=found, reason=request.POST.get("reason", ""), by=request.appointment)
    messages.success(request, "已同意改用纸质评议，请通知班主任逐人登记票数。")
    return redirect("review:ballot", appraisal_id=found.appraisal_id)
