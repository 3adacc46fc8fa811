"""追回: asked for on the award's page, decided by a second person, registered when it is back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from audit.refusal import Reason, Refused
from disbursement import actions, rules
from disbursement.forms import RecoveryForm, ReturnedForm
from disbursement.models import Award, PaymentLine, Recovery
from disbursement.views.own import CARD_KEEPERS, CHECKERS, FINANCE, is_role, own_award
from office.wording import worded_all
from schools.access import StaffRequest, requires

Status = Recovery.Status


def facts(request: StaffRequest, award: Award) -> dict[str, Any]:
    """What the award's page shows of it, and what this person may do."""
    rows = list(
        Recovery.objects.for_school(request.school)
        .filter(award=award)
        .select_related("asked_by", "confirm_by", "dismiss_by", "settle_by", "line")
        .order_by("-pk")
    )
    lines = PaymentLine.objects.for_school(request.school).filter(award=award, status="paid")
    taken = lines.filter(pk__in=[row.line_id for row in rows if row.status != Status.DISMISSED])
    paid = lines.exclude(pk__in=taken.values("pk")).first()
    return {
        "recoveries": [_row(request, row) for row in rows],
        "recoverable": paid if is_role(request, CARD_KEEPERS) else None,
    }


def _row(request: StaffRequest, row: Recovery) -> dict[str, Any]:
    mine = row.asked_by_id == request.appointment.person_id
    made = ["提出了追回"] if mine else []
    why_not = rules.why_no_button(request.appointment, CHECKERS, made)
    asked = row.status == Status.ASKED
    return {
        "it": row,
        "may_decide": asked and not why_not,
        "why_not": why_not if asked else "",
        "may_settle": row.status == Status.CLAIMED and is_role(request, FINANCE),
    }


def own_recovery(request: StaffRequest, recovery_id: int) -> Recovery:
    """A recovery of the school, else 404."""
    found: Recovery = get_object_or_404(
        Recovery.objects.for_school(request.school).select_related("award", "line__student"),
        pk=recovery_id,
    )
    return found


def _clean(form: forms.Form) -> dict[str, Any]:
    """The values, else a refusal with what is wrong in every field."""
    if form.is_valid():
        return form.cleaned_data
    raise Refused(
        [
            Reason(f"{form.fields[name].label}：{text}" if name else text, "请返回填写")
            for name, text in worded_all(form)
        ]
    )


@requires(CARD_KEEPERS, methods="POST")
def recovery_ask(request: StaffRequest, award_id: int) -> HttpResponse:
    """Ask for a payment that arrived."""
    award = own_award(request, award_id)
    line = PaymentLine.objects.for_school(request.school).filter(award=award, status="paid").first()
    if line is None:
        raise Refused([Reason("这份资助没有到账的款", "还没有付的请取消资助")])
    form = RecoveryForm(request.POST)
    values = _clean(form)
    actions.ask_back(
        line=line,
        amount_fen=form.amount_fen,
        reason=values["reason"],
        by=request.appointment,
    )
    messages.success(request, "已提出追回；接着由审核人或分管领导决定")
    return redirect("disbursement:award", award_id=award_id)


@requires(CHECKERS, methods="POST")
def recovery_confirm(request: StaffRequest, recovery_id: int) -> HttpResponse:
    """The second person decides."""
    found = actions.confirm_recovery(
        recovery=own_recovery(request, recovery_id), by=request.appointment
    )
    messages.success(request, "已决定追回；款项退回之后由财务登记")
    return redirect("disbursement:award", award_id=found.award_id)


@requires(CHECKERS, methods="POST")
def recovery_dismiss(request: StaffRequest, recovery_id: int) -> HttpResponse:
    """The payment was right."""
    found = actions.dismiss_recovery(
        recovery=own_recovery(request, recovery_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, "不予追回，原因已记录")
    return redirect("disbursement:award", award_id=found.award_id)


@requires(FINANCE, methods="POST")
def recovery_settle(request: StaffRequest, recovery_id: int) -> HttpResponse:
    """The money is back."""
    recovery = own_recovery(request, recovery_id)
    values = _clean(ReturnedForm(request.POST))
    found = actions.settle_recovery(recovery=recovery, by=request.appointment, **values)
    messages.success(request, f"已登记追回{rules.yuan(found.amount_fen)}元，记入台账")
    return redirect("disbursement:award", award_id=found.award_id)
