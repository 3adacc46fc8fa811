"""Find a student by an exact number, which never stands in an address; keep and drop filters."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from schools.access import StaffRequest, requires
from students.actions import drop_filter, find_by_number, keep_filter
from students.forms import KeptForm, NumberForm
from students.models import SavedFilter
from students.views.filters import kept_query
from students.views.reach import STAFF, students_of


@requires(STAFF, methods="GET POST")
def find(request: StaffRequest) -> HttpResponse:
    """Ask for an ID or enrolment number and go to whose it is."""
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = find_by_number(
            students=students_of(request),
            school=request.school,
            number=form.cleaned_data["number"],
            by=request.appointment,
        )
        if found is not None:
            return redirect("students:student", student_id=found.pk)
        form.add_error("number", "名册中没有这个号码的学生，请核对号码；刚转入的学生请先导入名册。")
    answer = render(request, "students/find.html", {"form": form})
    answer["Cache-Control"] = "no-store"
    return answer


@requires(STAFF, methods="POST")
def filter_keep(request: StaffRequest) -> HttpResponse:
    """Keep the filter in force under a name."""
    query = kept_query(request.POST)
    kept = keep_filter(
        school=request.school,
        name=request.POST.get("name", ""),
        query=query,
        by=request.appointment,
    )
    messages.success(request, f"已保存“{kept}”，下次在名册上方直接点开。")
    return redirect(f"{reverse('students:roster')}?{kept.query}")


@requires(STAFF, methods="POST")
def filter_drop(request: StaffRequest) -> HttpResponse:
    """Forget one of one's own filters; the list stays as it is."""
    mine = SavedFilter.objects.for_school(request.school).filter(
        person_id=request.appointment.person_id
    )
    form = KeptForm(request.POST, kept=mine)
    if not form.is_valid():
        # A second click: it is gone already.
        return redirect("students:roster")
    kept = form.cleaned_data["kept"]
    drop_filter(kept=kept, by=request.appointment)
    messages.success(request, f"已删去“{kept}”。")
    return redirect(f"{reverse('students:roster')}?{kept_query(QueryDict(kept.query))}")
