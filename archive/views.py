"""Pages of the archive: find a student, a class's files, one student's file as page and PDF."""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from guardian.shortcuts import get_objects_for_user

from archive import actions
from archive.chart import drawn
from archive.file import StudentFile, gather
from archive.paper import values
from disbursement.models import Award
from office.desk import Happened
from office.documents.typeset import MissingGlyphs, pdf
from office.files import download
from review.models import Recognition
from schools import clock
from schools.access import StaffRequest, requires
from schools.official import current_term
from schools.roles import OFFICE, Role
from students.models import SchoolClass, Student
from students.rules.sight import may_reveal, may_see_tags

PER_PAGE = 50
SHOWN_HAPPENINGS = 12


def _classes(request: StaffRequest) -> QuerySet[SchoolClass]:
    all_of_them: QuerySet[SchoolClass] = SchoolClass.objects.ever_at(request.school)
    if request.appointment.role == Role.HEAD_TEACHER:
        led: QuerySet[SchoolClass] = get_objects_for_user(
            request.user, "students.lead_class", all_of_them
        )
        return led
    return all_of_them


def _students(request: StaffRequest) -> QuerySet[Student]:
    found: QuerySet[Student] = Student.objects.for_school(request.school)
    if request.appointment.role == Role.HEAD_TEACHER:
        found = found.filter(school_class__in=_classes(request))
    return found


@requires(Role.HEAD_TEACHER, OFFICE)
def index(request: StaffRequest) -> HttpResponse:
    """档案: search any student, also those who left; or go by class."""
    query = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"q": query}
    if query:
        found = Student.objects.named_like(query).filter(pk__in=_students(request).values("pk"))
        context["page"] = _page(request, found)
        return render(request, "archive/index.html", context | {"lines": _lines(context["page"])})
    context["classes"] = (
        _classes(request)
        .select_related("head_teacher")
        .annotate(
            present=Count("students", filter=Q(students__status=Student.Status.ENROLLED)),
            left=Count("students", filter=Q(students__status=Student.Status.LEFT)),
        )
        # Those that graduated stand below, the latest first.
        .order_by(F("closed_on").desc(nulls_first=True), "stage", "grade", "number")
    )
    return render(request, "archive/index.html", context)


@requires(Role.HEAD_TEACHER, OFFICE, methods="GET POST")
def class_files(request: StaffRequest, class_id: int) -> HttpResponse:
    """A class's files; POST asks for all of them as one PDF."""
    school_class = get_object_or_404(_classes(request), pk=class_id)
    if request.method == "POST":
        job = actions.want_class_files(school_class=school_class, by=request.appointment)
        return redirect("office:job", job_id=job.pk)
    found = _students(request).filter(school_class=school_class)
    if query := request.GET.get("q", "").strip():
        found = Student.objects.named_like(query).filter(pk__in=found.values("pk"))
    page = _page(request, found)
    context = {"school_class": school_class, "page": page, "lines": _lines(page), "q": query}
    return render(request, "archive/class.html", context)


def _page(request: StaffRequest, found: QuerySet[Student]) -> Any:
    ordered = found.select_related("school_class").order_by("pinyin", "pk")
    return Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))


def _lines(page: Any) -> list[dict[str, Any]]:
    """Each student with this year's grade and how many awards; two queries for the page."""
    students = list(page)
    term = current_term()
    schools = {s.school_id for s in students}
    grades = {
        r.student_id: r
        for r in Recognition.objects.filter(
            school_id__in=schools,
            student__in=students,
            year=term.year if term else 0,
            valid_to=None,
        )
    }
    awards = dict(
        Award.objects.filter(
            school_id__in=schools, student__in=students, status=Award.Status.GRANTED
        )
        .values_list("student_id")
        .annotate(n=Count("pk"))
        .order_by("student_id")
    )
    return [
        {"student": s, "grade": grades.get(s.pk), "awards": awards.get(s.pk, 0)} for s in students
    ]


def _file(request: StaffRequest, student_id: int) -> StudentFile:
    student = get_object_or_404(
        _students(request).select_related("school_class__head_teacher", "school"), pk=student_id
    )
    return gather(student, tags=may_see_tags(request.appointment, student.school_class))


@requires(Role.HEAD_TEACHER, OFFICE)
def student(request: StaffRequest, student_id: int) -> HttpResponse:
    """一生一档: facts, money per term, grades by year, and everything that happened."""
    return _shown(request, _file(request, student_id))


def _shown(
    request: StaffRequest, file: StudentFile, missing: list[str] | None = None
) -> HttpResponse:
    everything = bool(request.GET.get("all"))
    happened = file.happened if everything else file.happened[:SHOWN_HAPPENINGS]
    current = next((g for g in file.grades if g.tone == "done"), None)
    context = {
        "file": file,
        "student": file.student,
        "age": file.student.age_on(clock.today()),
        "current": current,
        "chart": drawn(file.money),
        "happened": [_line(one) for one in happened],
        "hidden": len(file.happened) - len(happened),
        "missing": missing or [],
        "reveals": may_reveal(request.appointment, file.student.school_class),
    }
    status = 409 if missing else 200
    return render(request, "archive/student.html", context, status=status)


def _line(one: Happened) -> dict[str, Any]:
    """A happening as the timeline shows it; the year only when it is not this one."""
    on = one.on.astimezone(clock.CHINA) if isinstance(one.on, datetime) else one.on
    year = "" if on.year == clock.today().year else f"{on.year}年"
    moment = f" {on:%H:%M}" if isinstance(on, datetime) else ""
    state = {"active": "now", "bad": "wait"}.get(one.tone, one.tone)
    return {
        "when": f"{year}{on.month}月{on.day}日{moment}",
        "title": one.title,
        "text": one.text,
        "by": one.by,
        "state": state,
        "restricted": one.restricted,
    }


@requires(Role.HEAD_TEACHER, OFFICE, methods="POST")
def student_pdf(request: StaffRequest, student_id: int) -> HttpResponse:
    """The file as PDF; characters no font has are named first, and printed around when asked."""
    file = _file(request, student_id)
    filled = values([file], file.student.school.name, request.appointment.person.name)
    anyway = bool(request.POST.get("anyway"))
    try:
        content = pdf("student_file", filled, moment=clock.now(), allow_missing=anyway)
    except MissingGlyphs as missing:
        return _shown(request, file, missing.characters)
    actions.hand_out(student=file.student, by=request.appointment)
    return download(f"资助档案_{clock.today():%Y%m%d}.pdf", content, "application/pdf")
