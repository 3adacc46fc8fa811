"""班级: the list, a class's roster and its approval, new classes and their head teachers."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Reason, Refused
from office.wording import worded_all
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import Appointment, Person
from schools.official import current_term
from schools.roles import Role
from students.actions import (
    add_class,
    approve_roster,
    assign_head_teacher,
    count_heads,
    print_sheet,
)
from students.forms import ClassForm, HeadCountForm, HeadTeacherForm
from students.models import SchoolClass, SpecialGroupTag, Student, live_tag
from students.queue import Point, changes_of, points_of, standings
from students.risk_queue import latest_counts
from students.rules.risks import may_count
from students.rules.sight import leads, may_see_tags
from students.views.filters import campus_key
from students.views.reach import STAFF, classes_of, students_of

STATES = (("", "全部"), ("waiting", "待核对"), ("approved", "已核对"))


@requires(STAFF)
def classes(request: StaffRequest) -> HttpResponse:
    """Every class reached, its head teacher, its size, and whether its roster is approved."""
    found = standings(classes_of(request).select_related("head_teacher"))
    state = next((key for key, _ in STATES if key == request.GET.get("state")), "")
    shown = [
        s
        for s in found
        if not state or (state == "waiting" and s.waiting) or (state == "approved" and s.approved)
    ]
    operator = request.appointment.role == Role.OPERATOR
    context = {
        "rows": shown,
        "total": len(found),
        "students": sum(s.students for s in found),
        "waiting": sum(1 for s in found if s.waiting),
        "unled": sum(1 for s in found if s.school_class.head_teacher_id is None),
        "operator": operator,
        "points": _points(request),
        "segments": [
            {
                "label": label,
                "url": f"?state={key}" if key else request.path,
                "current": key == state,
                "count": None,
            }
            for key, label in STATES
        ],
    }
    return render(request, "students/classes.html", context)


def _points(request: StaffRequest) -> list[tuple[str, Point]]:
    """Counts by campus, for a school that has said where its students are."""
    found = points_of(students_of(request))
    if not any(p.campus for p in found):
        return []
    return [(campus_key(p.campus) if p.campus else "", p) for p in found]


@requires(Role.OPERATOR, methods="GET POST")
def class_add(request: StaffRequest) -> HttpResponse:
    """A new class."""
    form = ClassForm(request.POST or None, stage=request.school.stage)
    if request.method == "POST" and form.is_valid():
        try:
            row = add_class(school=request.school, by=request.appointment, **form.facts())
        except Refused as refused:
            form.add_error(None, "；".join(str(r) for r in refused.reasons))
        else:
            messages.success(request, f"已新建{row}，接着指定班主任。")
            return redirect("students:class_teacher", class_id=row.pk)
    return render(request, "students/class_add.html", {"form": form})


@requires(STAFF)
def class_page(request: StaffRequest, class_id: int) -> HttpResponse:
    """The class's roster as the head teacher approves it."""
    row = _class(request, class_id, ever=True)
    (standing,) = standings([row])
    students = _students(row, request)
    tagged = may_see_tags(request.appointment, row)
    if tagged:
        _attach_tags(row, students)
    present = [s for s in students if s.status == Student.Status.ENROLLED]
    context = {
        "school_class": row,
        "standing": standing,
        "differences": changes_of(standing),
        "students": students,
        "present": len(present),
        "suspended": len(students) - len(present),
        "boarders": sum(1 for s in present if s.boarding == Student.Boarding.BOARDER),
        "tagged": tagged,
        "mine": leads(request.appointment, row),
        "operator": request.appointment.role == Role.OPERATOR,
        "term": current_term(),
        "operators": _people(request, Role.OPERATOR),
        "counted": latest_counts([request.school.pk])
        .filter(school_class=row)
        .select_related("counted_by")
        .first(),
        "counts": may_count(row, request.appointment),
        "count_form": HeadCountForm(initial={"on": clock.today()}),
    }
    return render(request, "students/class.html", context)


def _students(row: SchoolClass, request: StaffRequest) -> list[Student]:
    found = (
        Student.objects.for_school(request.school)
        .filter(school_class=row)
        .exclude(status=Student.Status.LEFT)
        .order_by("pinyin", "pk")
    )
    return list(found)


def _attach_tags(row: SchoolClass, students: list[Student]) -> None:
    tags = (
        SpecialGroupTag.objects.filter(school_id=row.school_id, student__in=students)
        .filter(live_tag(clock.today()))
        .select_related("group")
        .order_by("group__order")
    )
    by_student: dict[int, list[str]] = {}
    for tag in tags:
        names = by_student.setdefault(tag.student_id, [])
        if tag.group.name not in names:
            names.append(tag.group.name)
    for student in students:
        student.group_names = by_student.get(student.pk, [])  # type: ignore[attr-defined]


@requires(Role.HEAD_TEACHER, methods="POST")
def class_approve(request: StaffRequest, class_id: int) -> HttpResponse:
    """The head teacher's word that the roster is right."""
    row = _class(request, class_id)
    term = current_term()
    if term is None:
        raise Refused([Reason("还没有设置学期", "请管理员先在“工作日历与学期”中设置")])
    approval = approve_roster(
        school_class=row,
        term=term,
        by=request.appointment,
        digest=request.POST.get("digest", "") or "没有看过名册",
    )
    messages.success(
        request, f"已确认{row}名册，{approval.students}人。名册有变动时会请您再看一遍。"
    )
    return redirect("students:class", class_id=row.pk)


@requires(STAFF, methods="POST")
def class_count(request: StaffRequest, class_id: int) -> HttpResponse:
    """How many of the class were there."""
    row = _class(request, class_id)
    form = HeadCountForm(request.POST)
    if not form.is_valid():
        raise Refused([Reason(text) for _, text in worded_all(form)])
    counted = count_heads(school_class=row, by=request.appointment, **form.cleaned_data)
    if counted.present + counted.excused == counted.rostered:
        messages.success(request, f"已登记{row}实到{counted.present}人，与名册一致。")
    else:
        messages.warning(
            request,
            f"已登记{row}实到{counted.present}人，名册在校{counted.rostered}人，"
            "已列入风险提示，请核对不在的学生。",
        )
    return redirect("students:class", class_id=row.pk)


@requires(STAFF, methods="POST")
def class_sheet(request: StaffRequest, class_id: int) -> HttpResponse:
    """The class's roster on paper, for the head teacher to check and sign."""
    row = _class(request, class_id)
    content = print_sheet(
        school_class=row,
        students=_students(row, request),
        term=current_term(),
        by=request.appointment,
    )
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote('班级名册.pdf')}"
    answer["Cache-Control"] = "no-store"
    return answer


@requires(Role.OPERATOR, methods="GET POST")
def class_teacher(request: StaffRequest, class_id: int) -> HttpResponse:
    """Who leads the class."""
    row = _class(request, class_id)
    people = _people(request, Role.HEAD_TEACHER)
    initial = {"person": row.head_teacher_id}
    form = HeadTeacherForm(request.POST or None, people=people, initial=initial)
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["person"]
        assign_head_teacher(school_class=row, person=person, by=request.appointment)
        messages.success(request, f"{row}的班主任是{person}，可以登录核对名册了。")
        return redirect("students:classes")
    context = {"form": form, "school_class": row, "people": people}
    return render(request, "students/class_teacher.html", context)


def _people(request: StaffRequest, role: Role) -> "QuerySet[Person]":
    """Who is appointed in this role at this school today."""
    appointed = Appointment.objects.valid_on(clock.today()).filter(
        organisation_id=request.school.pk, role=role
    )
    return Person.objects.filter(pk__in=appointed.values("person_id")).order_by("name", "pk")


def _class(request: StaffRequest, class_id: int, *, ever: bool = False) -> SchoolClass:
    rows: Any = classes_of(request, ever=ever).select_related("head_teacher")
    found: SchoolClass = get_object_or_404(rows, pk=class_id)
    return found
