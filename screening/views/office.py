"""The aid office's pages: the term at a glance, filling in, review and signature, the worklist."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from office.asked import key_of
from schools import clock, workdays
from schools.access import StaffRequest, requires
from schools.official import calendar, remaining
from schools.roles import BUREAU_ROLES, OFFICE, SCHOOL_ROLES, Role
from screening import actions, facts, queue, rules
from screening.annexes import wording
from screening.annexes.gathering import kind_of, schools_of
from screening.categories import LABELS
from screening.forms import AnswersForm
from screening.models import Screening
from screening.numbers import counted
from screening.views import bureau
from screening.views.classes import led_classes
from screening.views.showing import school_context
from screening.views.terms import term_of
from students.models import SpecialGroupTag, Student, live_tag
from students.rules.sight import SEES_TAGS

PER_PAGE = 50


@requires(SCHOOL_ROLES, BUREAU_ROLES)
def index(request: StaffRequest) -> HttpResponse:
    """学期排查: the school's, the head teacher's own classes, or the bureau's overview."""
    role = request.appointment.role
    if role in BUREAU_ROLES:
        return bureau.overview(request)
    if role == Role.HEAD_TEACHER:
        return _own_classes(request)
    context = school_context(request.school, term_of(request), request.appointment)
    return render(request, "screening/school.html", context)


def _own_classes(request: StaffRequest) -> HttpResponse:
    term = term_of(request)
    screening = queue.current(request.school, term)
    classes = list(led_classes(request))
    if screening is not None and len(classes) == 1:
        return redirect("screening:class", class_id=classes[0].pk)
    context: dict[str, Any] = {"term": term, "screening": screening, "classes": classes}
    if screening is not None:
        context["progress"] = queue.by_class(screening, classes)
        context["workdays"] = remaining(screening.due_on)
    return render(request, "screening/classes.html", context)


@requires(Role.OPERATOR, methods="POST")
def open_term(request: StaffRequest) -> HttpResponse:
    """Begin the term's screening, or take in who came since."""
    screening = actions.open_screening(
        school=request.school, term=term_of(request), by=request.appointment
    )
    n = queue.present(screening).count()
    due = screening.due_on
    messages.success(
        request,
        f"排查名单共{n}人，请班主任逐一核实，{due.month}月{due.day}日前签字报送。",
    )
    return redirect("screening:index")


@requires(Role.OPERATOR, methods="GET POST")
def fill(request: StaffRequest, screening_id: int) -> HttpResponse:
    """填报: the numbers to be frozen, what still stands in the way, and the table's question."""
    screening = _own(request, screening_id)
    form = AnswersForm(request.POST or None, initial={"full_coverage": screening.full_coverage})
    if request.method == "POST" and form.is_valid():
        actions.fill(screening=screening, by=request.appointment, **form.cleaned_data)
        messages.success(request, "已填报，数字已固定，等待审核人审核。")
        return redirect("screening:index")
    school, term = screening.school, screening.term
    found = facts.of_students([school.pk], term)
    standing = queue.standing(screening)
    reasons = rules.why_closed(screening) or [
        *rules.why_household_blank(standing, found),
        *rules.why_not_complete(standing, found),
    ]
    context = {
        "screening": screening,
        "form": form,
        "question": wording.COVERAGE[kind_of(request.school)],
        "kind": kind_of(request.school),
        "numbers": counted([school.pk], term)[school.pk],
        "reasons": reasons,
    }
    return render(request, "screening/fill.html", context)


def _own(request: StaffRequest, screening_id: int) -> Screening:
    found: Screening = get_object_or_404(
        Screening.objects.for_school(request.school).select_related("term", "school"),
        pk=screening_id,
    )
    return found


@requires(Role.REVIEWER, methods="POST")
def review(request: StaffRequest, screening_id: int) -> HttpResponse:
    """审核."""
    actions.review(screening=_own(request, screening_id), by=request.appointment)
    messages.success(request, "已审核，等待分管领导签字。")
    return redirect("screening:index")


@requires(Role.LEADER, methods="POST")
def sign(request: StaffRequest, screening_id: int) -> HttpResponse:
    """签字报送."""
    actions.sign(screening=_own(request, screening_id), by=request.appointment)
    messages.success(request, "已签字报送，资助中心可以看到本校的数字。")
    return redirect("screening:index")


@requires(Role.REVIEWER, Role.LEADER, BUREAU_ROLES, methods="POST")
def send_back(request: StaffRequest, screening_id: int) -> HttpResponse:
    """退回, by the school's checkers or, once signed, by its bureau."""
    if request.appointment.role in BUREAU_ROLES:
        screening = get_object_or_404(
            Screening.objects.filter(school__in=schools_of(request.organisation)),
            pk=screening_id,
        )
    else:
        screening = _own(request, screening_id)
    actions.send_back(
        screening=screening, reason=request.POST.get("reason", ""), by=request.appointment
    )
    messages.success(request, "已退回，学校改好后重新填报、审核、签字。")
    return redirect("screening:index")


@requires(OFFICE, BUREAU_ROLES)
def unaided(request: StaffRequest) -> HttpResponse:
    """应助未助 worklist: why, what will be done until when, and whether aid came since."""
    term = term_of(request)
    by_bureau = request.appointment.role in BUREAU_ROLES
    schools = schools_of(request.organisation).values("pk") if by_bureau else [request.school.pk]
    rows = queue.unaided(term, schools)
    chosen, state = request.GET.get("school", ""), request.GET.get("state", "")
    if by_bureau and (school_id := key_of(chosen)) is not None:
        rows = rows.filter(school_id=school_id)
    if state == "late":
        rows = rows.filter(measure_due_on__lt=clock.today())
    query = request.GET.get("q", "").strip()
    if query:
        rows = rows.filter(student__in=Student.objects.named_like(query))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    found = facts.of_students(
        sorted({row.school_id for row in page}), term, [row.student_id for row in page]
    )
    days, today = calendar(), clock.today()
    lines = [
        {
            "row": row,
            "category": LABELS.get(row.cell or (one.cell if one else 0) or 0, ""),
            "settled": one is None or not one.unaided,
            "left": workdays.remaining(days, today, row.measure_due_on or row.screening.due_on),
        }
        for row in page
        for one in [found.get(row.student_id)]
    ]
    context = {
        "term": term,
        "page": page,
        "lines": lines,
        "bureau": by_bureau,
        "sees": by_bureau or request.appointment.role in SEES_TAGS,
        "q": query,
        "state": state,
        "states": [("late", "已过时限")],
        "school": chosen,
        "schools": _options(request) if by_bureau else [],
    }
    return render(request, "screening/unaided.html", context)


def _options(request: StaffRequest) -> list[tuple[str, str]]:
    return [(str(s.pk), s.name) for s in schools_of(request.organisation)]


@requires(SEES_TAGS)
def several(request: StaffRequest) -> HttpResponse:
    """Students of two or more special groups, and the one category each is counted in."""
    term = term_of(request)
    tags = (
        SpecialGroupTag.objects.for_school(request.school)
        .filter(live_tag(facts.day_of(term)), student__status=Student.Status.ENROLLED)
        .select_related("group", "student__school_class")
        .order_by("student__pinyin", "student_id", "group__order")
    )
    groups: dict[int, list[SpecialGroupTag]] = defaultdict(list)
    for tag in tags:
        groups[tag.student_id].append(tag)
    more = [found for found in groups.values() if len({t.group_id for t in found}) > 1]
    known = facts.of_students([request.school.pk], term, [f[0].student_id for f in more])
    lines = [
        {
            "student": found[0].student,
            "tags": found,
            "category": LABELS.get(known[found[0].student_id].cell or 0, "不列入"),
        }
        for found in more
        if found[0].student_id in known
    ]
    page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "screening/several.html", {"term": term, "page": page})


@requires(Role.OPERATOR, Role.LEADER, BUREAU_ROLES, methods="POST")
def table(request: StaffRequest) -> HttpResponse:
    """Ask for 附件1 or 附件2; the result is handed out on the page of the job."""
    by_bureau = request.appointment.role in BUREAU_ROLES
    job = actions.want_table(
        form="district" if by_bureau else "school",
        organisation=request.organisation,
        term=term_of(request),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    return redirect(reverse("office:job", kwargs={"job_id": job.pk}))
