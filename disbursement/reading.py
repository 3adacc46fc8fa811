"""Awards and cards of a whole school as light rows: the columns that a checklist asks about.

They are instances as any; what was not read is fetched when somebody asks for it.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from applications.models import Tier
from disbursement.models import AidCard, Award
from disbursement.models.cards import LIVE_CARD
from office import bulk
from students.models import SchoolClass, Student

AWARD = (
    "id", "school_id", "student_id", "programme_id", "term_id", "instalment", "round_id",
    "case_id", "tier_id", "amount_fen", "status", "granted_at",
)  # fmt: skip
STUDENT = (
    "id", "school_id", "school_class_id", "name", "status", "boarding", "id_blind", "entered_on",
    "left_on",
)  # fmt: skip
CLASS = ("id", "school_id", "name", "stage", "grade", "number")
TIER = ("id", "boarding")
CARD = (
    "id", "school_id", "student_id", "bank", "holder", "guardians", "status", "checked_by_id",
)  # fmt: skip
_STUDENT = len(AWARD)
_CLASS = _STUDENT + len(STUDENT)
_TIER = _CLASS + len(CLASS)


def awards_of(awards: QuerySet[Any]) -> list[Award]:
    """The awards in their order with student, class and tier; one query.

    Classes and tiers are one instance for all who share them.
    """
    classes: dict[int, SchoolClass] = {}
    tiers: dict[int, Tier] = {}
    found = []
    rows = awards.values_list(
        *AWARD,
        *[f"student__{name}" for name in STUDENT],
        *[f"student__school_class__{name}" for name in CLASS],
        *[f"tier__{name}" for name in TIER],
    )
    for row in rows:
        award = bulk.light(Award, AWARD, row)
        student = bulk.light(Student, STUDENT, row[_STUDENT:_CLASS])
        placed = classes.get(row[_CLASS])
        if placed is None:
            placed = bulk.light(SchoolClass, CLASS, row[_CLASS:_TIER])
            classes[row[_CLASS]] = placed
        tier = tiers.get(row[_TIER])
        if tier is None:
            tier = tiers[row[_TIER]] = bulk.light(Tier, TIER, row[_TIER:])
        student._state.fields_cache = {"school_class": placed}
        award._state.fields_cache = {"student": student, "tier": tier}
        found.append(award)
    return found


def cards_of(school_id: int, students: Sequence[int], number: str) -> dict[int, AidCard]:
    """The live card of each of these students; one query.

    `number` is what is wanted of its number: `number` to pay to it, `number_blind` to compare it.
    """
    rows = AidCard.objects.filter(
        school_id=school_id, student_id__in=bulk.keys(students), status__in=LIVE_CARD
    )
    names = (*CARD, number)
    found = {}
    for row in rows.values_list(*names):
        card = bulk.light(AidCard, names, row)
        card.__dict__[number] = bytes(row[-1])
        found[card.student_id] = card
    return found
