"""认定: the year's library of grades."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from applications.models import Grade
from office.spreadsheets.writing import write_rows
from review import library
from review.models import Recognition
from review.views import asked
from review.views.rounds import attachment
from schools.access import StaffRequest, requires
from schools.models import Term
from schools.official import current_term
from schools.roles import OFFICE
from students.models import SchoolClass, Student

PAGE = 50
LAPSED = "none"
RENEWALS = [(LAPSED, "下一学年还没有申请")]


def _year(request: StaffRequest) -> int:
    chosen = asked.number(request, "year")
    if chosen and 2000 <= chosen < 3000:
        return chosen
    term = current_term()
    return term.year if term else 0


def _filtered(request: StaffRequest, year: int) -> QuerySet[Recognition]:
    found = library.recognitions(request.school, year)
    if (grade := request.GET.get("grade", "")) in Grade.values:
        found = found.filter(grade=grade)
    if (class_id := asked.number(request, "class")) is not None:
        found = found.filter(student__school_class_id=class_id)
    if request.GET.get("renewal") == LAPSED:
        found = library.lapsed(found, year)
    if text := asked.words(request):
        students = Student.objects.for_school(request.school).named_like(text)
        found = found.filter(student__in=students)
    return found


@requires(OFFICE)
def recognitions(request: StaffRequest) -> HttpResponse:
    """Grades in force of a year, by grade and class."""
    year = _year(request)
    found = _filtered(request, year)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    classes = list(SchoolClass.objects.for_school(request.school).values_list("pk", "name"))
    counted = dict(
        Recognition.objects.for_school(request.school)
        .filter(year=year, valid_to=None)
        .values_list("grade")
        .annotate(n=Count("pk"))
    )
    return render(
        request,
        "review/recognitions.html",
        {
            "page": page,
            "total": page.paginator.count,
            "year": year,
            "years": _years(),
            "classes": classes,
            "grades": Grade.choices,
            "renewals": RENEWALS,
            "counted": [(label, counted.get(value, 0), value) for value, label in Grade.choices],
            "applied": _applied(request, dict(classes)),
        },
    )


def _years() -> list[tuple[int, str]]:
    years = Term.objects.order_by("-year").values_list("year", flat=True).distinct()
    return [(y, f"{y}—{y + 1}学年") for y in years]


def _applied(request: StaffRequest, classes: dict[int, str]) -> list[dict[str, Any]]:
    found = []
    if (grade := request.GET.get("grade", "")) in Grade.values:
        found.append({"label": "等级", "value": Grade(grade).label, "key": "grade", "raw": grade})
    if (class_id := asked.number(request, "class")) is not None:
        named = {"value": classes.get(class_id, "无"), "raw": request.GET["class"]}
        found.append({"label": "班级", "key": "class", **named})
    if request.GET.get("renewal") == LAPSED:
        label = dict(RENEWALS)[LAPSED]
        found.append({"label": "续申", "value": label, "key": "renewal", "raw": LAPSED})
    if text := asked.words(request):
        found.append({"label": "查找", "value": text, "key": "q", "raw": request.GET["q"]})
    return found


@requires(OFFICE)
def export_recognitions(request: StaffRequest) -> HttpResponse:
    """The filtered library as a workbook, without identity numbers."""
    year = _year(request)
    rows = [
        (
            i,
            r.student.school_class.grade_name,
            r.student.school_class.name,
            r.student.name,
            r.student.student_no,
            r.get_grade_display(),
            r.valid_from,
            r.case.application.number,
        )
        for i, r in enumerate(_filtered(request, year), start=1)
    ]
    headers = ("序号", "年级", "班级", "姓名", "学号", "困难等级", "生效日期", "申请编号")
    content = write_rows(
        None, headers, rows, sheet_name="认定结果", text_columns=(1, 2, 3, 4, 5, 7)
    )
    return attachment(f"recognitions-{year}.xlsx", content)
