"""失学劝返: who was found out of school, whichever list he stood on last (requirement row 2-03)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from schools import clock
from students.models import DepartmentList, DepartmentListRow, MatchCandidate, Student, Whereabouts

UNSEEN = (DepartmentList.Status.WITHDRAWN, DepartmentList.Status.DISCARDED)


@dataclass(frozen=True, slots=True)
class Dropout:
    """A person out of school, with the newest row on which a list names him, when one still does.

    `here` tells that a roster names him by now: he may be recorded as having returned.
    """

    found: Whereabouts
    here: bool
    row: DepartmentListRow | None
    age: int | None


def out_of_school(organisation_id: int) -> QuerySet[Any]:
    """Whom the bureau found out of school and nobody has recorded otherwise, longest first.

    With each `here`: he is on a roster of the schools reached, or a school said so.
    """
    rostered = Student.objects.filter(id_blind=OuterRef("person_blind")).exclude(
        status=Student.Status.LEFT
    )
    said = MatchCandidate.objects.filter(
        listed_blind=OuterRef("person_blind"), status=MatchCandidate.Status.SAME
    )
    rows: QuerySet[Any] = (
        Whereabouts.objects.filter(
            organisation_id=organisation_id, outcome=Whereabouts.Outcome.DROPPED_OUT
        )
        .annotate(here=Q(Exists(rostered)) | Q(Exists(said)))
        .select_related("recorded_by")
        .order_by("recorded_at", "pk")
    )
    return rows


def still_out(organisation_id: int) -> int:
    """How many of them are on no roster."""
    return out_of_school(organisation_id).filter(here=False).count()


def told_of(found: Sequence[Any]) -> list[Dropout]:
    """These with their names and ages, from the newest list that names each; one query."""
    newest = _newest_rows(found)
    today = clock.today()
    return [
        Dropout(one, bool(one.here), row, _age(row.birth_date, today) if row else None)
        for one in found
        for row in [newest.get(bytes(one.person_blind))]
    ]


def _newest_rows(found: Iterable[Whereabouts]) -> dict[bytes, DepartmentListRow]:
    persons = list(found)
    if not persons:
        return {}
    rows = (
        DepartmentListRow.objects.filter(
            organisation_id=persons[0].organisation_id,
            id_blind__in=[bytes(one.person_blind) for one in persons],
        )
        .exclude(list__status__in=UNSEEN)
        .select_related("list__group")
        .order_by("list__issued_on", "pk")
    )
    return {bytes(row.id_blind): row for row in rows}


def _age(born: date | None, today: date) -> int | None:
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
