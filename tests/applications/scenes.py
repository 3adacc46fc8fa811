"""Ready-made situations of this floor, for its own tests and those of the floors above."""

from datetime import date

from applications import actions
from applications.actions import MemberFacts, SurveyFacts
from applications.models import Application, Round
from office.jobs import run
from office.models import Job, StoredFile
from schools import clock
from schools.models import Appointment, School
from schools.tenancy import set_scope
from students.models import SpecialGroup, SpecialGroupTag, Student
from tests.cast import Staffed

FAMILY = SurveyFacts(
    members=(
        MemberFacts("张样泽", "父亲", 43, occupation="务工", annual_income_fen=3_200_000),
        MemberFacts("刘样可", "母亲", 41, occupation="务农", annual_income_fen=800_000),
    ),
    income_source="务工",
    students_in_family=1,
    phone="13900000000",
    address="示范省示范县示范镇样例村1号",
)


def tagged(student: Student, code: str) -> SpecialGroupTag:
    """A student whom the school registers in a special group."""
    return SpecialGroupTag.objects.create(
        school=student.school,
        student=student,
        group=SpecialGroup.objects.get(code=code),
        source="学校登记",
        valid_from=date(2026, 9, 1),
        recorded_at=clock.now(),
    )


def entered(
    round_: Round,
    student: Student,
    by: Appointment,
    survey: SurveyFacts | None = FAMILY,
    *,
    signed: date = date(2026, 9, 1),
) -> Application:
    """A complete application that is not handed in yet."""
    return actions.draft_application(
        round_=round_,
        student=student,
        by=by,
        survey=survey,
        reason="父母务工，收入低",
        committed_on=signed,
        committed_by="张样泽",
        identity_paper="id_card",
    )


def handed_in(
    round_: Round, student: Student, by: Appointment, *, signed: date = date(2026, 9, 1)
) -> Application:
    """A complete application that was handed in."""
    return actions.submit(application=entered(round_, student, by, signed=signed), by=by)


def written(school: School) -> StoredFile:
    """The file that the only job asked for makes."""
    set_scope(school.pk)
    job = Job.objects.get()
    run(job.pk, school.pk)
    set_scope(school.pk)
    job.refresh_from_db()
    assert job.result is not None
    return job.result


def recognition(staffed: Staffed, term: object) -> Round:
    """An open recognition round in which every student of the class has applied."""
    round_ = actions.open_recognition_round(
        school=staffed.school,
        term=term,  # type: ignore[arg-type]
        by=staffed.operator,
    )
    for student in staffed.students:
        handed_in(round_, student, staffed.head_teacher)
    return round_
