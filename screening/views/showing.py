"""What the page of one school's screening shows, to the school and to its bureau."""

from typing import Any

from office.desk import Step
from schools.models import Appointment, School, Term
from schools.official import remaining
from schools.roles import BUREAU_ROLES, Role
from screening import queue
from screening.actions import MAY_EXPORT
from screening.categories import LABELS, Cell
from screening.models import Screening
from screening.numbers import Numbers, counted
from students.rules.sight import SEES_TAGS

Status = Screening.Status
ORDER = (Status.OPEN, Status.FILLED, Status.REVIEWED, Status.SIGNED)
NEXT = {
    (Status.OPEN, Role.OPERATOR): "fill",
    (Status.FILLED, Role.REVIEWER): "review",
    (Status.REVIEWED, Role.LEADER): "sign",
}


def school_context(school: School, term: Term, by: Appointment) -> dict[str, Any]:
    """Values of `screening/school.html`; the numbers are frozen ones once the school filled in."""
    screening = queue.current(school, term)
    context: dict[str, Any] = {
        "school": school,
        "term": term,
        "screening": screening,
        "bureau": by.role in BUREAU_ROLES,
        "operator": by.role == Role.OPERATOR,
        "sees": by.role in SEES_TAGS,
    }
    if screening is None:
        return context
    progress = queue.by_class(screening)
    total, verified = sum(c.total for c in progress), sum(c.verified for c in progress)
    frozen = screening.status != Status.OPEN
    numbers = (
        Numbers.from_json(screening.numbers) if frozen else counted([school.pk], term)[school.pk]
    )
    return context | {
        "progress": progress,
        "total": total,
        "verified": verified,
        "owing": [c for c in progress if c.left],
        "numbers": numbers,
        "frozen": frozen,
        "cells": [
            {"label": LABELS[int(cell)], "count": n}
            for cell, n in zip(Cell, numbers.cells, strict=True)
        ],
        "steps": steps(screening, verified, total),
        "workdays": remaining(screening.due_on),
        "hands": hands(screening),
        "next": NEXT.get((Status(screening.status), Role(by.role)), ""),
        "may_send_back": may_send_back(screening, by),
        "may_export": frozen and by.role in MAY_EXPORT and by.role not in BUREAU_ROLES,
    }


def may_send_back(screening: Screening, by: Appointment) -> bool:
    """The school's checkers before the signature, the bureau after it."""
    if screening.status == Status.SIGNED:
        return by.role in BUREAU_ROLES
    return screening.status != Status.OPEN and by.role in (Role.REVIEWER, Role.LEADER)


def steps(screening: Screening, verified: int, total: int) -> list[Step]:
    """The stepper: verify, fill in, review, sign."""
    reached = ORDER.index(Status(screening.status))
    complete = reached > 0 or (total > 0 and verified == total)
    late = remaining(screening.due_on) < 0
    moving = "late" if late else "now"
    first = Step(
        "逐一核实",
        state="done" if complete else moving,
        done=verified,
        total=total,
    )
    later = []
    for n, (label, role) in enumerate(
        (("填报", "经办"), ("审核", "审核人"), ("签字报送", "分管领导")), start=1
    ):
        state = "done" if reached >= n else ""
        if not state and reached == n - 1 and (n > 1 or complete):
            state = moving
        later.append(
            Step(label, state=state, note=role, until=screening.due_on if n == 3 else None)
        )
    return [first, *later]


def hands(screening: Screening) -> list[dict[str, Any]]:
    """Who filled in, reviewed and signed."""
    return [
        {"icon": icon, "label": label, "by": by, "at": at}
        for icon, label, by, at in (
            ("file-pen-line", "填报", screening.fill_by, screening.fill_at),
            ("user-check", "审核", screening.review_by, screening.review_at),
            ("signature", "签字报送", screening.sign_by, screening.sign_at),
        )
        if by is not None
    ]
