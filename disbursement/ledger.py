"""The double-entry ledger: what is booked when, and whether every balance can be recomputed.

Amounts are fen; a positive posting debits an account, a negative one credits it.

| happening          | cause             | postings                                              |
|--------------------|-------------------|-------------------------------------------------------|
| fund recorded      |                   | nothing: a second person confirms it first            |
| fund confirmed     | fund:<fund>       | FUND +a, RECEIVED −a                                  |
| fund reversed      | reversed:<fund>   | RECEIVED +a, FUND −a                                  |
| awards granted     | award:<first>     | COMMITTED +a, PAYABLE −a                              |
| award revoked      | revoked:<award>   | PAYABLE +a, COMMITTED −a                              |
| batch frozen       |                   | nothing: the money has not moved                      |
| file sent          | sent:<batch>[:n]  | IN_TRANSIT +a, FUND −a                                |
| bank took nothing  | rejected:<report> | FUND +a, IN_TRANSIT −a                                |
| bank says paid     | paid:<batch>      | PAID +a, COMMITTED −a, PAYABLE +a, IN_TRANSIT −a      |
| bank says returned | failed:<batch>    | FUND +a, IN_TRANSIT −a                                |
| money came back    | recovered:<claim> | FUND +a, RECOVERED −a                                 |

So at any time, per programme and term: FUND is the money that may still be sent, IN_TRANSIT what
the bank has not answered, PAID what arrived, COMMITTED what is decided and has not arrived,
PAYABLE the same as a debt to the students, RECEIVED all money that ever came, RECOVERED what was
paid unjustly and came back. One entry per cause;
the database refuses an entry that does not balance and a fund spent below zero.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum

from disbursement.models import (
    Award,
    Fund,
    LedgerEntry,
    LedgerPosting,
    PaymentBatch,
    PaymentLine,
    Recovery,
)
from schools import clock
from schools.models import Appointment, School

Account = LedgerPosting.Account
Kind = LedgerEntry.Kind
Balances = dict[str, int]
# Batches whose money is spoken for and not yet sent.
RESERVED = ("frozen", "approved")

# Per fen of the happening: which account takes how much.
SIDES: Mapping[str, Mapping[str, int]] = {
    Kind.FUND: {Account.FUND: 1, Account.RECEIVED: -1},
    Kind.FUND_REVERSED: {Account.RECEIVED: 1, Account.FUND: -1},
    Kind.AWARD: {Account.COMMITTED: 1, Account.PAYABLE: -1},
    Kind.AWARD_REVOKED: {Account.PAYABLE: 1, Account.COMMITTED: -1},
    Kind.SENT: {Account.IN_TRANSIT: 1, Account.FUND: -1},
    Kind.PAID: {
        Account.PAID: 1,
        Account.COMMITTED: -1,
        Account.PAYABLE: 1,
        Account.IN_TRANSIT: -1,
    },
    Kind.REJECTED: {Account.FUND: 1, Account.IN_TRANSIT: -1},
    Kind.FAILED: {Account.FUND: 1, Account.IN_TRANSIT: -1},
    Kind.RECOVERED: {Account.FUND: 1, Account.RECOVERED: -1},
}


@dataclass(frozen=True, slots=True)
class Purse:
    """What money is kept apart by (专款专用, row 2-20): one school's programme in one term."""

    school_id: int
    programme_id: int
    term_id: int

    @classmethod
    def of(cls, row: Any) -> "Purse":
        """The purse of anything that has a school, a programme and a term."""
        return cls(row.school_id, row.programme_id, row.term_id)


def book(*, kind: str, purse: Purse, amount_fen: int, cause: str, by: Appointment) -> LedgerEntry:
    """Write one entry with its postings inside the caller's transaction; a cause books once."""
    now = clock.now()
    entry: LedgerEntry = LedgerEntry.objects.create(
        school_id=purse.school_id,
        kind=kind,
        on=now.date(),
        programme_id=purse.programme_id,
        term_id=purse.term_id,
        cause=cause,
        booked_by_id=by.person_id,
        booked_at=now,
    )
    LedgerPosting.objects.bulk_create(
        LedgerPosting(
            school_id=purse.school_id,
            entry=entry,
            account=account,
            amount_fen=sign * amount_fen,
        )
        for account, sign in SIDES[kind].items()
    )
    return entry


def balances(school: School, programme: Any = None, term: Any = None) -> Balances:
    """Every account's balance in fen, of the whole school or of one programme and term."""
    postings = LedgerPosting.objects.filter(school_id=school.pk)
    if programme is not None:
        postings = postings.filter(entry__programme_id=programme.pk)
    if term is not None:
        postings = postings.filter(entry__term_id=term.pk)
    sums = dict(postings.values_list("account").annotate(Sum("amount_fen")))
    return {account: sums.get(account, 0) for account in Account.values}


def available(purse: Purse) -> int:
    """What the fund still holds, in fen."""
    found = LedgerPosting.objects.filter(
        school_id=purse.school_id,
        entry__programme_id=purse.programme_id,
        entry__term_id=purse.term_id,
        account=Account.FUND,
    ).aggregate(Sum("amount_fen"))
    return found["amount_fen__sum"] or 0


def free(purse: Purse, *, besides: int | None = None) -> int:
    """What may still be reserved, in fen: the fund less frozen batches and doubted money.

    `besides` is the batch that asks and does not count itself.
    """
    mine = Q(school_id=purse.school_id, programme_id=purse.programme_id, term_id=purse.term_id)
    taken = PaymentBatch.objects.filter(mine, status__in=RESERVED).exclude(pk=besides)
    doubted = Fund.objects.filter(mine, status=Fund.Status.DOUBTED)
    reserved = taken.aggregate(fen=Sum("total_fen"))["fen"] or 0
    in_doubt = doubted.aggregate(fen=Sum("amount_fen"))["fen"] or 0
    return available(purse) - reserved - in_doubt


def unconfirmed(purse: Purse) -> int:
    """Money recorded that waits for the second person, in fen."""
    found = Fund.objects.filter(
        school_id=purse.school_id,
        programme_id=purse.programme_id,
        term_id=purse.term_id,
        status=Fund.Status.RECORDED,
    ).aggregate(Sum("amount_fen"))
    return found["amount_fen__sum"] or 0


def lock_purse(purse: Purse) -> None:
    """Whoever grants, reserves or spends of one purse does so one after the other."""
    funds = Fund.objects.filter(
        school_id=purse.school_id, programme_id=purse.programme_id, term_id=purse.term_id
    )
    list(funds.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def booked(school: School) -> dict[Purse, Balances]:
    """What the ledger says, purse by purse."""
    found: dict[Purse, Balances] = defaultdict(lambda: dict.fromkeys(Account.values, 0))
    rows = (
        LedgerPosting.objects.filter(school_id=school.pk)
        .values_list("entry__programme_id", "entry__term_id", "account")
        .annotate(Sum("amount_fen"))
    )
    for programme_id, term_id, account, total in rows:
        found[Purse(school.pk, programme_id, term_id)][account] = total
    return dict(found)


def recomputed(school: School) -> dict[Purse, Balances]:
    """The same, from the funds, awards and lines themselves and never from the ledger."""
    found: dict[Purse, Balances] = defaultdict(lambda: dict.fromkeys(Account.values, 0))
    mine = Q(school_id=school.pk)
    for purse, total in _sums(school, Fund.objects.filter(mine, status__in=Fund.BOOKED)):
        found[purse][Account.RECEIVED] -= total
        found[purse][Account.FUND] += total
    for purse, total in _sums(school, Award.objects.filter(mine, status=Award.Status.GRANTED)):
        found[purse][Account.COMMITTED] += total
        found[purse][Account.PAYABLE] -= total
    lines = PaymentLine.objects.filter(mine)
    paid = lines.filter(status=PaymentLine.Status.PAID)
    for purse, total in _sums(school, paid, "batch__"):
        for account, sign in SIDES[Kind.PAID].items():
            found[purse][account] += sign * total
        for account, sign in SIDES[Kind.SENT].items():
            found[purse][account] += sign * total
    waiting = lines.filter(status=PaymentLine.Status.PENDING, batch__status="sent")
    for purse, total in _sums(school, waiting, "batch__"):
        for account, sign in SIDES[Kind.SENT].items():
            found[purse][account] += sign * total
    back = Recovery.objects.filter(mine, status=Recovery.Status.RETURNED)
    for purse, total in _sums(school, back, "award__"):
        for account, sign in SIDES[Kind.RECOVERED].items():
            found[purse][account] += sign * total
    return dict(found)


def disagreements(school: School) -> list[str]:
    """Every account whose balance is not what funds, awards and lines add up to; empty is good."""
    says, should = booked(school), recomputed(school)
    labels = dict(Account.choices)
    nothing = dict.fromkeys(Account.values, 0)
    found = []
    for purse in sorted(says.keys() | should.keys(), key=lambda p: (p.term_id, p.programme_id)):
        a, b = says.get(purse, nothing), should.get(purse, nothing)
        found += [
            f"项目{purse.programme_id}学期{purse.term_id}的“{labels[account]}”："
            f"台账{_yuan(a[account])}元，名单与明细{_yuan(b[account])}元"
            for account in Account.values
            if a[account] != b[account]
        ]
    return found


def _sums(school: School, rows: QuerySet[Any], through: str = "") -> list[tuple[Purse, int]]:
    grouped = (
        rows.order_by()
        .values_list(f"{through}programme_id", f"{through}term_id")
        .annotate(Sum("amount_fen"))
    )
    return [(Purse(school.pk, p, t), total) for p, t, total in grouped]


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
