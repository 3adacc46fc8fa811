"""资金台账: money received, what became of it, and whether every number agrees."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render

from applications.models import Programme
from audit.refusal import Refused
from disbursement import actions, ledger
from disbursement.forms import FundForm, initial_fund
from disbursement.models import BankReturn, Fund, LedgerEntry, LedgerPosting, PaymentLine
from disbursement.views.own import (
    FINANCE,
    READING,
    is_role,
    programmes_of,
    term_asked,
    terms,
)
from schools.access import StaffRequest, requires
from schools.models import Term
from schools.official import current_term

PER_PAGE = 30
Account = LedgerPosting.Account


@requires(READING)
def ledger_page(request: StaffRequest) -> HttpResponse:
    """Balances of the term by programme, funds, and the entries."""
    term = term_asked(request)
    rows = _balances(request, term)
    entries = (
        LedgerEntry.objects.for_school(request.school)
        .filter(term=term)
        .select_related("programme", "booked_by")
        .prefetch_related("postings")
        .order_by("-pk")
    )
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "disbursement/ledger.html",
        {
            "term": term,
            "terms": terms(),
            "rows": rows,
            "total": {k: sum(r["balances"][k] for r in rows) for k in Account.values},
            "received": sum(r["received"] for r in rows),
            "sums": _sums(request, term, rows),
            "disagreements": ledger.disagreements(request.school),
            "funds": list(
                Fund.objects.for_school(request.school)
                .filter(term=term)
                .select_related("programme", "recorded_by")
                .order_by("-received_on", "-pk")
            ),
            "page": page,
            "entries": [_entry(e) for e in page.object_list],
            "may_record": is_role(request, FINANCE),
        },
    )


def _balances(request: StaffRequest, term: Term | None) -> list[dict[str, Any]]:
    booked = {
        purse.programme_id: found
        for purse, found in ledger.booked(request.school).items()
        if term is not None and purse.term_id == term.pk
    }
    programmes = Programme.objects.filter(pk__in=booked).order_by("code")
    return [
        {
            "programme": p,
            "balances": booked[p.pk],
            "received": -booked[p.pk][Account.RECEIVED],
        }
        for p in programmes
    ]


def _sums(
    request: StaffRequest, term: Term | None, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What arrived, said three ways: by the ledger, by the lines, by the bank's answers."""
    lines = PaymentLine.objects.for_school(request.school).filter(
        batch__term=term, status=PaymentLine.Status.PAID
    )
    answers = BankReturn.objects.for_school(request.school).filter(batch__term=term)
    paid = lines.order_by().aggregate(fen=Sum("amount_fen"))["fen"] or 0
    told = answers.aggregate(fen=Sum("paid_fen"))["fen"] or 0
    return [
        {
            "label": "台账“已到账”",
            "value": sum(r["balances"][Account.PAID] for r in rows),
            "note": "记账合计",
        },
        {"label": "到账的发放明细", "value": paid, "note": f"{lines.count()}笔"},
        {"label": "银行回盘到账", "value": told, "note": f"{answers.count()}份回盘"},
    ]


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    postings = sorted(entry.postings.all(), key=lambda p: p.pk)
    return {
        "entry": entry,
        "debit": [p for p in postings if p.amount_fen > 0],
        "credit": [p for p in postings if p.amount_fen < 0],
        "amount_fen": max((p.amount_fen for p in postings), default=0),
    }


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
            messages.success(request, f"已登记{fund.programme.name}到账资金，可以发放")
            return redirect("disbursement:ledger")
    status = 200 if request.method == "GET" else 400
    return render(request, "disbursement/fund_form.html", {"form": form}, status=status)
