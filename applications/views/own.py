"""What is this person's: rounds of the school, applications of the school or the led classes."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from applications import queue
from applications.models import Application, FormSheet, Round
from schools.access import StaffRequest
from schools.roles import Role
from students.models import Student

ENTERING = frozenset({Role.OPERATOR, Role.HEAD_TEACHER})
# Who may read a household: those who enter it and those who judge it.
READING = ENTERING | {Role.REVIEWER, Role.LEADER}
RETURNING = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER})
CHECKING = frozenset({Role.REVIEWER, Role.LEADER})


def own_round(request: StaffRequest, round_id: int) -> Round:
    """A round of the school, else 404."""
    found: Round = get_object_or_404(
        Round.objects.for_school(request.school).select_related("term", "programme", "opened_by"),
        pk=round_id,
    )
    return found


def own_application(request: StaffRequest, application_id: int) -> Application:
    """An application that this person sees, else 404."""
    return get_object_or_404(
        queue.applications_of(request.appointment).select_related(
            "round__term",
            "round__programme",
            "student__school_class",
            "entered_by",
            "submit_by",
            "late_by",
        ),
        pk=application_id,
    )


def own_sheet(request: StaffRequest, form_sheet_id: int) -> FormSheet:
    """A workbook of the school, for a head teacher only what that person uploaded; else 404."""
    sheets = FormSheet.objects.for_school(request.school)
    if request.appointment.role == Role.HEAD_TEACHER:
        sheets = sheets.filter(staged_by=request.appointment.person_id)
    found: FormSheet = get_object_or_404(
        sheets.select_related("round__term", "file", "staged_by", "apply_by"), pk=form_sheet_id
    )
    return found


def own_student(request: StaffRequest, student_id: int) -> Student:
    """A student of the school, of the led classes for a head teacher; else 404."""
    students = Student.objects.for_school(request.school).select_related("school_class")
    if request.appointment.role == Role.HEAD_TEACHER:
        students = students.filter(school_class_id__in=queue.led_class_ids(request.appointment))
    found: Student = get_object_or_404(students, pk=student_id)
    return found


def is_role(request: HttpRequest, roles: frozenset[Role]) -> bool:
    """Whether the person acts in one of these roles; only to choose what a page offers."""
    appointment = getattr(request, "appointment", None)
    return appointment is not None and appointment.role in roles
