"""Enter and change applications and the household survey; nothing is handed in here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from applications import queue
from applications.models import HARDSHIPS, Application, HouseholdMember, HouseholdSurvey, Round
from applications.rules import entries as rules
from applications.rules.eligibility import why_not_apply
from applications.rules.papers import OTHER_KINDS
from applications.rules.surveys import SurveyFacts, stated, why_not_survey
from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from privacy.identity import check_phone
from schools import clock
from schools.models import Appointment
from schools.roles import Role
from students.models import Student

CHANNELS = {
    Role.HEAD_TEACHER: Application.Channel.HEAD_TEACHER,
    Role.OPERATOR: Application.Channel.OFFICE,
}
KINDS = frozenset(kind for kind, _ in OTHER_KINDS)
# What a survey keeps as it was told; size, income and sealed fields are written apart.
TOLD = (
    "income_source",
    "students_in_family",
    "seriously_ill",
    "single_parent",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the form says beside the household."""

    reason: str = ""
    committed_on: date | None = None
    committed_by: str = ""
    committed_relation: str = ""
    consents: bool = False
    identity_paper: str = ""
    papers_received: Collection[str] = ()


@transaction.atomic
def draft_application(
    *,
    round_: Round,
    student: Student,
    by: Appointment,
    survey: SurveyFacts | None = None,
    reason: str = "",
    committed_on: date | None = None,
    committed_by: str = "",
    committed_relation: str = "",
    consents: bool = False,
    identity_paper: str = "",
    papers_received: Collection[str] = (),
) -> Application:
    """Begin a student's application in a round; one that was withdrawn is taken up again.

    Raises `Refused` with every reason: round not open, student not at school or not of one's own
    class, an application there already, facts that can't be right, programme not for this student.
    """
    round_ = moves.lock(round_)
    student = Student.objects.select_related("school_class").get(pk=student.pk)
    existing = Application.objects.filter(round=round_, student=student).first()
    told = Told(
        reason,
        committed_on,
        committed_by,
        committed_relation,
        consents,
        identity_paper,
        papers_received,
    )
    reasons = rules.why_not_draft(
        round_,
        student,
        by=by,
        led=queue.led_class_ids(by),
        today=clock.today(),
        existing=existing,
    )
    refuse_if(reasons + _why_not_eligible(round_, student) + _why_not_told(student, told, survey))
    application = _begin_anew(existing, by) if existing else _create(round_, student, by)
    _write(application, told, survey)
    return application


def _why_not_eligible(round_: Round, student: Student) -> list[Reason]:
    if round_.programme is None:
        return []
    offer = queue.offer_of(round_.programme, round_.term.starts_on)
    taken = queue.taken_programmes(round_, [student]).get(student.pk, set())
    outside = queue.outsiders(offer.programme, round_.school_id, [student.pk], clock.today())
    return why_not_apply(offer, student, taken=taken, outsiders=outside)


def _begin_anew(withdrawn: Application, by: Appointment) -> Application:
    # What was withdrawn is gone, the day on which it was handed in as well; the log keeps it.
    return moves.make(
        moves.lock(withdrawn),
        "redraft",
        by=by,
        at=clock.now(),
        about_id=withdrawn.student_id,
        facts={"number": withdrawn.number},
        channel=CHANNELS[Role(by.role)],
        entered_by=by.person,
        entered_at=clock.now(),
        hand_over_at=None,
        submit_by=None,
        submit_at=None,
        late_reason="",
        late_by=None,
        return_reason="",
    )


def _why_not_told(student: Student, told: Told, survey: SurveyFacts | None) -> list[Reason]:
    reasons = rules.why_not_commitment(
        committed_on=told.committed_on, committed_by=told.committed_by, today=clock.today()
    )
    reasons += rules.why_not_signer(
        student,
        committed_by=told.committed_by,
        relation=told.committed_relation,
        today=clock.today(),
    )
    return reasons + (why_not_survey(survey) if survey else [])


def _create(round_: Round, student: Student, by: Appointment) -> Application:
    # The lock on the round puts entries in order, so that no number is given twice.
    n = Application.objects.filter(school_id=round_.school_id, round=round_).count() + 1
    application: Application = Application.objects.create(
        school_id=round_.school_id,
        round=round_,
        student=student,
        number=f"{round_.number_prefix}-{n:04d}",
        channel=CHANNELS[Role(by.role)],
        entered_by=by.person,
        entered_at=clock.now(),
    )
    record(
        by=by,
        verb="application.draft",
        label="录入申请",
        subject=application,
        at=application.entered_at,
        about_id=student.pk,
        facts={"number": application.number, "round": round_.pk},
    )
    return application


def _write(application: Application, told: Told, survey: SurveyFacts | None) -> None:
    application.reason = told.reason.strip()
    application.committed_on = told.committed_on
    application.committed_by = told.committed_by.strip()
    application.committed_relation = told.committed_relation
    application.consents = told.consents
    application.identity_paper = told.identity_paper
    application.papers_received = sorted(set(told.papers_received) & KINDS)
    application.save(update_fields=[*Told.__slots__])
    if survey:
        _write_survey(application, survey)


def _write_survey(application: Application, facts: SurveyFacts) -> None:
    survey = HouseholdSurvey.objects.filter(application=application).first() or HouseholdSurvey(
        school_id=application.school_id, application=application
    )
    for name in TOLD:
        setattr(survey, name, getattr(facts, name))
    for name in HARDSHIPS:
        setattr(survey, name, stated(getattr(facts, name)))
    survey.claims = sorted(facts.claims)
    survey.family_size = facts.size
    survey.annual_income_fen = facts.income_fen
    if facts.address is not None:
        survey.address = facts.address.strip() or None
    if facts.phone is not None:
        survey.phone = check_phone(facts.phone).number if facts.phone else None
    survey.save()
    HouseholdMember.objects.filter(survey=survey).delete()
    HouseholdMember.objects.bulk_create(
        HouseholdMember(
            school_id=application.school_id,
            survey=survey,
            name=m.name.strip(),
            age=m.age,
            relation=m.relation.strip(),
            work=m.work.strip(),
            occupation=m.occupation.strip(),
            annual_income_fen=m.annual_income_fen,
            health=m.health.strip(),
        )
        for m in facts.members
    )


@transaction.atomic
def revise(
    *,
    application: Application,
    by: Appointment,
    survey: SurveyFacts | None = None,
    reason: str = "",
    committed_on: date | None = None,
    committed_by: str = "",
    committed_relation: str = "",
    consents: bool = False,
    identity_paper: str = "",
    papers_received: Collection[str] = (),
) -> Application:
    """Write down the facts of an application anew while it is not handed in.

    Raises `Refused` with every reason: handed in already, round closed, not one's own class, facts
    that can't be right.
    """
    application = moves.lock(application)
    told = Told(
        reason,
        committed_on,
        committed_by,
        committed_relation,
        consents,
        identity_paper,
        papers_received,
    )
    refuse_if(
        rules.why_not_change(application)
        + rules.why_not_open(application.round, clock.today())
        + rules.why_not_entering(application.student, by=by, led=queue.led_class_ids(by))
        + _why_not_told(application.student, told, survey)
    )
    _write(application, told, survey)
    record(
        by=by,
        verb="application.revise",
        label="修改申请",
        subject=application,
        at=clock.now(),
        about_id=application.student_id,
        facts={"number": application.number, "survey": survey is not None},
    )
    return application
