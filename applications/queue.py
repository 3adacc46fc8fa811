"""Questions that actions and pages ask of the database."""

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet
from guardian.models import UserObjectPermission

from applications.models import Application, Programme, Round, valid_on
from applications.rules.eligibility import Offer
from schools.models import Appointment, School, Term
from schools.roles import Role
from students.models import SchoolClass, Student


def led_class_ids(by: Appointment) -> frozenset[int]:
    """The classes that this head teacher leads; nothing for other roles."""
    if by.role != Role.HEAD_TEACHER:
        return frozenset()
    granted = UserObjectPermission.objects.filter(
        user__person_id=by.person_id,
        permission__codename="lead_class",
        permission__content_type__app_label="students",
    ).values_list("object_pk", flat=True)
    return frozenset(int(pk) for pk in granted)


def classes_of(by: Appointment) -> QuerySet[SchoolClass]:
    """The classes whose applications this person sees: a head teacher's own, else the school's."""
    classes: QuerySet[SchoolClass] = SchoolClass.objects.filter(school_id=by.organisation_id)
    return classes.filter(pk__in=led_class_ids(by)) if by.role == Role.HEAD_TEACHER else classes


def applications_of(by: Appointment) -> QuerySet[Application]:
    """The applications this person sees, household surveys left out."""
    mine: QuerySet[Application] = Application.objects.filter(school_id=by.organisation_id)
    if by.role == Role.HEAD_TEACHER:
        mine = mine.filter(student__school_class_id__in=led_class_ids(by))
    return mine


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
        frozenset(programme.exclusive_with.values_list("pk", flat=True)),
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
