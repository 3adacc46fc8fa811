"""学生名册: the list with its filters, and the export of exactly what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from office.paging import MOST, counted, counted_through, page_through
from office.remembered import remembered
from schools.access import StaffRequest, requires
from schools.roles import OFFICE, Role
from students.actions import export_roster
from students.models import RosterImport, SavedFilter, SchoolClass, Student
from students.models.roster import StudentQuerySet
from students.models.searching import Kind
from students.views.files import attachment
from students.views.filters import ABOUTS, ORDER_WORDS, STATES, filters_of, kept_query
from students.views.reach import STAFF, students_of

# Whoever finds more looks for something narrower; counting on would cost more than the page.
MOST_FOUND = 1_000
# What a line of the list shows, and what its seal is bound to.
SHOWN = (
    "school", "school_class", "name", "student_no", "id_number", "sex", "household", "boarding",
    "status",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many are here and how many of them 休学; counted no further than `MOST`."""

    here: int
    suspended: int

    @property
    def present(self) -> int:
        """Those in school."""
        return self.here - self.suspended

    @property
    def many(self) -> bool:
        """Whether there are more than are counted."""
        return self.here >= MOST


@requires(STAFF)
def roster(request: StaffRequest) -> HttpResponse:
    """学生名册."""
    filters = filters_of(request, request.GET)
    if filters.sought and filters.sought.kind == Kind.IDENTITY:
        return redirect("students:find")
    mine = students_of(request)
    parts = filters.parts(mine)
    shown = [replace(part, rows=part.rows.only(*SHOWN)) for part in parts]
    page = page_through(shown, request.GET)
    _place(page.rows, request, filters.classes)
    office = request.appointment.role in OFFICE
    updated_at = _updated_at(request) if office else None
    # A file may have been written by a worker since the person last did anything.
    sizes = remembered(
        request,
        request.appointment,
        f"sizes:{updated_at and updated_at.timestamp()}",
        lambda: _sizes(mine),
    )
    applied = filters.applied()
    most = MOST_FOUND if filters.sought else MOST
    # With no filter a long list holds whoever is here, who are counted already.
    known = not applied and not page.whole
    total = sizes.here if known else counted_through(parts, most, page)
    query = kept_query(request.GET)
    kept = _kept(request, query)
    context = {
        "filters": filters,
        "applied": applied,
        "page": page.rows,
        "cursor": page.cursor(total),
        "total": total,
        "unit": "人以上" if total >= most else "人",
        "sizes": sizes,
        "states": STATES[1:],
        "boardings": Student.Boarding.choices,
        "abouts": ABOUTS if filters.sensitive else (),
        "class_choices": [
            (c.pk, c.name) for c in filters.classes if filters.grade in (None, (c.stage, c.grade))
        ],
        "order_words": ORDER_WORDS[filters.sort],
        "office": office,
        "operator": request.appointment.role == Role.OPERATOR,
        "updated_at": updated_at,
        "kept": kept,
        "query": query,
        "keeps": any(k["current"] for k in kept),
    }
    return render(request, "students/roster.html", context)


def _place(students: Sequence[Student], request: StaffRequest, classes: list[SchoolClass]) -> None:
    """Give them their school and class, which are known but for classes that graduated."""
    known = {one.pk: one for one in classes}
    if gone := {one.school_class_id for one in students} - known.keys():
        known |= SchoolClass.objects.ever_at(request.school).in_bulk(gone)
    for student in students:
        student.school = request.school
        student.school_class = known[student.school_class_id]


def _sizes(mine: StudentQuerySet) -> Sizes:
    return Sizes(
        here=counted(mine.exclude(status=Student.Status.LEFT)),
        suspended=counted(mine.filter(status=Student.Status.SUSPENDED)),
    )


def _updated_at(request: StaffRequest) -> Any:
    applied = RosterImport.objects.for_school(request.school).filter(status="applied")
    return applied.order_by("-apply_at").values_list("apply_at", flat=True).first()


def _kept(request: StaffRequest, query: str) -> list[dict[str, Any]]:
    """The person's own filters, the one in force marked."""

    def ask() -> list[tuple[int, str, str]]:
        mine = SavedFilter.objects.for_school(request.school)
        mine = mine.filter(person_id=request.appointment.person_id)
        return list(mine.values_list("id", "name", "query"))

    rows = remembered(request, request.appointment, "kept", ask)
    return [
        {"id": key, "name": name, "url": f"?{held}", "current": held == query}
        for key, name, held in rows
    ]


@requires(STAFF, methods="POST")
def roster_export(request: StaffRequest) -> HttpResponse:
    """The list as a workbook: the same students, order and masks."""
    filters = filters_of(request, request.POST)
    content = export_roster(
        students=filters.every(students_of(request)),
        school=request.school,
        shown=[f"{f['label']}：{f['value']}" for f in filters.applied() if f["key"] != "q"],
        by=request.appointment,
        sensitive=filters.sensitive,
    )
    return attachment(content, "学生名册.xlsx")
