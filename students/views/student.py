"""One student: masked facts, what sealed values are shown for a reason, enrolment changes."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Refused
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import OFFICE, Role
from students.actions import change_enrolment, reveal
from students.actions.reveals import FIELDS
from students.forms import ChangeForm
from students.models import (
    EnrolmentChange,
    Guardian,
    SchoolClass,
    SpecialGroupTag,
    Student,
    live_tag,
    protected_among,
)
from students.queue import corrections_of
from students.rules.boarding import BECOMES
from students.rules.corrections import Line, lines_of
from students.rules.enrolment import possible_kinds, words_of
from students.rules.sight import SEES_TAGS, may_reveal, may_see_tags
from students.transfer_queue import with_words
from students.views.protection import whys_of
from students.views.reach import STAFF, students_of

PAGE = 50
REVEALERS = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER, Role.FINANCE, Role.HEAD_TEACHER})


@requires(STAFF)
def student(request: StaffRequest, student_id: int) -> HttpResponse:
    """The basic facts, masked; special groups only for whom they concern."""
    row = _student(request, student_id)
    guardians = Guardian.objects.for_school(request.school).filter(student=row).order_by("pk")
    changes = EnrolmentChange.objects.for_school(request.school).filter(student=row)
    tags = _tags(request, row)
    context = {
        "student": row,
        "age": row.age_on(clock.today()),
        "guardians": list(guardians),
        "changes": with_words(
            changes.select_related("from_class", "to_class", "recorded_by").order_by("-on", "-pk"),
            request.school,
        ),
        "tags": tags,
        "sees_tags": may_see_tags(request.appointment, row.school_class),
        "reveals": may_reveal(request.appointment, row.school_class),
        "operator": request.appointment.role == Role.OPERATOR,
        "dated_again": BECOMES,
        "corrections": _corrections(request, row),
        "protection": _protection(request, row, tags),
    }
    return render(request, "students/student.html", context)


def _corrections(request: StaffRequest, row: Student) -> list[tuple[Any, list[Line]]]:
    if request.appointment.role not in SEES_TAGS:
        return []
    return [(one, lines_of(one)) for one in corrections_of(request.school).filter(student=row)]


def _protection(request: StaffRequest, row: Student, tags: list[Any]) -> dict[str, Any] | None:
    if not may_see_tags(request.appointment, row.school_class):
        return None
    why = whys_of([row], [tag for tag in tags if tag.live])[row.pk]
    mine = Student.objects.for_school(request.school).filter(pk=row.pk)
    # Most have neither a hardship nor a word about them, and so needn't be asked about.
    told = bool(why.hardships or why.word)
    found = told and protected_among(mine, clock.today()).exists()
    return {"protected": found, "why": why}


def _tags(request: StaffRequest, row: Student) -> list[SpecialGroupTag]:
    if not may_see_tags(request.appointment, row.school_class):
        return []
    tags = SpecialGroupTag.objects.for_school(request.school).filter(student=row)
    told = tags.select_related("group").annotate(live=live_tag(clock.today()))
    return list(told.order_by("group__order", "-valid_from"))


@requires(REVEALERS, methods="GET POST")
def reveal_field(request: StaffRequest, student_id: int, field: str) -> HttpResponse:
    """Ask for a reason, then show one clear value once; asking and showing are on the record."""
    row = _student(request, student_id)
    if field not in FIELDS:
        raise Http404

    def show(reason: str) -> str:
        return reveal(student=row, field=field, reason=reason, by=request.appointment)

    return shown_once(request, row, FIELDS[field], field, show)


def shown_once(
    request: StaffRequest, row: Student, label: str, field: str, show: Callable[[str], str]
) -> HttpResponse:
    """The page that asks for a reason; the value, or why not, as the page or as plain text."""
    context: dict[str, Any] = {"student": row, "label": label, "field": field}
    if request.method == "GET":
        return render(request, "students/reveal.html", context)
    status = 200
    try:
        text = show(_reason(request))
    except Refused as refused:
        status = 400
        text = "；".join(str(r) for r in refused.reasons)
    if "text/plain" in request.headers.get("Accept", ""):
        answer = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    else:
        context |= {"value": text} if status == 200 else {"error": text}
        answer = render(request, "students/reveal.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _reason(request: StaffRequest) -> str:
    chosen = request.POST.get("reason", "").strip()
    detail = request.POST.get("detail", "").strip()[:100]
    if chosen == "other":
        return detail
    return f"{chosen}，{detail}" if chosen and detail else chosen


@requires(Role.OPERATOR, methods="GET POST")
def change(request: StaffRequest, student_id: int) -> HttpResponse:
    """Record 学籍异动."""
    row = _student(request, student_id)
    classes = SchoolClass.objects.for_school(request.school)
    form = ChangeForm(request.POST or None, kinds=possible_kinds(row), classes=classes)
    if request.method == "POST" and form.is_valid():
        try:
            made = change_enrolment(student=row, by=request.appointment, **form.cleaned_data)
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, str(reason))
        else:
            messages.success(request, _done(row, made))
            return redirect("students:student", student_id=row.pk)
    return render(request, "students/change.html", {"student": row, "form": form})


def _done(row: Student, made: EnrolmentChange) -> str:
    money = words_of(made)
    then = f"{money}。" if money else ""
    if made.to_class_id:
        what = f"已登记{row}{made.get_kind_display()}，现在在{made.to_class}；请班主任再核对名册。"
        return what + then
    return f"已登记{row}{made.get_kind_display()}，自{made.on:%Y年%-m月%-d日}起。{then}"


@requires(OFFICE)
def changes(request: StaffRequest) -> HttpResponse:
    """学籍异动 of the whole school, newest first."""
    rows = EnrolmentChange.objects.for_school(request.school).select_related(
        "student__school_class", "from_class", "to_class", "recorded_by"
    )
    kind = request.GET.get("kind", "")
    kinds = EnrolmentChange.Kind.choices
    if kind in dict(kinds):
        rows = rows.filter(kind=kind)
    text = request.GET.get("q", "").strip()[:64]
    if text:
        found = Student.objects.for_school(request.school).named_like(text)
        rows = rows.filter(student__in=found)
    page = Paginator(rows.order_by("-on", "-id"), PAGE).get_page(request.GET.get("page"))
    applied = [
        {"label": label, "value": value, "key": key, "raw": raw}
        for label, value, key, raw in (
            ("查找", text, "q", request.GET.get("q", "")),
            ("类别", dict(kinds).get(kind, ""), "kind", kind),
        )
        if value
    ]
    context = {
        "page": page,
        "rows": with_words(page, request.school),
        "kinds": kinds,
        "kind": kind,
        "applied": applied,
        "total": page.paginator.count,
        "sees_corrections": request.appointment.role in SEES_TAGS,
    }
    return render(request, "students/changes.html", context)


def _student(request: StaffRequest, student_id: int) -> Student:
    rows = students_of(request).select_related("school_class__head_teacher")
    found: Student = get_object_or_404(rows, pk=student_id)
    found.school = request.school
    return found
