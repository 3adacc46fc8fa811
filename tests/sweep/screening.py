"""A screening with its rows, for the sweep of addresses."""

from typing import Any

from schools import clock
from schools.models import Term
from screening import rules
from screening.models import Screening, ScreeningRow
from tests.cast import Staffed


def objects(staffed: Staffed) -> dict[str, Any]:
    """The school's open screening and the row of its first student."""
    term = Term.objects.get(code="2026-1")
    screening, _ = Screening.objects.get_or_create(
        school=staffed.school,
        term=term,
        defaults={
            "due_on": rules.due_on(term),
            "opened_by": staffed.operator.person,
            "opened_at": clock.now(),
        },
    )
    row, _ = ScreeningRow.objects.get_or_create(
        school=staffed.school,
        screening=screening,
        student=staffed.students[0],
        defaults={"school_class": staffed.school_class},
    )
    return {
        "screening_id": screening.pk,
        "row_id": row.pk,
        "class_id": staffed.school_class.pk,
    }
