"""资助项目与批次: programmes with their dated amounts, rounds, closing and reopening them."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from applications import actions, queue
from applications.grant_forms import has_form
from applications.models import Programme, Round, Tier
from applications.queue.programmes import shown_exclusions
from applications.rules import rounds as rules
from applications.rules.openings import why_not_take_back
from applications.views.own import ENTERING, is_role, own_round
from audit.refusal import Reason
from schools import clock, workdays
from schools.access import StaffRequest, requires
from schools.models import Term
from schools.official import OfficialCalendar, calendar, current_term, remaining
from schools.roles import OFFICE, SCHOOL_ROLES, Role


@dataclass(frozen=True, slots=True)
class Shown:
    """A programme as the page shows it in one term."""

    programme: Programme
    now: list[Tier]
    before: list[Tier]
    round: Round | None
    why_not: list[Reason]


@requires(SCHOOL_ROLES)
def rounds(request: StaffRequest) -> HttpResponse:
    """The term's rounds, and the programmes of the school's stages with their amounts."""
    term = current_term()
    if term is None:
        return render(request, "applications/rounds.html", {"term": None})
    opened = list(queue.rounds_of(request.school, term))
    counts = queue.counts_by_round(request.appointment, opened)
    stages, days = queue.stages_of(request.school), calendar()
    every = request.GET.get("all") == "1"
    recognition = next((r for r in opened if r.is_recognition), None)
    return render(
        request,
        "applications/rounds.html",
        {
            "term": term,
            "rows": [_row(r, counts[r.pk], days) for r in opened],
            "recognition": recognition,
            **_by_time(_shown(request, term, opened, stages, every), term),
            "every": every,
            "may_open": is_role(request, frozenset({Role.OPERATOR})),
            "sees_policy": is_role(request, OFFICE),
            "by_itself": _by_itself(request),
        },
    )


def _by_time(shown: list[Shown], term: Term) -> dict[str, list[Shown]]:
    """Programmes of the term first, then those whose days are over or still to come."""
    now = [s for s in shown if s.round or rules.in_force(s.programme, term.starts_on)]
    return {"programmes": now, "other_times": [s for s in shown if s not in now]}


def _by_itself(request: StaffRequest) -> list[tuple[str, str, bool]]:
    """Each kind of round with whether it opens by itself."""
    paused = queue.paused_kinds(request.school)
    return [(kind.value, kind.label, kind.value not in paused) for kind in Round.Kind]


def _row(round_: Round, counts: dict[str, int], days: OfficialCalendar) -> dict[str, Any]:
    left = workdays.remaining(days, clock.today(), round_.closes_on)
    return {
        "round": round_,
        "submitted": counts["submitted"],
        "unfinished": sum(counts[s] for s in queue.UNFINISHED),
        "workdays": left if round_.status == Round.Status.OPEN else None,
        "over": clock.today() > round_.closes_on,
    }


def _shown(
    request: StaffRequest, term: Term, opened: list[Round], stages: frozenset[str], every: bool
) -> list[Shown]:
    programmes = (
        queue.known(request.school)
        .select_related("managed_by")
        .prefetch_related("tiers", shown_exclusions(request.school), "open_groups", "paper_rules")
    )
    if not every:
        programmes = programmes.filter(stage__in=stages)
    by_programme = {r.programme_id: r for r in opened if r.programme_id}
    found = []
    for programme in programmes:
        tiers = list(programme.tiers.all())
        now = [t for t in tiers if rules.in_force(t, term.starts_on)]
        existing = by_programme.get(programme.pk)
        found.append(
            Shown(
                programme,
                now,
                sorted((t for t in tiers if t not in now), key=lambda t: t.valid_from),
                existing,
                rules.why_not_open_programme(
                    term,
                    programme,
                    today=clock.today(),
                    stages=stages,
                    tiers=now,
                    existing=existing,
                ),
            )
        )
    return found


@requires(SCHOOL_ROLES)
def round_page(request: StaffRequest, round_id: int) -> HttpResponse:
    """The application step of a round: who applied, by class, and who owes."""
    round_ = own_round(request, round_id)
    classes = queue.class_counts(round_, request.appointment, clock.today())
    only = next((key for key in ("owing", "clear") if key == request.GET.get("only")), "")
    rows = [c for c in classes if not only or c.owes == (only == "owing")]
    totals = {
        name: sum(getattr(c, name) for c in classes)
        for name in ("students", "submitted", "unfinished", "late_waiting", "missed")
    }
    today = clock.today()
    leads = is_role(request, frozenset({Role.HEAD_TEACHER}))
    return render(
        request,
        "applications/round.html",
        {
            "round": round_,
            "classes": classes,
            "rows": rows,
            "only": only,
            "own": queue.entered_in(round_, request.appointment) if leads else (),
            "leads": leads,
            "has_form": has_form(round_.programme),
            "renewals": queue.renewals(round_, request.appointment).count(),
            "owing": sum(c.owes for c in classes),
            "totals": totals,
            "workdays": remaining(round_.closes_on),
            "over": today > round_.closes_on,
            "begun": today >= round_.opens_on,
            "why_not_close": rules.why_not_close(
                round_, today=today, unfinished=totals["unfinished"]
            ),
            "may_enter": is_role(request, ENTERING) and round_.status == Round.Status.OPEN,
            "is_operator": is_role(request, frozenset({Role.OPERATOR})),
            "why_not_take_back": why_not_take_back(round_, **actions.uses_of(round_)),
        },
    )


@requires(Role.OPERATOR, methods="POST")
def close_round(request: StaffRequest, round_id: int) -> HttpResponse:
    """办结."""
    closed = actions.close_round(round_=own_round(request, round_id), by=request.appointment)
    messages.success(request, f"{closed}已办结，不再接受申请；确需补办的可以重新打开。")
    return redirect("applications:round", round_id=closed.pk)


@requires(Role.OPERATOR, methods="POST")
def reopen_round(request: StaffRequest, round_id: int) -> HttpResponse:
    """重新打开, with a reason."""
    opened = actions.reopen_round(
        round_=own_round(request, round_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, f"{opened}已重新打开，逾期的申请要写原因并由审核人同意。")
    return redirect("applications:round", round_id=opened.pk)
