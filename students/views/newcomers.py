"""新生建档: whose electronic file still lacks something, and until when it is due."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from schools import clock, official, workdays
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.newcomers import incomplete, newcomers_of
from students.views.reach import STAFF, students_of

PAGE = 50


@requires(STAFF)
def newcomers(request: StaffRequest) -> HttpResponse:
    """The newcomers of the school, or of a head teacher's classes; those due first on top."""
    today, known = clock.today(), official.calendar()
    rows = incomplete(students_of(request), today).select_related("school_class")
    order = ("since", "school_class__grade", "school_class__number", "pinyin", "pk")
    page = Paginator(rows.order_by(*order), PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "total": page.paginator.count,
        "rows": [
            {"its": one, "left": workdays.remaining(known, today, one.due_on)}
            for one in newcomers_of(page.object_list)
        ],
        "operator": request.appointment.role == Role.OPERATOR,
    }
    return render(request, "students/newcomers.html", context)
