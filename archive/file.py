"""一生一档: everything the floors below know about one student.

The archive keeps no facts of its own (requirement row 2-26).
"""

from dataclasses import dataclass

from archive.happenings import happenings
from archive.money import Money, money_of
from archive.reading import Rows, read
from disbursement.models import AidCard
from office.desk import Happened
from schools import clock
from students.models import Guardian, SpecialGroupTag, Student


@dataclass(frozen=True, slots=True)
class Graded:
    """One academic year's recognition: the advice beside the decision."""

    year: int
    points: int | None
    advised: str
    decided: str
    tone: str
    reason: str

    @property
    def year_label(self) -> str:
        """2026—2027."""
        return f"{self.year}—{self.year + 1}"


@dataclass(frozen=True, slots=True)
class StudentFile:
    """One student's file as page and PDF show it."""

    student: Student
    guardians: list[Guardian]
    tags: list[SpecialGroupTag]
    card: AidCard | None
    grades: list[Graded]
    money: Money
    happened: list[Happened]


def gather(student: Student, *, tags: bool = True) -> StudentFile:
    """The whole file, newest happening first. `student` should carry its class and head teacher;
    without `tags` the special groups stay out, for readers who may not see them."""
    rows = read(student)
    today = clock.today()
    live = [t for t in rows.tags if t.valid_from <= today and (t.valid_to or today) >= today]
    return StudentFile(
        student=student,
        guardians=rows.guardians,
        tags=live if tags else [],
        card=next((c for c in rows.cards if c.status in ("issued", "active")), None),
        grades=_grades(rows),
        money=money_of(rows.awards, rows.lines, rows.recoveries),
        happened=[one for one in happenings(rows) if tags or not one.restricted],
    )


def _grades(rows: Rows) -> list[Graded]:
    grades = []
    decided = {r.case_id for r in rows.recognitions}
    for r in sorted(rows.recognitions, key=lambda r: (r.year, r.valid_from, r.pk), reverse=True):
        same = r.case.advised_grade == r.grade
        why = r.reason or r.case.decision_reason or ("与建议一致" if same else "")
        tone = "draft" if r.valid_to else "done"
        advised = r.case.get_advised_grade_display()
        grades.append(Graded(r.year, r.case.points, advised, r.get_grade_display(), tone, why))
    for case in rows.cases:
        if case.round.is_recognition and case.pk not in decided:
            advised = case.get_advised_grade_display()
            label = case.get_status_display()
            grades.insert(
                0, Graded(case.round.term.year, case.points, advised, label, case.status_tone, "")
            )
    return grades
