"""更改信息: the plain facts of one student, by the aid officer alone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Refused
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.actions import correct_facts
from students.correction_forms import FactsForm
from students.models import Student
from students.queue import campuses_of
from students.rules.facts import LABELS, SEALED, Facts


@requires(Role.OPERATOR, methods="GET POST")
def facts(request: StaffRequest, student_id: int) -> HttpResponse:
    """Telephone, address, household, boarding, campus and the like."""
    rows = Student.objects.for_school(request.school).select_related("school_class")
    row: Student = get_object_or_404(rows, pk=student_id)
    now = Facts.of(row)
    held = [name for name in SEALED if getattr(row, name)]
    initial = {name: getattr(row, name) for name in LABELS if name not in SEALED}
    if row.entered_on:
        initial["entered_on"] = row.entered_on.isoformat()
    form = FactsForm(
        request.POST or None,
        held=held,
        campuses=campuses_of(request.school),
        initial=initial | {"mark": now.mark()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = correct_facts(student=row, by=request.appointment, **form.arguments())
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, str(reason))
        else:
            words = "、".join(LABELS[name] for name in changed)
            messages.success(request, f"已更改{row}的{words}。")
            return redirect("students:student", student_id=row.pk)
    context = {"form": form, "student": row, "held": held}
    return render(request, "students/facts.html", context)
