"""How far each class of a round is."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from applications.models import (
    Application,
    Round,
)
from applications.queue.entries import LATE_WAITING, STATUS, UNFINISHED, classes_of, missed_students
from schools.models import Appointment
from students.models import SchoolClass, Student


@dataclass(frozen=True, slots=True)
class ClassCount:
    """One class in a round: how far it is and what is still owed."""

    school_class: SchoolClass
    students: int
    submitted: int
    unfinished: int
    late_waiting: int
    # On a department's list and without an application.
    missed: int

    @property
    def owes(self) -> bool:
        """Whether something waits for the head teacher."""
        return bool(self.unfinished or self.missed)

    @property
    def status(self) -> tuple[str, str]:
        """What the row says and in which hue."""
        if self.late_waiting:
            return "等待同意逾期", "wait"
        if self.unfinished:
            return "有未提交", "wait"
        if self.missed:
            return "名单内未申请", "wait"
        return ("已提交", "done") if self.submitted else ("还没有申请", "draft")


def class_counts(round_: Round, by: Appointment, day: date) -> list[ClassCount]:
    """How far each class is, those that owe something first; five queries for any number."""
    classes = classes_of(by).select_related("head_teacher")
    if round_.programme:
        classes = classes.filter(stage=round_.programme.stage)
    of_class = "school_class_id"
    students = _tally(
        Student.objects.filter(school_id=round_.school_id).present().values_list(of_class)
    )
    rows = (
        Application.objects.filter(school_id=round_.school_id, round=round_)
        .order_by()
        .values_list("student__school_class_id")
    )
    submitted = _tally(rows.filter(status=STATUS.SUBMITTED))
    unfinished = _tally(rows.filter(status__in=UNFINISHED))
    waiting = _tally(rows.filter(LATE_WAITING))
    missed = _tally(missed_students(round_, day).values_list(of_class))
    found = [
        ClassCount(c, *(n.get(c.pk, 0) for n in (students, submitted, unfinished, waiting, missed)))
        for c in classes
    ]
    return sorted(found, key=lambda c: not c.owes)


def _tally(rows: QuerySet[Any, Any]) -> dict[int, int]:
    return dict(rows.order_by().annotate(n=Count("pk")))


def filed_by_class(round_: Round) -> dict[int, tuple[int, int]]:
    """Per class how many families have begun and how many have handed over; one query."""
    rows = (
        Application.objects.filter(
            school_id=round_.school_id, round=round_, channel=Application.Channel.FAMILY
        )
        .order_by()
        .values_list("student__school_class_id")
        .annotate(begun=Count("pk"), handed=Count("hand_over_at"))
    )
    return {class_id: (begun, handed) for class_id, begun, handed in rows}


def submitted_classes(round_: Round) -> frozenset[int]:
    """The classes in which someone has handed in."""
    rows = Application.objects.filter(
        school_id=round_.school_id, round=round_, status=STATUS.SUBMITTED
    ).order_by()
    return frozenset(rows.values_list("student__school_class_id", flat=True).distinct())
