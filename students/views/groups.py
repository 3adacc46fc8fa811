"""特殊群体比对: what departments' lists say about the school's own students."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.models import SchoolClass, SpecialGroup, SpecialGroupTag, Student, live_tag
from students.name_queue import names_checked, names_differing
from students.queue import people_waiting
from students.rules.sight import SEES_TAGS

PAGE = 50
MOST_DIFFERING = 50
RURAL_CELLS = (SpecialGroup.Cell.RURAL_DIBAO, SpecialGroup.Cell.RURAL_DESTITUTE)


@requires(SEES_TAGS)
def groups(request: StaffRequest) -> HttpResponse:
    """Counts by group, and the students of the chosen one with source and period."""
    today = clock.today()
    live = (
        SpecialGroupTag.objects.for_school(request.school)
        .filter(live_tag(today))
        .exclude(student__status=Student.Status.LEFT)
    )
    counts = dict(
        live.values_list("group_id").annotate(n=Count("student", distinct=True)).order_by()
    )
    every = list(SpecialGroup.objects.filter(Q(valid_to=None) | Q(pk__in=counts)))
    chosen = next((g for g in every if g.code == request.GET.get("group", "")), None)
    classes = list(SchoolClass.objects.for_school(request.school))
    in_class = next((c for c in classes if str(c.pk) == request.GET.get("class", "")), None)
    text = request.GET.get("q", "").strip()[:64]
    blank = request.GET.get("household", "") == "blank"
    tags = _narrowed(live, chosen, in_class, blank)
    if text:
        tags = tags.filter(student__in=Student.objects.for_school(request.school).named_like(text))
    tags = tags.select_related("student__school_class", "group")
    ordered = tags.order_by("student__pinyin", "student_id", "group__order", "pk")
    differing = names_differing(request.school)
    checked = names_checked(request.school)
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "total": page.paginator.count,
        "students": live.aggregate(n=Count("student", distinct=True))["n"],
        "rows": [{"group": g, "n": counts.get(g.pk, 0)} for g in every if counts.get(g.pk)],
        "group_choices": [(g.code, g.name) for g in every],
        "chosen": chosen,
        "classes": [(c.pk, c.name) for c in classes],
        "in_class": in_class,
        "applied": _applied(request, chosen, in_class, text, blank),
        "today": today,
        "questions": people_waiting(request.school),
        "differing": list(differing[:MOST_DIFFERING]),
        "differing_total": differing.aggregate(
            people=Count("student", distinct=True), rows=Count("pk")
        ),
        "checked": checked[:MOST_DIFFERING],
        "checked_people": len({row.student_id for row, _ in checked}),
        "checked_total": len(checked),
        "operator": request.appointment.role == Role.OPERATOR,
    }
    return render(request, "students/groups.html", context)


def _narrowed(
    tags: QuerySet[SpecialGroupTag],
    chosen: SpecialGroup | None,
    in_class: SchoolClass | None,
    blank: bool,
) -> QuerySet[SpecialGroupTag]:
    if chosen:
        tags = tags.filter(group=chosen)
    if blank:
        # Where 户口性质 decides the 排查 category: those that the screening asks to complete.
        rural = Q(group__rural_only=True) | Q(group__cell__in=RURAL_CELLS)
        tags = tags.filter(rural, student__household="")
    if in_class:
        tags = tags.filter(student__school_class=in_class)
    return tags


def _applied(
    request: StaffRequest,
    chosen: SpecialGroup | None,
    in_class: SchoolClass | None,
    text: str,
    blank: bool,
) -> list[dict[str, Any]]:
    found = (
        ("查找", text, "q"),
        ("类型", chosen.name if chosen else "", "group"),
        ("班级", in_class.name if in_class else "", "class"),
        ("户口性质", "未填" if blank else "", "household"),
    )
    return [
        {"label": label, "value": value, "key": key, "raw": request.GET.get(key, "")}
        for label, value, key in found
        if value
    ]
