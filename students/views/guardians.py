"""A student's guardians: enter, change, strike out, and see a number for a reason."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Refused
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.actions import remove_guardian, reveal_guardian, save_guardian
from students.actions.guardians import FIELDS
from students.forms import GuardianForm
from students.models import Guardian, Student
from students.rules.guardians import Told
from students.views.reach import students_of
from students.views.student import REVEALERS, shown_once


@requires(Role.OPERATOR, methods="GET POST")
def guardian_add(request: StaffRequest, student_id: int) -> HttpResponse:
    """One more guardian."""
    row: Student = get_object_or_404(students_of(request), pk=student_id)
    return _page(request, row, None)


@requires(Role.OPERATOR, methods="GET POST")
def guardian(request: StaffRequest, guardian_id: int) -> HttpResponse:
    """Change a guardian."""
    row = _guardian(request, guardian_id)
    return _page(request, row.student, row)


def _page(request: StaffRequest, student: Student, row: Guardian | None) -> HttpResponse:
    initial = {"name": row.name, "relation": row.relation, "id_kind": row.id_kind} if row else None
    form = GuardianForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = Told(**form.cleaned_data)
        try:
            kept = save_guardian(student=student, told=told, guardian=row, by=request.appointment)
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, str(reason))
        else:
            messages.success(request, f"已登记监护人{kept}。")
            return redirect("students:student", student_id=student.pk)
    context: dict[str, Any] = {"student": student, "guardian": row, "form": form}
    return render(request, "students/guardian.html", context)


@requires(Role.OPERATOR, methods="POST")
def guardian_remove(request: StaffRequest, guardian_id: int) -> HttpResponse:
    """Strike a guardian out."""
    row = _guardian(request, guardian_id)
    reason = request.POST.get("reason", "")
    remove_guardian(guardian=row, reason=reason, by=request.appointment)
    messages.success(request, f"已删去监护人{row.name}。")
    return redirect("students:student", student_id=row.student_id)


@requires(REVEALERS, methods="GET POST")
def guardian_reveal(request: StaffRequest, guardian_id: int, field: str) -> HttpResponse:
    """Ask for a reason, then show one number once."""
    row = _guardian(request, guardian_id)
    if field not in FIELDS:
        raise Http404

    def show(reason: str) -> str:
        return reveal_guardian(guardian=row, field=field, reason=reason, by=request.appointment)

    return shown_once(request, row.student, FIELDS[field], field, show)


def _guardian(request: StaffRequest, guardian_id: int) -> Guardian:
    rows = Guardian.objects.for_school(request.school).filter(student__in=students_of(request))
    found: Guardian = get_object_or_404(
        rows.select_related("student__school_class"), pk=guardian_id
    )
    return found
