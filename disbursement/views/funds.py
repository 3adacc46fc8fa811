"""One fund: recorded, confirmed by a second person, and taken back when it was mistyped."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from audit.refusal import Refused
from disbursement import actions, rules
from disbursement.actions.funds import why_not_missing
from disbursement.forms import FundForm, initial_fund
from disbursement.models import Fund
from disbursement.views.own import CHECKERS, FINANCE, READING, is_role, programmes_of
from schools.access import StaffRequest, requires
from schools.official import current_term

Status = Fund.Status


@requires(FINANCE, methods="GET POST")
def fund_new(request: StaffRequest) -> HttpResponse:
    """Register money received."""
    form = FundForm(
        request.POST or None,
        school=request.school,
        programmes=programmes_of(request),
        initial=initial_fund(current_term()),
    )
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            fund = actions.record_fund(
                school=request.school,
                programme=facts["programme"],
                term=facts["term"],
                document_no=facts["document_no"],
                amount_fen=form.amount_fen,
                received_on=facts["received_on"],
                by=request.appointment,
            )
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, str(reason))
        else:
            messages.success(request, "已登记；接着由审核人或分管领导确认，确认之后才能发放")
            return redirect("disbursement:fund", fund_id=fund.pk)
    status = 200 if request.method == "GET" else 400
    return render(request, "disbursement/fund_form.html", {"form": form}, status=status)


def own_fund(request: StaffRequest, fund_id: int) -> Fund:
    """A fund of the school, else 404."""
    people = [f"{verb}_by" for verb in ("confirm", "discard", "doubt", "reverse")]
    found: Fund = get_object_or_404(
        Fund.objects.for_school(request.school).select_related(
            "programme", "term", "recorded_by", *people
        ),
        pk=fund_id,
    )
    return found


@requires(READING)
def fund(request: StaffRequest, fund_id: int) -> HttpResponse:
    """What was recorded, by whom, and what may be done with it now."""
    found = own_fund(request, fund_id)
    return render(
        request,
        "disbursement/fund.html",
        {"fund": found, "hands": _hands(found), **_may(request, found)},
    )


def _may(request: StaffRequest, found: Fund) -> dict[str, Any]:
    """What this person may do with the fund now, and in words why not; the actions ask again."""
    by, status = request.appointment, found.status
    made: list[tuple[int | None, str]] = [(found.recorded_by_id, "登记了这笔资金")]
    if status == Status.DOUBTED:
        made.append((found.doubt_by_id, "申请了冲销"))
    mine = [words for person, words in made if person == by.person_id]
    second = is_role(request, CHECKERS) and not mine
    confirmed = status == Status.CONFIRMED and is_role(request, FINANCE)
    return {
        "may_confirm": second and status == Status.RECORDED,
        "may_discard": status == Status.RECORDED and is_role(request, FINANCE | CHECKERS),
        "may_doubt": confirmed,
        "may_reverse": second and status == Status.DOUBTED,
        "why_not_doubt": why_not_missing(found) if confirmed else [],
        "why_not": rules.why_no_button(by, CHECKERS, mine),
    }


def _hands(found: Fund) -> list[dict[str, Any]]:
    """Who did what when; the next hand is named before it has acted."""
    rows = [
        ("登记", "pencil", "财务", found.recorded_by, found.recorded_at, "按到账通知登记"),
        (
            "确认到账",
            "badge-check",
            "审核",
            found.confirm_by,
            found.confirm_at,
            "已记入台账" if found.confirm_by else "对照到账通知核对；确认之前不能用于发放",
        ),
    ]
    if found.status == Status.DISCARDED:
        rows[1:] = [("作废", "x", "", found.discard_by, found.discard_at, found.back_reason)]
    if found.status in (Status.DOUBTED, Status.REVERSED):
        rows.append(("申请冲销", "undo", "财务", found.doubt_by, found.doubt_at, found.back_reason))
        note = "已从台账冲减" if found.reverse_by else "核对之后冲减台账；在这之前不能再用于发放"
        rows.append(("冲销", "badge-check", "审核", found.reverse_by, found.reverse_at, note))
    names = ("label", "icon", "duty", "who", "at", "note")
    return [dict(zip(names, row, strict=True)) for row in rows]


@requires(CHECKERS, methods="POST")
def fund_confirm(request: StaffRequest, fund_id: int) -> HttpResponse:
    """The second person's word."""
    found = actions.confirm_fund(fund=own_fund(request, fund_id), by=request.appointment)
    messages.success(
        request, f"已确认{found.document_no}到账{rules.yuan(found.amount_fen)}元，可以用于发放"
    )
    return redirect("disbursement:fund", fund_id=fund_id)


@requires(FINANCE | CHECKERS, methods="POST")
def fund_discard(request: StaffRequest, fund_id: int) -> HttpResponse:
    """A mistyped fund goes before it counts."""
    found = actions.discard_fund(
        fund=own_fund(request, fund_id), reason=_reason(request), by=request.appointment
    )
    messages.success(request, f"已作废{found.document_no}；请按到账通知重新登记")
    return redirect("disbursement:fund", fund_id=fund_id)


@requires(FINANCE, methods="POST")
def fund_doubt(request: StaffRequest, fund_id: int) -> HttpResponse:
    """Ask for the reversal of confirmed money."""
    actions.doubt_fund(
        fund=own_fund(request, fund_id), reason=_reason(request), by=request.appointment
    )
    messages.success(request, "已申请冲销；接着由审核人或分管领导核对，在这之前不能再用于发放")
    return redirect("disbursement:fund", fund_id=fund_id)


@requires(CHECKERS, methods="POST")
def fund_keep(request: StaffRequest, fund_id: int) -> HttpResponse:
    """The money is right after all."""
    actions.keep_fund(
        fund=own_fund(request, fund_id), reason=_reason(request), by=request.appointment
    )
    messages.success(request, "不予冲销；这笔资金仍可用于发放")
    return redirect("disbursement:fund", fund_id=fund_id)


@requires(CHECKERS, methods="POST")
def fund_reverse(request: StaffRequest, fund_id: int) -> HttpResponse:
    """Confirmed money is booked back."""
    found = actions.reverse_fund(fund=own_fund(request, fund_id), by=request.appointment)
    messages.success(request, f"已冲销{found.document_no}，台账已冲减；请财务按到账通知重新登记")
    return redirect(f"{reverse('disbursement:ledger')}?term={found.term.code}")


def _reason(request: StaffRequest) -> str:
    return str(request.POST.get("reason", ""))
