"""新生建档: who came lately, and what his electronic file still lacks (requirement row 0-46)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    DateField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, Greatest

from schools import official
from schools.rules import FILE_DAYS
from students.models import EnrolmentChange, Guardian, Student

# Later it is no longer a newcomer's file that is missing; the roster's own checks tell.
LATELY = timedelta(days=120)
CAME = (EnrolmentChange.Kind.ENTER, EnrolmentChange.Kind.TRANSFER_IN)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A student, since when he is here, until when his file is due, what it lacks."""

    student: Student
    since: date
    due_on: date
    provisional: bool
    lacks: tuple[str, ...]


def incomplete(students: Any, today: date) -> QuerySet[Any]:
    """Of these students, those who came lately and whose file lacks something; with `since`."""
    mine = {"school_id": OuterRef("school_id"), "student_id": OuterRef("pk")}
    came = EnrolmentChange.objects.filter(**mine, kind__in=CAME, on__lte=today).order_by("-on")
    guardians = Guardian.objects.filter(**mine)
    # Three looks along an index: any two in one condition would walk through everybody.
    lately = (
        students.order_by()
        .filter(entered_on__gt=today - LATELY)
        .values("pk")
        .union(
            EnrolmentChange.objects.filter(kind__in=CAME, on__gt=today - LATELY).values(
                "student_id"
            ),
            students.order_by().filter(listed_on__gt=today - LATELY).values("pk"),
        )
    )
    rows: QuerySet[Any] = (
        students.filter(status=Student.Status.ENROLLED)
        # As an array: right after a first import nothing is known of how many there are, and a join
        # would compare everybody with everybody.
        .filter(_is_any_of("pk", lately))
        .annotate(
            # Who came from another school entered there; here he is since he came.
            since=Greatest(
                Coalesce("entered_on", "listed_on"),
                Subquery(came.values("on")[:1], output_field=DateField()),
            ),
            guarded=Exists(guardians),
            reachable=Exists(guardians.exclude(phone=None)),
        )
        .filter(since__gt=today - LATELY, since__lte=today)
        .filter(_lacking())
    )
    return rows


def _is_any_of(name: str, keys: QuerySet[Any]) -> Func:
    return Func(
        F(name),
        ArraySubquery(keys),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def _lacking() -> Q:
    return (
        Q(enrolment_no=None)
        | Q(guarded=False)
        | Q(reachable=False, phone=None)
        | Q(household="")
        | Q(ethnicity="")
    )


def lacks(row: Any) -> tuple[str, ...]:
    """What the file of a row of `incomplete` lacks, in the words of the roster's columns."""
    told = (
        ("学籍号", not row.enrolment_no),
        ("民族", not row.ethnicity),
        ("户口性质", not row.household),
        ("监护人", not row.guarded),
        ("联系电话", not row.reachable and not row.phone),
    )
    return tuple(label for label, missing in told if missing)


def newcomers_of(rows: Iterable[Any]) -> list[Newcomer]:
    """The rows with their days; those of one day share one reckoning."""
    spans: dict[date, Any] = {}
    found = []
    for row in rows:
        if row.since not in spans:
            spans[row.since] = official.last_day(row.since, FILE_DAYS)
        span = spans[row.since]
        found.append(Newcomer(row, row.since, span.last, span.provisional, lacks(row)))
    return found
