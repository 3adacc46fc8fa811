"""Which 就读方式 counts for which money: that of the day on which a period of it begins.

By the month it is the month's first day; what is paid by the term, the year or once goes by the
day on which it was granted. Nobody owes back, or waits for, what held then.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.utils import timezone

from applications.models import Programme, Tier
from disbursement.models import Award
from disbursement.months import month_of
from office import bulk
from schools.models import Term
from students.models import EnrolmentChange, Student
from students.rules.boarding import BECOMES, boarding_on

Changes = Mapping[int, Sequence[tuple[str, date]]]


def changes_of(school_id: int, students: Sequence[Student]) -> Changes:
    """What was recorded of each student's boarding (kind, day), in the order of recording."""
    rows = (
        EnrolmentChange.objects.filter(
            school_id=school_id,
            student_id__in=bulk.keys(s.id for s in students),
            kind__in=list(BECOMES),
        )
        .order_by("pk")
        .values_list("student_id", "kind", "on")
    )
    found: dict[int, list[tuple[str, date]]] = defaultdict(list)
    for student, kind, on in rows:
        found[student].append((kind, on))
    return found


def of_award(award: Award, programme: Programme, term: Term, changes: Changes) -> str:
    """The boarding that counts for one award."""
    told = changes.get(award.student_id)
    if not told:
        return str(award.student.boarding)
    if programme.money_cadence == Programme.Cadence.MONTHLY:
        day = _begins(award.instalment, term)
    else:
        day = timezone.localdate(award.granted_at)
    return boarding_on(award.student.boarding, told, day)


def of_decision(
    student: Student,
    tier: Tier | None,
    instalments: Iterable[int],
    changes: Changes,
    *,
    programme: Programme,
    term: Term,
    on: date,
) -> str:
    """The boarding by which a decided tier is granted on a day.

    Paid by the month it is enough that the tier was right in one month until then: each month is
    asked again when it is paid.
    """
    told = changes.get(student.pk, ())
    now = boarding_on(student.boarding, told, on)
    if tier is None or programme.money_cadence != Programme.Cadence.MONTHLY:
        return now
    begun = (day for i in instalments if (day := _begins(i, term)) <= on)
    held = {boarding_on(student.boarding, told, day) for day in begun}
    return tier.boarding if tier.boarding in held else now


def _begins(instalment: int, term: Term) -> date:
    return max(month_of(instalment, term).first, term.starts_on)
