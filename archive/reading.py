"""Read one student's rows from every floor, one query per table."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from applications.models import Application
from audit.models import Event
from disbursement.models import AidCard, Award, PaymentLine, Recovery
from review.models import Case, NoticeLine, Recognition, Tally
from screening.models import ScreeningRow
from students.models import EnrolmentChange, Guardian, SpecialGroupTag, Student


@dataclass(slots=True)
class Rows:
    """What was read of one student, table by table."""

    student: Student
    guardians: list[Guardian] = field(default_factory=list)
    changes: list[EnrolmentChange] = field(default_factory=list)
    tags: list[SpecialGroupTag] = field(default_factory=list)
    cards: list[AidCard] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    tallies: dict[int, Tally] = field(default_factory=dict)
    recognitions: list[Recognition] = field(default_factory=list)
    notice_lines: list[NoticeLine] = field(default_factory=list)
    awards: list[Award] = field(default_factory=list)
    lines: list[PaymentLine] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    screenings: list[ScreeningRow] = field(default_factory=list)
    looks: list[Event] = field(default_factory=list)


def _of(model: Any, student: Student) -> QuerySet[Any]:
    found: QuerySet[Any] = model.objects.filter(school_id=student.school_id, student_id=student.pk)
    return found


def _tallies(student: Student) -> dict[int, Tally]:
    found = Tally.objects.filter(school_id=student.school_id, case__student=student)
    return {tally.case_id: tally for tally in found.select_related("appraisal")}


def _recoveries(student: Student) -> list[Recovery]:
    found = Recovery.objects.filter(school_id=student.school_id, line__student=student)
    return list(
        found.select_related(
            "award__programme", "asked_by", "confirm_by", "dismiss_by", "settle_by"
        )
    )


def read(student: Student) -> Rows:
    """Everything of one student: one query per table, however much there is."""
    cases = list(
        _of(Case, student)
        .select_related("round__term", "round__programme", "meeting", "decide_by", "appraise_by")
        .order_by("pk")
    )
    return Rows(
        student=student,
        guardians=list(_of(Guardian, student).order_by("pk")),
        changes=list(_of(EnrolmentChange, student).select_related("recorded_by")),
        tags=list(_of(SpecialGroupTag, student).select_related("group").order_by("group__order")),
        cards=list(_of(AidCard, student).select_related("registered_by", "checked_by")),
        applications=list(
            _of(Application, student).select_related(
                "round__term", "round__programme", "submit_by", "entered_by"
            )
        ),
        cases=cases,
        tallies=_tallies(student),
        recognitions=list(
            _of(Recognition, student).select_related("case", "decided_by", "confirmed_by")
        ),
        notice_lines=list(
            NoticeLine.objects.filter(
                school_id=student.school_id, case__student=student
            ).select_related(
                "notice__round__term", "notice__round__programme", "notice__publish_by"
            )
        ),
        awards=list(
            _of(Award, student)
            .select_related("programme", "term", "tier", "granted_by", "revoke_by")
            .order_by("term__code", "programme_id", "instalment")
        ),
        lines=list(_of(PaymentLine, student).select_related("batch__send_by", "award__programme")),
        recoveries=_recoveries(student),
        screenings=list(_of(ScreeningRow, student).select_related("screening__term", "checked_by")),
        looks=list(
            Event.objects.about(student.school_id, student.pk).filter(
                Q(verb__contains=".reveal") | Q(verb__contains=".read") | Q(verb="archive.print")
            )
        ),
    )
