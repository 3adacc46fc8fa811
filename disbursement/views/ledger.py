"""资金台账: money received, what became of it, and whether every number agrees."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import render

from applications.models import Programme
from disbursement import ledger
from disbursement.models import BankReturn, Fund, LedgerEntry, LedgerPosting, PaymentLine
from disbursement.views.own import (
    FINANCE,
    READING,
    is_role,
    term_asked,
    terms,
)
from schools.access import StaffRequest, requires
from schools.models import Term

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
