"""学生名册: the list with its filters, and the export of exactly what it shows."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import cached_property

from schools.access import StaffRequest, requires
from schools.models import Stage
from schools.roles import OFFICE, Role
from students.actions import export_roster
from students.models import RosterImport, SchoolClass, Student
from students.models.roster import StudentQuerySet
from students.views.files import attachment
from students.views.reach import STAFF, classes_of, students_of

PAGE = 50
ORDERS = {
    "name": ("pinyin", "id"),
    "class": (
        "school_class__stage", "school_class__grade", "school_class__number", "pinyin", "id",
    ),
    "number": ("student_no", "pinyin", "id"),
}  # fmt: skip
ORDER_WORDS = {"name": "按姓名拼音排列", "class": "按班级排列", "number": "按学号排列"}
STATES = [("here", "在籍（在校和休学）"), *Student.Status.choices]


@dataclass
class Filters:
    """The list's question as the address holds it."""

    query: QueryDict
    classes: list[SchoolClass]

    @cached_property
    def grade(self) -> tuple[str, int] | None:
        """`senior-1` as stage and grade, when there is such a class."""
        chosen = self.query.get("grade", "")
        return next(((c.stage, c.grade) for c in self.classes if _key(c) == chosen), None)

    @cached_property
    def school_class(self) -> SchoolClass | None:
        """The chosen class, when it is one of those reached."""
        chosen = self.query.get("class", "")
        return next((c for c in self.classes if str(c.pk) == chosen), None)

    def choice(self, name: str, choices: list[tuple[str, str]]) -> str:
        """A parameter's value, when it is one of the choices."""
        value = self.query.get(name, "")
        return value if value in dict(choices) else ""

    @property
    def status(self) -> str:
        """Which statuses; those who left are shown only when asked for."""
        return self.choice("status", STATES) or "here"

    @property
    def boarding(self) -> str:
        """走读 or 寄宿."""
        return self.choice("boarding", Student.Boarding.choices)

    @property
    def text(self) -> str:
        """What was typed into the search."""
        return self.query.get("q", "").strip()[:64]

    @property
    def order(self) -> tuple[str, bool]:
        """Which column sorts, and whether downward."""
        sort = self.query.get("sort", "name")
        name = sort.removeprefix("-")
        return (name, sort.startswith("-")) if name in ORDERS else ("name", False)

    def apply(self, students: StudentQuerySet) -> StudentQuerySet:
        """The students asked for, in order."""
        if self.text:
            students = students.named_like(self.text)
        if self.status == "here":
            students = students.exclude(status=Student.Status.LEFT)
        else:
            students = students.filter(status=self.status)
        if self.school_class:
            students = students.filter(school_class=self.school_class)
        elif self.grade:
            students = students.filter(
                school_class__stage=self.grade[0], school_class__grade=self.grade[1]
            )
        if self.boarding:
            students = students.filter(boarding=self.boarding)
        name, downward = self.order
        fields = [f"-{f}" if downward else f for f in ORDERS[name]]
        return students.select_related("school_class").order_by(*fields)

    def grades(self) -> list[tuple[str, str]]:
        """The grades that the school has classes of."""
        mixed = len({c.stage for c in self.classes}) > 1
        return list(
            dict.fromkeys(
                (_key(c), f"{Stage(c.stage).label}{c.grade_name}" if mixed else c.grade_name)
                for c in self.classes
            )
        )

    def applied(self) -> list[dict[str, Any]]:
        """The filters in force, each with the cross that takes it away."""
        chosen = [
            ("查找", self.text, "q"),
            ("年级", dict(self.grades()).get(self.query.get("grade", ""), ""), "grade"),
            ("班级", self.school_class.name if self.school_class else "", "class"),
            ("学籍", "" if self.status == "here" else dict(STATES)[self.status], "status"),
            ("就读方式", dict(Student.Boarding.choices).get(self.boarding, ""), "boarding"),
        ]
        return [
            {"label": label, "value": value, "key": key, "raw": self.query.get(key, "")}
            for label, value, key in chosen
            if value
        ]


def _key(school_class: SchoolClass) -> str:
    return f"{school_class.stage}-{school_class.grade}"


def filters_of(request: StaffRequest, query: QueryDict) -> Filters:
    """The question in an address or in the hidden fields of a form."""
    return Filters(query, list(classes_of(request)))


@requires(STAFF)
def roster(request: StaffRequest) -> HttpResponse:
    """学生名册."""
    mine = students_of(request)
    filters = filters_of(request, request.GET)
    page = Paginator(filters.apply(mine), PAGE).get_page(request.GET.get("page"))
    for student in page:
        # Seals are bound to the school; knowing it already saves a query per row.
        student.school = request.school
    counts = mine.aggregate(
        here=Count("pk", filter=~Q(status="left")),
        present=Count("pk", filter=Q(status="enrolled")),
        suspended=Count("pk", filter=Q(status="suspended")),
    )
    office = request.appointment.role in OFFICE
    context = {
        "filters": filters,
        "page": page,
        "total": page.paginator.count,
        "counts": counts,
        "states": STATES[1:],
        "boardings": Student.Boarding.choices,
        "class_choices": [
            (c.pk, c.name) for c in filters.classes if filters.grade in (None, (c.stage, c.grade))
        ],
        "order_words": ORDER_WORDS[filters.order[0]],
        "office": office,
        "operator": request.appointment.role == Role.OPERATOR,
        "updated_at": _updated_at(request) if office else None,
    }
    return render(request, "students/roster.html", context)


def _updated_at(request: StaffRequest) -> Any:
    applied = RosterImport.objects.for_school(request.school).filter(status="applied")
    return applied.order_by("-apply_at").values_list("apply_at", flat=True).first()


@requires(STAFF, methods="POST")
def roster_export(request: StaffRequest) -> HttpResponse:
    """The list as a workbook: the same students, order and masks."""
    filters = filters_of(request, request.POST)
    content = export_roster(
        students=filters.apply(students_of(request)),
        school=request.school,
        shown=[f"{f['label']}：{f['value']}" for f in filters.applied() if f["key"] != "q"],
        by=request.appointment,
    )
    return attachment(content, "学生名册.xlsx")
