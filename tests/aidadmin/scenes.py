"""Schools at different stages of a term, in rows, for the overview's tests."""

from dataclasses import dataclass
from datetime import date, datetime

from applications.models import Application, Grade, Programme, Round, Tier
from disbursement.models import Award
from review.models import Case, Meeting, Notice, Recognition
from schools import actions, clock
from schools.models import Appointment, Bureau, Person, School, Stage, Term
from schools.roles import Role
from schools.scope import acting_for
from screening.models import Screening, ScreeningRow
from students.models import RosterApproval, SchoolClass, Student
from tests import cast as people

ROSTER, CLASSES, APPLIED, APPRAISED, NOTICED, AWARDED = range(1, 7)


@dataclass
class Placed:
    """A school that has come so far."""

    school: School
    operator: Appointment
    students: list[Student]


def school(
    superior: Bureau,
    territory: Bureau,
    number: int,
    *,
    name: str = "",
    stage: str = Stage.SENIOR,
    progress: int = ROSTER,
    pupils: int = 4,
) -> Placed:
    """A school with an operator and one class, brought to `progress`."""
    founded = actions.found_school(
        code=f"34{number:08d}",
        name=name or f"示范第{number}中学",
        stage=stage,
        superior=superior,
        territory=territory,
        contact_name="资助办",
        contact_phone=f"0000-66{number:05d}",
    )
    with acting_for(founded.pk):
        operator = people.appoint(f"经办{number}", founded, Role.OPERATOR, f"op-{number}")
        checker = people.appoint(f"审核{number}", founded, Role.REVIEWER, f"re-{number}")
        placed = Placed(founded, operator, [])
        if progress >= ROSTER:
            _roster(placed, pupils, progress)
        if progress >= APPLIED:
            _recognition(placed, checker, progress)
    return placed


def _term() -> Term:
    return Term.objects.get(code="2026-1")


def _now() -> datetime:
    return clock.now()


def _roster(placed: Placed, pupils: int, progress: int) -> None:
    its_class = SchoolClass.objects.create(
        school=placed.school, stage=placed.school.stage, grade=1, number=1, name="高一（1）班"
    )
    placed.students = [people.student(its_class, f"学生{n}") for n in range(pupils)]
    if progress >= CLASSES:
        RosterApproval.objects.create(
            school=placed.school,
            school_class=its_class,
            term=_term(),
            students=pupils,
            digest="0" * 64,
            approved_by=placed.operator.person,
            approved_at=_now(),
        )


def _recognition(placed: Placed, checker: Appointment, progress: int) -> None:
    maker = placed.operator.person
    round_ = Round.objects.create(
        school=placed.school,
        kind=Round.Kind.RECOGNITION,
        term=_term(),
        opens_on=date(2026, 9, 1),
        closes_on=date(2026, 9, 8),
        opened_by=maker,
        opened_at=_now(),
    )
    cases = [_case(placed, round_, s, n, progress) for n, s in enumerate(placed.students[:2])]
    if progress >= NOTICED:
        _confirm(placed, round_, cases, checker.person)
    if progress >= AWARDED:
        _award(placed, cases[0])


def _case(placed: Placed, round_: Round, student: Student, n: int, progress: int) -> Case | None:
    application = Application.objects.create(
        school=placed.school,
        round=round_,
        student=student,
        number=f"2026-RD-{n:04d}",
        status=Application.Status.SUBMITTED,
        channel=Application.Channel.OFFICE,
        entered_by=placed.operator.person,
        entered_at=_now(),
        submit_by=placed.operator.person,
        submit_at=_now(),
    )
    if progress < APPRAISED:
        return None
    return Case.objects.create(
        school=placed.school,
        application=application,
        round=round_,
        student=student,
        school_class=student.school_class,
        status=Case.Status.APPRAISED,
        advised_grade=Grade.HARD,
    )


def _confirm(placed: Placed, round_: Round, cases: list[Case | None], checker: Person) -> None:
    maker = placed.operator.person
    meeting = Meeting.objects.create(
        school=placed.school,
        round=round_,
        held_at=_now(),
        place="会议室",
        topic="认定",
        chair=checker,
        recorder=maker,
    )
    Notice.objects.create(
        school=placed.school,
        round=round_,
        title="公示",
        body="公示",
        department="资助办",
        phone="0000-1",
        superior_phone="0000-2",
        token=f"token-{placed.school.pk}",
        status=Notice.Status.CONFIRMED,
        starts_on=date(2026, 9, 14),
        ends_on=date(2026, 9, 21),
        drafted_by=maker,
        publish_by=checker,
        publish_at=_now(),
        confirm_by=checker,
        confirm_at=_now(),
    )
    for case in cases:
        assert case is not None
        Case.objects.filter(pk=case.pk).update(
            status=Case.Status.CONFIRMED,
            decided_grade=Grade.HARD,
            meeting=meeting,
            decide_at=_now(),
            decide_by=maker,
            confirm_at=_now(),
            confirm_by=checker,
        )
        Recognition.objects.create(
            school=placed.school,
            student=case.student,
            year=2026,
            grade=Grade.HARD,
            case=case,
            decided_by=maker,
            confirmed_by=checker,
            valid_from=date(2026, 9, 22),
        )


def _award(placed: Placed, case: Case | None) -> None:
    assert case is not None
    tier = Tier.objects.filter(programme__stage=Stage.SENIOR).order_by("pk")[0]
    programme = Programme.objects.get(pk=tier.programme_id)
    round_ = Round.objects.create(
        school=placed.school,
        kind=Round.Kind.PROGRAMME,
        programme=programme,
        term=_term(),
        opens_on=date(2026, 9, 1),
        closes_on=date(2026, 9, 8),
        opened_by=placed.operator.person,
        opened_at=_now(),
    )
    Award.objects.create(
        school=placed.school,
        student=case.student,
        programme=programme,
        term=_term(),
        round=round_,
        case=case,
        tier=tier,
        amount_fen=tier.amount_fen,
        granted_by=placed.operator.person,
        granted_at=_now(),
    )


def screen(placed: Placed, *, checked: int) -> Screening:
    """Open the school's 排查 with some students looked at."""
    with acting_for(placed.school.pk):
        found: Screening = Screening.objects.create(
            school=placed.school,
            term=_term(),
            due_on=date(2026, 12, 15),
            opened_by=placed.operator.person,
            opened_at=_now(),
        )
        for n, student in enumerate(placed.students):
            looked_at = n < checked
            ScreeningRow.objects.create(
                school=placed.school,
                screening=found,
                student=student,
                school_class=student.school_class,
                result=ScreeningRow.Result.NOT_DIFFICULT if looked_at else "",
                checked_by=placed.operator.person if looked_at else None,
                checked_at=_now() if looked_at else None,
            )
    return found
