"""风险提示: what the floors find that looks wrong, beside what was said about it."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse

from audit.events import record
from audit.refusal import Reason, refuse_if, why_not_said
from disbursement import risk_queue as disbursement
from disbursement.aided_ages import AidedAges, aided_ages
from office.desk import Anomaly
from office.jobs import want_once
from office.models import Job
from office.risks import Risk, RiskKind
from office.spreadsheets.cells import Cell
from office.spreadsheets.writing import write_rows
from schools import clock
from schools.models import Appointment, Organisation, School
from schools.official import current_term
from schools.roles import BUREAU_ROLES, OFFICE, Role
from students import risk_queue as students
from students.models import RiskAnswer, SchoolClass, Student
from students.rules.limits import ages_of

JOB = "aidadmin.risks"
KINDS: tuple[RiskKind, ...] = (*students.KINDS, *disbursement.KINDS)
READERS = OFFICE - {Role.COMMITTEE}
MAY_EXPORT = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER, Role.AUDITOR}) | BUREAU_ROLES
# Whose desk shows how many wait.
WATCHED_BY = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER})
HEADERS = (
    "学校",
    "班级",
    "姓名",
    "风险",
    "情况",
    "建议办法",
    "状态",
    "核实情况",
    "核实人",
    "核实时间",
)
WIDTHS = (24, 16, 12, 18, 48, 48, 10, 40, 12, 18)


@dataclass(slots=True)
class Seen:
    """A risk, the answer that holds for it, and of whom it is."""

    risk: Risk
    answer: RiskAnswer | None
    student: Student | None = None
    school_class: SchoolClass | None = None

    @property
    def open(self) -> bool:
        """Whether nobody has looked into it as it is now."""
        return self.answer is None


def seen_of(school: School) -> list[Seen]:
    """Every risk of a school, kind by kind; who it is of is put in by `named`.

    Of ages that are allowed here alone those that the school has answered for.
    """
    allowed = students.allowed_ages(school)
    found = [*students.risks_of(school), *disbursement.risks_of(school), *allowed]
    quiet = {risk.key for risk in allowed}
    seen = _with_answers(found, [school.pk])
    return [s for s in seen if not (s.open and s.risk.key in quiet)]


def allowed_of(school: School) -> list[Seen]:
    """Ages that are allowed here and not above, for which the school owes a word."""
    seen = _with_answers(students.allowed_ages(school), [school.pk])
    return [s for s in seen if s.open]


def _with_answers(found: Iterable[Risk], schools: list[int]) -> list[Seen]:
    answers = {
        (a.school_id, a.kind, a.student_id, a.school_class_id, a.facts): a
        for a in students.answers_of(schools)
    }
    order = {kind.code: n for n, kind in enumerate(KINDS)}
    rows = sorted(found, key=lambda risk: order[risk.kind.code])
    return [Seen(risk, answers.get((risk.school_id, *risk.key))) for risk in rows]


def named(rows: list[Seen]) -> list[Seen]:
    """The same rows with their students and classes, in two queries."""
    of_students = Student.objects.filter(pk__in={s.risk.student_id for s in rows})
    known = {s.pk: s for s in of_students.select_related("school_class", "school")}
    classes = {
        c.pk: c
        for c in SchoolClass.objects.filter(pk__in={s.risk.class_id for s in rows}).select_related(
            "school"
        )
    }
    for row in rows:
        row.student = known.get(row.risk.student_id or 0)
        row.school_class = (
            row.student.school_class if row.student else classes.get(row.risk.class_id or 0)
        )
    return rows


@dataclass(slots=True)
class SchoolRisks:
    """How many risks a school has: open ones by kind, and how many it looked into."""

    school: School
    counts: list[int]
    settled: int
    ages: AidedAges

    @property
    def cells(self) -> list[tuple[str, int]]:
        """Each kind's name beside its count."""
        return [(kind.label, n) for kind, n in zip(KINDS, self.counts, strict=True)]

    @property
    def open(self) -> int:
        """Open ones of all kinds."""
        return sum(self.counts)


@dataclass(slots=True)
class Region:
    """What a bureau sees: numbers of its schools, and what only shows between two schools."""

    schools: list[SchoolRisks]
    across: list[list[Seen]]

    @property
    def totals(self) -> list[int]:
        """Open risks of all schools by kind."""
        return [sum(column) for column in zip(*(s.counts for s in self.schools), strict=True)]

    @property
    def ages(self) -> AidedAges:
        """The aided of all schools, and those above the usual age."""
        each = [s.ages for s in self.schools]
        return AidedAges(sum(a.aided for a in each), sum(a.older for a in each))


def region_of(organisation: Organisation) -> Region:
    """Risks of every school reached, the schools with most open ones first."""
    schools = School.objects.filter(reached_from__organisation_id=organisation.pk)
    reached = {s.pk: s for s in schools.order_by("name", "pk")}
    between = [*students.across(), *disbursement.across()]
    every = [
        *students.shared_between(organisation, list(reached)),
        *disbursement.shared_between(list(reached)),
        *(risk for group in between for risk in group),
    ]
    seen = _with_answers(every, list(reached))
    waiting = Counter((s.risk.school_id, s.risk.kind.code) for s in seen if s.open)
    settled = Counter(s.risk.school_id for s in seen if not s.open)
    ages = ages_among(organisation, list(reached))
    rows = [
        SchoolRisks(
            school,
            [waiting[pk, kind.code] for kind in KINDS],
            settled[pk],
            ages.get(pk, AidedAges()),
        )
        for pk, school in reached.items()
    ]
    by_risk = {id(s.risk): s for s in seen}
    across = [[by_risk[id(risk)] for risk in group] for group in between]
    return Region(sorted(rows, key=lambda row: -row.open), across)


def ages_among(organisation: Organisation, schools: Collection[int]) -> dict[int, AidedAges]:
    """The aided of this term and the older among them, by the ages that hold for who asks."""
    term = current_term()
    return aided_ages(schools, term, ages_of(organisation).holding()) if term else {}


def anomalies(by: Appointment) -> list[Anomaly]:
    """How many risks of the school nobody has looked into."""
    if by.role not in WATCHED_BY or not by.organisation.is_school:
        return []
    waiting = Counter(s.risk.kind.label for s in seen_of(by.organisation.school) if s.open)
    return [
        Anomaly(
            title="风险提示",
            count=waiting.total(),
            text="、".join(f"{label}{n}条" for label, n in waiting.items()),
            url=reverse("risks"),
            unit="条",
        )
    ]


@transaction.atomic
def want_risks(*, reason: str, by: Appointment) -> Job:
    """Ask for the risks as a workbook; a bureau's has numbers and what lies between schools.

    Raises `Refused` without a reason.
    """
    found = []
    if by.role not in MAY_EXPORT:
        found.append(Reason("您的职责不能导出风险清单", "请资助专干或审核人办理"))
    found += why_not_said(reason, "没有写导出的用途")
    refuse_if(found)
    wanted = want_once(kind=JOB, label="风险清单", by=by, params={})
    record(
        by=by,
        verb="risks.export",
        label="导出风险清单",
        subject=by.organisation,
        at=clock.now(),
        facts={"school": by.organisation.is_school},
        reason=reason.strip()[:200],
    )
    return wanted


def workbook(organisation: Organisation) -> bytes:
    """The list itself: names in clear, no numbers of identity, cards or telephones."""
    if organisation.is_school:
        rows = named(seen_of(organisation.school))
    else:
        rows = named([s for group in region_of(organisation).across for s in group])
    return write_rows(
        None,
        HEADERS,
        [_line(row, organisation) for row in rows],
        sheet_name="风险清单",
        widths=WIDTHS,
    )


def _line(row: Seen, organisation: Organisation) -> list[Cell]:
    of: Any = row.student or row.school_class
    answer = row.answer
    return [
        of.school.name if of else organisation.name,
        row.school_class.name if row.school_class else "",
        row.student.name if row.student else "",
        row.risk.kind.label,
        row.risk.why,
        row.risk.kind.mend,
        "已核实" if answer else "待核实",
        answer.how if answer else "",
        answer.answered_by.name if answer else "",
        f"{answer.answered_at.astimezone(clock.CHINA):%Y-%m-%d %H:%M}" if answer else "",
    ]
