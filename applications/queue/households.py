"""What a family told of itself, and what to ask about it."""

from collections.abc import Collection
from datetime import date

from applications.models import (
    Application,
    HouseholdMember,
    HouseholdSurvey,
    Round,
)
from applications.queue.entries import led_class_ids
from applications.rules.crosschecks import SAME_MEMBERS, Named, Sibling, crosschecks
from applications.rules.surveys import MemberFacts, SurveyFacts
from audit.refusal import Reason
from schools.models import Appointment
from schools.roles import Role
from students.models import SpecialGroup, SpecialGroupTag, live_tag


def household_of(survey: HouseholdSurvey) -> SurveyFacts:
    """What was written down of a household, phone and address left sealed."""
    members = tuple(member_facts(m) for m in survey.members.order_by("pk"))
    return SurveyFacts(
        members=members,
        family_size=survey.family_size,
        annual_income_fen=survey.annual_income_fen,
        students_in_family=survey.students_in_family,
        single_parent=survey.single_parent,
        seriously_ill=survey.seriously_ill,
        claims=tuple(survey.claims),
    )


def member_facts(member: HouseholdMember) -> MemberFacts:
    """One member as it was written down."""
    return MemberFacts(
        member.name,
        member.relation,
        member.age,
        member.work,
        member.occupation,
        member.annual_income_fen,
        member.health,
    )


def last_survey(student_id: int, round_: Round) -> HouseholdSurvey | None:
    """The household of the student's newest application in an earlier year's recognition round."""
    found: HouseholdSurvey | None = (
        HouseholdSurvey.objects.filter(
            school_id=round_.school_id,
            application__student_id=student_id,
            application__round__kind=Round.Kind.RECOGNITION,
            application__round__term__year__lt=round_.term.year,
        )
        .select_related("application__round__term")
        .order_by("-application__round__term__year")
        .first()
    )
    return found


def doubts_of(survey: HouseholdSurvey, by: Appointment, day: date) -> list[Reason]:
    """What to ask about one household; the same few queries for any size of school."""
    application = survey.application
    listed = SpecialGroupTag.objects.filter(
        live_tag(day), school_id=survey.school_id, student_id=application.student_id
    ).values_list("group__code", flat=True)
    before = last_survey(application.student_id, application.round)
    return crosschecks(
        household_of(survey),
        claims=survey.claims,
        listed=set(listed),
        names=dict(SpecialGroup.objects.values_list("code", "name")),
        siblings=siblings_of(survey, by),
        before=household_of(before) if before else None,
        signed=named_in(application),
        student=application.student.name,
    )


def named_in(application: Application) -> list[Named]:
    """Who filled an application in and who signed it, as what of the student; each of them once.

    On paper only the commitment is signed; on a phone its signer's relation is not asked again.
    """
    signer = Named("承诺人", application.committed_by, application.committed_relation)
    filing = application.filings.first()
    if filing is None:
        return [signer]
    filler = Named("填写人", filing.filler_name, filing.relation)
    same = (filler.name, filler.relation) == (signer.name, signer.relation)
    return [filler] if same else [filler, signer]


def claimed_groups(survey: HouseholdSurvey) -> list[str]:
    """What the special groups are called that the family says it belongs to."""
    rows = SpecialGroup.objects.filter(code__in=survey.claims).order_by("pk")
    return list(rows.values_list("name", flat=True))


def siblings_of(survey: HouseholdSurvey, by: Appointment) -> list[Sibling]:
    """Other students' applications of the round that name the same members of the household."""
    own = {(m.name, m.relation) for m in survey.members.all()}
    application = survey.application
    rows = (
        HouseholdMember.objects.filter(
            school_id=survey.school_id,
            survey__application__round_id=application.round_id,
            name__in=[name for name, _ in own],
        )
        .exclude(survey__application__student_id=application.student_id)
        .exclude(survey__application__status=Application.Status.WITHDRAWN)
        .select_related("survey__application__student__school_class")
        .order_by("survey__application__number")
    )
    same: dict[HouseholdSurvey, int] = {}
    for row in rows:
        if (row.name, row.relation) in own:
            same[row.survey] = same.get(row.survey, 0) + 1
    led = led_class_ids(by)
    return [
        Sibling(_called(s.application, by, led), s.family_size, s.annual_income_fen)
        for s, n in same.items()
        if n >= min(SAME_MEMBERS, len(own))
    ]


def _called(application: Application, by: Appointment, led: Collection[int]) -> str:
    # A head teacher does not learn who of another class applies.
    student = application.student
    if by.role == Role.HEAD_TEACHER and student.school_class_id not in led:
        return "其他班一名学生"
    return f"{student.school_class}{student.name}"
