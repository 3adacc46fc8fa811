"""The green channel of a year in numbers, and who of it has applied."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from applications.models import Application, GreenEntry, Round
from schools import clock
from schools.models import School, Term

# Somebody asks to void it and nobody has answered.
VOID_ASKED = Q(ask_void_by__isnull=False) & ~Q(status=GreenEntry.Status.VOIDED)


@dataclass(frozen=True, slots=True)
class GreenSums:
    """A year's green channel in numbers, amounts in fen; `unapplied` counts students."""

    deferred: int
    deferred_fen: int
    overdue: int
    waived: int
    waived_fen: int
    waiting: int
    unapplied: int


def green_sums(school: School, term: Term) -> GreenSums:
    """What the year's new students owe or were let off, and how many have not applied yet."""
    entries = GreenEntry.objects.for_school(school).filter(term__year=term.year)
    deferred = Q(kind=GreenEntry.Kind.DEFER, status=GreenEntry.Status.ACTIVE)
    waived = Q(kind=GreenEntry.Kind.WAIVE, status=GreenEntry.Status.ACTIVE)
    counts = entries.aggregate(
        deferred=Count("pk", filter=deferred),
        deferred_fen=Coalesce(Sum("amount_fen", filter=deferred), 0),
        overdue=Count("pk", filter=deferred & Q(until__lt=clock.today())),
        waived=Count("pk", filter=waived),
        waived_fen=Coalesce(Sum("amount_fen", filter=waived), 0),
        waiting=Count("pk", filter=Q(status=GreenEntry.Status.WAITING)),
    )
    live = entries.filter(status__in=("waiting", "active"))
    students = live.order_by().values("student_id").distinct()
    applied = _recognition(school, term).filter(student_id=OuterRef("student_id"))
    return GreenSums(**counts, unapplied=students.filter(~Exists(applied)).count())


def _recognition(school: School, term: Term) -> QuerySet[Application]:
    found: QuerySet[Application] = (
        Application.objects.for_school(school)
        .filter(round__kind=Round.Kind.RECOGNITION, round__term__year=term.year)
        .exclude(status=Application.Status.WITHDRAWN)
    )
    return found


def recognition_of(students: Collection[int], school: School, term: Term) -> dict[int, Application]:
    """Per student the year's application for recognition; one query."""
    return {a.student_id: a for a in _recognition(school, term).filter(student__in=students)}
