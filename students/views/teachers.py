"""导入班主任: a table read and shown cell by cell, then written whole."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from audit.refusal import Reason, Refused
from office.asked import key_of
from office.spreadsheets.refusals import Unreadable
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.actions import assign_head_teachers, read_teachers, teachers_sheet
from students.forms import TableFile
from students.models import SchoolClass
from students.rules.teachers import Understood
from students.views.files import attachment


@requires(Role.OPERATOR, methods="GET POST")
def teachers(request: StaffRequest) -> HttpResponse:
    """Ask for the table; show what it would change, or every cell to mend."""
    form = TableFile(request.POST or None, request.FILES or None)
    told: Understood | None = None
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            told = read_teachers(school=request.school, content=file.read(), filename=file.name)
        except Unreadable as error:
            reasons = [error.as_reason()]
        except Refused as refused:
            reasons = refused.reasons
    context: dict[str, Any] = {"form": form, "reasons": reasons}
    if told is not None and told.wrong:
        context["wrong"] = told.wrong
    elif told is not None:
        context |= _preview(told)
    bad = bool(reasons or context.get("wrong"))
    return render(request, "students/teachers.html", context, status=409 if bad else 200)


def _preview(told: Understood) -> dict[str, Any]:
    changes = [one for one in told.leading if not one.same]
    return {
        "told": told,
        "changes": changes,
        "same": len(told.leading) - len(changes),
        "replaced": sum(1 for one in changes if one.school_class.head_teacher_id),
    }


@requires(Role.OPERATOR, methods="POST")
def teachers_apply(request: StaffRequest) -> HttpResponse:
    """Hand the classes over as the preview showed it."""
    chosen = {}
    for pair in request.POST.getlist("lead"):
        class_id, person_id = map(key_of, pair.partition(":")[::2])
        if class_id is not None and person_id is not None:
            chosen[class_id] = person_id
    changed = assign_head_teachers(school=request.school, chosen=chosen, by=request.appointment)
    left = SchoolClass.objects.for_school(request.school).filter(head_teacher=None).count()
    rest = f"还有{left}个班没有班主任。" if left else "每个班都有班主任了，可以请他们核对名册。"
    messages.success(request, f"已指定{changed}个班的班主任，{rest}")
    return redirect("students:classes")


@requires(Role.OPERATOR)
def teachers_form(request: StaffRequest) -> HttpResponse:
    """The school's classes as a table to be filled in."""
    return attachment(teachers_sheet(request.school), "班主任.xlsx")
