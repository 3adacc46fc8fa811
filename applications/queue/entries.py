"""Who has applied, where, and what was told: rounds, classes, applications, households."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import Cast
from guardian.models import UserObjectPermission

from applications.models import (
    Application,
    FamilyFiling,
    HouseholdMember,
    HouseholdSurvey,
    Programme,
    Round,
    valid_on,
)
from applications.queue.programmes import binding_exclusions
from applications.rules.crosschecks import SAME_MEMBERS, Sibling, crosschecks
from applications.rules.eligibility import Offer
from applications.rules.surveys import MemberFacts, SurveyFacts
from audit.refusal import Reason
from schools.models import Appointment, School, Term
from schools.roles import Role
from students.models import SchoolClass, SpecialGroup, SpecialGroupTag, Student, live_tag


def led_class_ids(by: Appointment) -> frozenset[int]:
    """The classes that this head teacher leads; nothing for other roles."""
    if by.role != Role.HEAD_TEACHER:
        return frozenset()
    return frozenset(_led(by))


def _led(by: Appointment) -> QuerySet[UserObjectPermission, int]:
    return UserObjectPermission.objects.filter(
        user__person_id=by.person_id,
        permission__codename="lead_class",
        permission__content_type__app_label="students",
    ).values_list(Cast("object_pk", BigIntegerField()), flat=True)


def classes_of(by: Appointment) -> QuerySet[SchoolClass]:
    """The classes that this person works with: a head teacher's own, else the school's.

    Those that graduated are left out: nobody applies from them.
    """
    classes: QuerySet[SchoolClass] = SchoolClass.objects.filter(
        school_id=by.organisation_id, closed_on=None
    )
    return classes.filter(pk__in=led_class_ids(by)) if by.role == Role.HEAD_TEACHER else classes


def applications_of(by: Appointment) -> QuerySet[Application]:
    """The applications this person sees, household surveys left out."""
    mine: QuerySet[Application] = Application.objects.filter(school_id=by.organisation_id)
    if by.role == Role.HEAD_TEACHER:
        mine = mine.filter(student__school_class_id__in=led_class_ids(by))
    return mine


def rounds_seen(by: Appointment) -> QuerySet[Round]:
    """The school's rounds with what names them."""
    found: QuerySet[Round] = Round.objects.filter(school_id=by.organisation_id)
    return found.select_related("term", "programme")


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
        .order_by("-application__round__term__year")
        .first()
    )
    return found


def named_like(school: School, text: str, via: str = "") -> Q:
    """Condition: the student's name, pinyin, initials or number is like `text`."""
    return Q(**{f"{via}pk__in": Student.objects.for_school(school).named_like(text).values("pk")})


def entered_in(round_: Round, by: Appointment) -> QuerySet[Application]:
    """What this person sees of a round, unfinished first; for one or two classes, not a school."""
    unfinished_first = Case(When(status__in=UNFINISHED, then=0), default=1)
    return (
        applications_of(by)
        .filter(round=round_)
        .select_related("student__school_class")
        .order_by(unfinished_first, "student__pinyin", "pk")
    )


def stages_of(school: School) -> frozenset[str]:
    """The stages in which the school has classes."""
    classes = SchoolClass.objects.for_school(school).order_by()
    return frozenset(classes.values_list("stage", flat=True).distinct())


def recognition_round(school: School, term: Term) -> Round | None:
    """The recognition round of the term's academic year, in whichever term it was opened."""
    found: Round | None = (
        Round.objects.for_school(school)
        .filter(kind=Round.Kind.RECOGNITION, term__year=term.year)
        .first()
    )
    return found


def offer_of(programme: Programme, day: date) -> Offer:
    """What the programme offers on a day, usually the first of a term."""
    return Offer(
        programme,
        tuple(programme.tiers.filter(valid_on(day)).order_by("rank")),
        frozenset(binding_exclusions(programme).values_list("pk", flat=True)),
    )


def taken_programmes(round_: Round, students: Collection[Student]) -> dict[int, set[int]]:
    """Per student the other programmes applied for in the round's term and not withdrawn."""
    rows = (
        Application.objects.filter(
            school_id=round_.school_id,
            student__in=students,
            round__term_id=round_.term_id,
            round__kind=Round.Kind.PROGRAMME,
        )
        .exclude(round_id=round_.pk)
        .exclude(status=Application.Status.WITHDRAWN)
        .values_list("student_id", "round__programme_id")
    )
    taken: dict[int, set[int]] = {}
    for student_id, programme_id in rows:
        taken.setdefault(student_id, set()).add(programme_id)
    return taken


def rounds_of(school: School, term: Term) -> QuerySet[Round]:
    """The rounds that matter in a term: its own, and the recognition round of its year."""
    found: QuerySet[Round] = (
        Round.objects.for_school(school)
        .filter(Q(term=term) | Q(kind=Round.Kind.RECOGNITION, term__year=term.year))
        .select_related("term", "programme", "opened_by")
        .order_by("-kind", "programme__stage", "pk")
    )
    return found


STATUS = Application.Status
UNFINISHED = (STATUS.DRAFT, STATUS.CHECKING, STATUS.RETURNED)
LATE_WAITING = Q(status__in=UNFINISHED, late_by=None) & ~Q(late_reason="")


def counts_by_round(by: Appointment, rounds: Collection[Round]) -> dict[int, dict[str, int]]:
    """Per round how many applications have which status, of those this person sees."""
    counts: dict[int, dict[str, int]] = {r.pk: dict.fromkeys(STATUS.values, 0) for r in rounds}
    rows = (
        applications_of(by)
        .filter(round__in=rounds)
        .order_by()
        .values_list("round_id", "status")
        .annotate(n=Count("pk"))
    )
    for round_id, status, n in rows:
        counts[round_id][status] = n
    return counts


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


def missed_students(round_: Round, day: date) -> QuerySet[Student]:
    """Present students on a department's list that counts here, without an application.

    In a recognition round every special group counts, in a programme's round its own groups.
    """
    tags = SpecialGroupTag.objects.filter(
        live_tag(day), school_id=round_.school_id, student_id=OuterRef("pk")
    )
    if round_.programme:
        its = round_.programme
        tags = tags.filter(
            Q(group__in=its.open_groups.all()) | Q(group__code__in=its.only_groups),
            ~Q(group__code__in=its.rural_groups) | Q(student__household=Student.Household.RURAL),
        )
    applied = Application.objects.filter(
        school_id=round_.school_id, round_id=round_.pk, student_id=OuterRef("pk")
    )
    students: QuerySet[Student] = (
        Student.objects.filter(school_id=round_.school_id)
        .present()
        .filter(Exists(tags), ~Exists(applied))
    )
    if round_.programme:
        students = students.filter(school_class__stage=round_.programme.stage)
    return students


def candidates(round_: Round, by: Appointment) -> QuerySet[Student]:
    """Students for whom this person may still begin an application in the round."""
    there = Application.objects.filter(
        school_id=round_.school_id, round=round_, student_id=OuterRef("pk")
    ).exclude(status=STATUS.WITHDRAWN)
    students: QuerySet[Student] = (
        Student.objects.filter(school_id=round_.school_id)
        .present()
        .filter(~Exists(there))
        .select_related("school_class")
        .order_by("school_class__grade", "school_class__number", "pinyin", "pk")
    )
    if by.role == Role.HEAD_TEACHER:
        students = students.filter(school_class_id__in=_led(by))
    if round_.programme:
        students = students.filter(school_class__stage=round_.programme.stage)
    return students


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
    )


def claimed_groups(survey: HouseholdSurvey) -> list[str]:
    """What the special groups are called that the family says it belongs to."""
    rows = SpecialGroup.objects.filter(code__in=survey.claims).order_by("pk")
    return list(rows.values_list("name", flat=True))


def group_codes() -> dict[str, str]:
    """The codes of the special groups by their names, in the order of the form."""
    return dict(SpecialGroup.objects.order_by("pk").values_list("name", "code"))


def consented_on_phone(application: Application) -> bool:
    """Whether the family filled in its form, with its consent, since the application was begun."""
    # The form of a beginning that was withdrawn stays; its consent does not count again.
    return FamilyFiling.objects.filter(
        school_id=application.school_id,
        application=application,
        consented_at__gte=application.entered_at,
    ).exists()


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


def submitted_classes(round_: Round) -> frozenset[int]:
    """The classes in which someone has handed in."""
    rows = Application.objects.filter(
        school_id=round_.school_id, round=round_, status=STATUS.SUBMITTED
    ).order_by()
    return frozenset(rows.values_list("student__school_class_id", flat=True).distinct())
