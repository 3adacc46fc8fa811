"""Which classes and students a signed-in person of a school reaches."""

from typing import Any, cast

from django.db.models import QuerySet
from guardian.shortcuts import get_objects_for_user

from schools.access import StaffRequest
from schools.roles import OFFICE, Role
from students.models import SchoolClass, Student
from students.models.roster import StudentQuerySet

STAFF = OFFICE | {Role.HEAD_TEACHER}


def classes_of(request: StaffRequest, *, ever: bool = False) -> QuerySet[SchoolClass]:
    """All classes of the school for the office; for a head teacher those he is granted.

    With `ever` also those that graduated.
    """
    rows = SchoolClass.objects
    mine = rows.ever_at(request.school) if ever else rows.for_school(request.school)
    if request.appointment.role == Role.HEAD_TEACHER:
        granted: Any = get_objects_for_user(
            request.user, "students.lead_class", mine, with_superuser=False
        )
        mine = granted.filter(head_teacher=request.appointment.person)
    return cast("QuerySet[SchoolClass]", mine)


def students_of(request: StaffRequest) -> StudentQuerySet:
    """The students of those classes."""
    found: StudentQuerySet = Student.objects.for_school(request.school)
    if request.appointment.role == Role.HEAD_TEACHER:
        found = found.filter(school_class__in=classes_of(request))
    return found
