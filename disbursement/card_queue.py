"""Questions about cards: which wait for whom, and which aided students have none."""

from typing import Any

from django.db.models import Q, QuerySet

from disbursement import queue
from disbursement.models import AidCard, Award
from disbursement.models.cards import LIVE_CARD
from schools.models import School, Term
from students.models import Student

UNCHECKED = Q(status__in=LIVE_CARD, checked_by=None)
NOT_ACTIVE = Q(status="issued")
LIVE = Q(status__in=LIVE_CARD)
VIEWS: dict[str, tuple[str, Q]] = {
    "": ("在用", LIVE),
    "unchecked": ("待核对", UNCHECKED),
    "inactive": ("待激活", NOT_ACTIVE),
    "gone": ("挂失停用", ~LIVE),
}


def cards_of(school: School) -> QuerySet[Any]:
    """Every card of the school with its student."""
    found: QuerySet[Any] = AidCard.objects.for_school(school).select_related(
        "student__school_class", "registered_by", "checked_by"
    )
    return found


def who_needs_none(school: School) -> Q:
    """Students who left and are owed nothing."""
    owed = queue.owed_after_leaving(school.pk)
    return Q(status=Student.Status.LEFT) & ~Q(pk__in=owed)


def aided_without_card(school: School, term: Term) -> QuerySet[Any]:
    """Students with a granted award this term and no live card; who left, if a month is owed."""
    awarded = Award.objects.for_school(school).filter(term=term, status=Award.Status.GRANTED)
    live = AidCard.objects.for_school(school).filter(LIVE)
    found: QuerySet[Any] = (
        Student.objects.for_school(school)
        .filter(pk__in=awarded.values("student_id"))
        .exclude(pk__in=live.values("student_id"))
        .exclude(who_needs_none(school))
        .select_related("school_class")
        .order_by("school_class__grade", "school_class__number", "pinyin", "pk")
    )
    return found
