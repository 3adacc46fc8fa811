"""更正班级: its grade, number, name, major, and where it is taught."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Refused
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.actions import correct_class
from students.correction_forms import ClassCorrectionForm
from students.models import SchoolClass
from students.rules.classes import LABELS


@requires(Role.OPERATOR, methods="GET POST")
def class_correct(request: StaffRequest, class_id: int) -> HttpResponse:
    """Put a class right; students and their head teacher stay."""
    row: SchoolClass = get_object_or_404(
        SchoolClass.objects.for_school(request.school), pk=class_id
    )
    form = ClassCorrectionForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        try:
            changed = correct_class(school_class=row, by=request.appointment, **form.arguments())
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, str(reason))
        else:
            words = "、".join(LABELS[name] for name in changed)
            messages.success(request, f"已更正{form.cleaned_data['name']}的{words}。")
            return redirect("students:class", class_id=row.pk)
    return render(request, "students/class_correct.html", {"form": form, "school_class": row})
