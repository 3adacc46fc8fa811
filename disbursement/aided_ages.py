"""大龄受助学生: how many of a term's aided are older than is usual, school by school (row 1-37)."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q

from disbursement.models import Award
from schools import clock
from schools.models import Term
from students.rules.ages import Limits, school_year_start, years_before


@dataclass(frozen=True, slots=True)
class AidedAges:
    """Students with aid of the term, and how many of them are above the highest usual age."""

    aided: int = 0
    older: int = 0


def aided_ages(schools: Collection[int], term: Term, limits: Limits) -> dict[int, AidedAges]:
    """By school, where anybody is aided; ages are full years on 1 September. One query."""
    autumn = school_year_start(clock.today())
    older = Q()
    for stage, (_, most) in limits.items():
        older |= Q(
            student__school_class__stage=stage,
            student__birth_date__lte=years_before(autumn, most + 1),
        )
    rows = (
        Award.objects.filter(school_id__in=schools, term=term, status=Award.Status.GRANTED)
        .order_by()
        .values_list("school_id")
        .annotate(
            aided=Count("student_id", distinct=True),
            older=Count("student_id", distinct=True, filter=older),
        )
    )
    return {school_id: AidedAges(aided, n) for school_id, aided, n in rows}
