"""The rounds of a school, and what one of them offers."""

from collections.abc import Collection
from datetime import date

from django.db.models import Count, Q, QuerySet

from applications.models import (
    Programme,
    Round,
    valid_on,
)
from applications.queue.entries import STATUS, applications_of
from applications.queue.programmes import binding_exclusions
from applications.rules.eligibility import Offer
from schools.models import Appointment, School, Term
from students.models import SchoolClass


def rounds_seen(by: Appointment) -> QuerySet[Round]:
    """The school's rounds with what names them."""
    found: QuerySet[Round] = Round.objects.filter(school_id=by.organisation_id)
    return found.select_related("term", "programme")


def rounds_of(school: School, term: Term) -> QuerySet[Round]:
    """The rounds that matter in a term: its own, and the recognition round of its year."""
    found: QuerySet[Round] = (
        Round.objects.for_school(school)
        .filter(Q(term=term) | Q(kind=Round.Kind.RECOGNITION, term__year=term.year))
        .select_related("term", "programme", "opened_by")
        .order_by("-kind", "programme__stage", "pk")
    )
    return found


def recognition_round(school: School, term: Term) -> Round | None:
    """The recognition round of the term's academic year, in whichever term it was opened."""
    found: Round | None = (
        Round.objects.for_school(school)
        .filter(kind=Round.Kind.RECOGNITION, term__year=term.year)
        .first()
    )
    return found


def stages_of(school: School) -> frozenset[str]:
    """The stages in which the school has classes."""
    classes = SchoolClass.objects.for_school(school).order_by()
    return frozenset(classes.values_list("stage", flat=True).distinct())


def offer_of(programme: Programme, day: date) -> Offer:
    """What the programme offers on a day, usually the first of a term."""
    return Offer(
        programme,
        tuple(programme.tiers.filter(valid_on(day)).order_by("rank")),
        frozenset(binding_exclusions(programme).values_list("pk", flat=True)),
    )


def counts_by_round(by: Appointment, rounds: Collection[Round]) -> dict[int, dict[str, int]]:
    """Per round how many applications have which status, of those this person sees."""
    counts: dict[int, dict[str, int]] = {r.pk: dict.fromkeys(STATUS.values, 0) for r in rounds}
    rows = (
        applications_of(by)
        .filter(round__in=rounds)
        .order_by()
        .values_list("round_id", "status")
        .annotate(n=Count("pk"))
    )
    for round_id, status, n in rows:
        counts[round_id][status] = n
    return counts
