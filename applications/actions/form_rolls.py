"""Hold a workbook of families' forms against the roster and the round."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from applications import queue
from applications.models import Application, PaperRule, Round
from applications.queue.groups import group_codes
from applications.rules import entries as rules
from applications.rules.crosschecks import Named, misnamed
from applications.rules.papers import asked_of, reasons_of
from applications.rules.sheets.cells import SheetError
from applications.rules.sheets.columns import FAMILIES
from applications.rules.sheets.reading import FamilyRow, read_forms
from applications.rules.surveys import doubts_about
from audit.refusal import Reason, Refused
from office.spreadsheets.reading import Unreadable
from privacy.identity import name_key
from schools import clock
from schools.models import Appointment
from schools.roles import Role
from students.models import Student

Status = Application.Status


@dataclass(slots=True)
class Ready:
    """A family whose row has no error: whose it is, what it still lacks, what looks odd."""

    row: FamilyRow
    student: Student
    missing: list[Reason]
    doubts: list[Reason]


@dataclass(slots=True)
class Examined:
    """A workbook held against the roster and the round."""

    ready: list[Ready] = field(default_factory=list)
    errors: list[SheetError] = field(default_factory=list)
    families: int = 0
    empty: int = 0

    @property
    def complete(self) -> list[Ready]:
        """Those that lack nothing and could be handed in."""
        return [one for one in self.ready if not one.missing]


def examined(round_: Round, content: bytes, filename: str, by: Appointment) -> Examined:
    """Read a workbook and find each family's student; the same few queries for any number."""
    try:
        told = read_forms(content, filename, group_codes())
    except Unreadable as error:
        raise Refused([error.as_reason()]) from None
    seen = Examined(errors=told.errors, families=len(told.families), empty=told.empty)
    found = _Roll(round_, told.families, by)
    for row in told.families:
        student = found.student_of(row)
        if student is not None:
            found.judge(row, student)
        seen.errors += row.line.errors
        if student is not None and not row.line.errors and not row.bad_members:
            seen.ready.append(_ready(found, row, student))
    seen.errors.sort(key=lambda e: (e.sheet != FAMILIES, e.sheet, e.row, e.column or -1))
    return seen


def _ready(roll: "_Roll", row: FamilyRow, student: Student) -> Ready:
    planned = as_application(roll.round, row, student)
    missing = rules.why_not_complete(planned, has_survey=True, filed=False, today=roll.today)
    claims, listed = row.facts.claims, roll.listed.get(student.pk, ())
    asked = asked_of(roll.papers, row.facts, claims=claims, listed=listed)
    missing += reasons_of(asked, PaperRule.Level.MUST, "收到后在草稿上勾选")
    doubts = reasons_of(asked, PaperRule.Level.SHOULD, "收到后在草稿上勾选")
    signed = Named("承诺人", row.committed_by, row.committed_relation)
    doubts += doubts_about(row.facts) + misnamed(row.facts, [signed], student.name)
    return Ready(row, student, missing, doubts)


def as_application(round_: Round, row: FamilyRow, student: Student) -> Application:
    """The application that a family's row would become, not saved."""
    return Application(
        school_id=round_.school_id,
        round=round_,
        student=student,
        reason=row.reason,
        committed_by=row.committed_by,
        committed_relation=row.committed_relation,
        consents=row.consents,
        committed_on=row.committed_on,
        identity_paper=row.identity_paper,
    )


class _Roll:
    """The students whom a workbook names, and what they have in the round already."""

    def __init__(self, round_: Round, rows: Sequence[FamilyRow], by: Appointment) -> None:
        self.round, self.by, self.today = round_, by, clock.today()
        self.led = queue.led_class_ids(by)
        students = Student.objects.filter(school_id=round_.school_id).filter(
            Q(student_no__in={r.number for r in rows if r.number})
            | Q(name_key__in={name_key(r.student) for r in rows})
        )
        if by.role == Role.HEAD_TEACHER:
            # Nothing is told of other classes, not even that a student exists.
            students = students.filter(school_class_id__in=self.led)
        self.students: list[Student] = list(students.select_related("school_class"))
        self.there = {
            a.student_id: a
            for a in Application.objects.filter(
                school_id=round_.school_id, round=round_, student__in=self.students
            )
        }
        self.papers = queue.paper_rules(round_)
        ids = [s.pk for s in self.students]
        self.listed = queue.listed_groups(round_.school_id, ids, self.today)
        self.seen: dict[int, str] = {}

    def student_of(self, row: FamilyRow) -> Student | None:
        """The one student whom the row means; else None, with the reason on the row."""
        key, line = name_key(row.student), row.line
        if row.number:
            named = [s for s in self.students if s.student_no == row.number]
            if named and all(s.name_key != key for s in named):
                line.wrong("student", f"名册里学号{row.number}不叫这个名字，请核对")
                return None
        else:
            named = list(self.students)
        found = [s for s in named if s.name_key == key]
        if len(found) > 1 and row.school_class:
            found = [s for s in found if s.school_class.name == row.school_class]
        if len(found) == 1:
            return found[0]
        where = "您的班里" if self.by.role == Role.HEAD_TEACHER else "本校名册里"
        text = f"{where}有同名学生，请填学号" if found else f"{where}没有这名学生，请核对姓名和学号"
        line.wrong("student", text)
        return None

    def judge(self, row: FamilyRow, student: Student) -> None:
        """Whatever the page would refuse, on the row."""
        line = row.line
        if student.pk in self.seen:
            line.wrong("student", f"与{self.seen[student.pk]}是同一名学生，只留一行")
        self.seen.setdefault(student.pk, f"第{line.row + 1}行")
        existing = self.there.get(student.pk)
        reasons = rules.why_not_draft(
            self.round,
            student,
            by=self.by,
            led=self.led,
            today=self.today,
            existing=existing,
        )
        if existing and existing.status == Status.WITHDRAWN:
            reasons.append(Reason(f"{existing.number}已撤回", "在那份申请上重新填写"))
        for reason in reasons:
            line.wrong("student", f"{reason.text}，{reason.mend}")
        for reason in rules.why_not_commitment(
            committed_on=row.committed_on, committed_by=row.committed_by, today=self.today
        ):
            line.wrong("committed_on", f"{reason.text}，{reason.mend}")
        for reason in rules.why_not_signer(
            student,
            committed_by=row.committed_by,
            relation=row.committed_relation,
            today=self.today,
        ):
            line.wrong("committed_by", f"{reason.text}，{reason.mend}")
