"""Who has applied, and who may: applications, classes and students as a person sees them."""

from collections.abc import Collection
from datetime import date

from django.db.models import BigIntegerField, Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import Cast
from guardian.models import UserObjectPermission

from applications.models import (
    Application,
    FamilyFiling,
    Round,
)
from schools.models import Appointment, School
from schools.roles import Role
from students.models import SchoolClass, SpecialGroupTag, Student, live_tag

STATUS = Application.Status
UNFINISHED = (STATUS.DRAFT, STATUS.CHECKING, STATUS.RETURNED)
LATE_WAITING = Q(status__in=UNFINISHED, late_by=None) & ~Q(late_reason="")


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


def consented_on_phone(application: Application) -> bool:
    """Whether the family filled in its form, with its consent, since the application was begun."""
    # The form of a beginning that was withdrawn stays; its consent does not count again.
    return FamilyFiling.objects.filter(
        school_id=application.school_id,
        application=application,
        consented_at__gte=application.entered_at,
    ).exists()
