"""Questions about awards: what was granted, what was paid, which rounds wait."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from applications.models import Programme, Round
from disbursement import ledger
from disbursement.ledger import Purse
from disbursement.models import Award, PaymentBatch, PaymentLine
from review.models import Case
from schools.models import School, Term

STATES = {
    "waiting": "待发放",
    "under_way": "发放中",
    "paid": "已到账",
    "failed": "退汇待补发",
    "revoked": "已取消",
}
TONES = {
    "waiting": "wait",
    "under_way": "active",
    "paid": "done",
    "failed": "bad",
    "revoked": "draft",
}


@dataclass(frozen=True, slots=True)
class Due:
    """What a programme still owes its students in a term; amounts in fen."""

    programme: Programme
    awards: int
    fen: int
    fund_fen: int
    draft: PaymentBatch | None


def awards_of(school: School) -> QuerySet[Any]:
    """Every award with `paid_state`: how its newest line stands."""
    newest = (
        PaymentLine.objects.filter(school_id=school.pk, award=OuterRef("pk"))
        .order_by("-pk")
        .values("status")[:1]
    )
    found: QuerySet[Any] = (
        Award.objects.for_school(school)
        .annotate(line_status=Subquery(newest))
        .select_related("student__school_class", "programme", "term", "tier")
    )
    return found


def in_state(state: str) -> Q:
    """Condition on `awards_of`: awards in one of STATES."""
    granted = Q(status=Award.Status.GRANTED)
    return {
        "waiting": granted & Q(line_status=None),
        "under_way": granted & Q(line_status="pending"),
        "paid": granted & Q(line_status="paid"),
        "failed": granted & Q(line_status="failed"),
        "revoked": Q(status=Award.Status.REVOKED),
    }[state]


def state_of(award: Any) -> str:
    """In which of STATES an award of `awards_of` is."""
    if award.status == Award.Status.REVOKED:
        return "revoked"
    line = award.line_status
    return {None: "waiting", "pending": "under_way"}.get(line, str(line))


def rounds_waiting(school: School) -> list[tuple[Round, int]]:
    """Programme rounds with confirmed cases that have no award yet, and how many."""
    cases = (
        Case.objects.filter(school_id=school.pk, status=Case.Status.CONFIRMED)
        .exclude(pk__in=Award.objects.filter(school_id=school.pk).values("case_id"))
        .filter(round__kind=Round.Kind.PROGRAMME)
    )
    counts = dict(cases.order_by().values_list("round_id").annotate(Count("pk")))
    found = Round.objects.for_school(school).filter(pk__in=counts)
    rounds = found.select_related("programme", "term").order_by("-term__code", "pk")
    return [(round_, counts[round_.pk]) for round_ in rounds]


def due(school: School, term: Term) -> list[Due]:
    """Per programme what waits for a batch in a term; waivers are not paid to cards."""
    lines = PaymentLine.objects.filter(school_id=school.pk)
    sums = (
        Award.objects.for_school(school)
        .filter(term=term, status=Award.Status.GRANTED)
        .exclude(programme__kind=Programme.Kind.WAIVER)
        .exclude(pk__in=lines.values("award_id"))
        .order_by()
        .values_list("programme_id")
        .annotate(Count("pk"), Sum("amount_fen"))
    )
    owed = {programme_id: (n, fen) for programme_id, n, fen in sums}
    drafts = {
        batch.programme_id: batch
        for batch in PaymentBatch.objects.for_school(school).filter(
            term=term, status=PaymentBatch.Status.DRAFT, follows=None
        )
    }
    booked = ledger.booked(school)
    programmes = Programme.objects.filter(pk__in=owed.keys() | drafts.keys()).order_by("code")
    return [
        Due(
            programme=p,
            awards=owed.get(p.pk, (0, 0))[0],
            fen=owed.get(p.pk, (0, 0))[1],
            fund_fen=booked.get(Purse(school.pk, p.pk, term.pk), {}).get("fund", 0),
            draft=drafts.get(p.pk),
        )
        for p in programmes
    ]
