"""The steps of a screening, for the tests: opened, verified, filled in, signed."""

from datetime import date
from typing import Any

import pytest

from audit.refusal import Refused
from schools.scope import acting_for
from screening import actions
from screening.models import Screening, ScreeningRow
from students.models import Student
from tests.cast import Cast, Staffed
from tests.screening import factories as make

MEND: dict[str, Any] = {
    "reason": "家长不了解政策",
    "measure": "补办认定",
    "measure_due_on": date(2026, 12, 31),
}


def opened(cast: Cast, staffed: Staffed | None = None) -> Screening:
    staffed = staffed or cast.a
    return actions.open_screening(school=staffed.school, term=cast.term, by=staffed.operator)


def row_of(screening: Screening, someone: Student) -> ScreeningRow:
    row: ScreeningRow = screening.rows.select_related("screening", "school_class").get(
        student=someone
    )
    return row


def verified(cast: Cast) -> Screening:
    screening = opened(cast)
    actions.verify_rest(screening=screening, school_class=cast.a.school_class, by=cast.head_teacher)
    return screening


def at(cast: Cast, status: str) -> Screening:
    screening = verified(cast)
    if status in ("filled", "reviewed", "signed"):
        actions.fill(screening=screening, full_coverage="", coverage_reason="", by=cast.operator)
    if status in ("reviewed", "signed"):
        actions.review(screening=screening, by=cast.reviewer)
    if status == "signed":
        actions.sign(screening=screening, by=cast.a.leader)
    return Screening.objects.get(pk=screening.pk)


def texts(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.text for reason in refused.value.reasons]


def finish(cast: Cast, staffed: Staffed, *, upto: str = "sign", coverage: str = "") -> Screening:
    """A whole screening; every 应助未助 gets a reason that looks like a formula."""
    with acting_for(staffed.school):
        screening = actions.open_screening(
            school=staffed.school, term=cast.term, by=staffed.operator
        )
        actions.verify_rest(
            screening=screening, school_class=staffed.school_class, by=staffed.head_teacher
        )
        for row in screening.rows.filter(result="").select_related("screening", "school_class"):
            actions.verify(
                row=row,
                result="unaided",
                by=staffed.head_teacher,
                reason="=1+1",
                measure="补办认定申请",
                measure_due_on=date(2026, 12, 31),
            )
        actions.fill(
            screening=screening,
            full_coverage=coverage,
            coverage_reason="补发生活补助" if coverage == "no" else "",
            by=staffed.operator,
        )
        if upto == "sign":
            actions.review(screening=screening, by=staffed.reviewer)
            actions.sign(screening=screening, by=staffed.leader)
        return Screening.objects.get(pk=screening.pk)


def difficult(staffed: Staffed, cast: Cast) -> None:
    """One registered poor and unaided with an old grant, one recognised and aided."""
    poor, aided, _ = staffed.students
    with acting_for(staffed.school):
        grant = make.programme()
        make.tag(poor, make.group(1))
        make.pay(
            staffed, make.award(staffed, poor, make.earlier(), grant, rank=2), date(2025, 11, 20)
        )
        make.recognise(staffed, aided, cast.term, "hard")
        make.award(staffed, aided, cast.term, grant)
