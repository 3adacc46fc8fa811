"""重点保障: who is 困中之困, why, by whose word; a bureau sees how many at which school."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Reason, Refused
from office.wording import worded_all
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import School
from schools.roles import BUREAU_ROLES, Role
from students.actions import (
    list_protected,
    propose_lowering,
    refuse_lowering,
    sign_lowering,
    withdraw_lowering,
)
from students.correction_forms import LoweringAnswerForm, ProtectionForm
from students.models import (
    ProtectionWord,
    SpecialGroupTag,
    Student,
    live_tag,
    protected_among,
)
from students.models.protection import DISABLED
from students.rules.proposals import SIGNS
from students.rules.sight import SEES_TAGS

PAGE = 50


@dataclass(frozen=True, slots=True)
class Why:
    """One student's hardships in words, and the word of a person, if there is one."""

    hardships: list[str]
    word: ProtectionWord | None


def whys_of(
    students: Iterable[Student], live: Iterable[SpecialGroupTag] | None = None
) -> dict[int, Why]:
    """By student, in two queries; `live` are their tags of today in the groups' order, if known."""
    rows = list(students)
    told: dict[int, dict[str, str]] = defaultdict(dict)
    if live is None:
        tags = SpecialGroupTag.objects.filter(
            live_tag(clock.today()), student_id__in=[s.pk for s in rows]
        )
        live = tags.select_related("group").order_by("group__order")
    for tag in live:
        told[tag.student_id][tag.group.code] = tag.group.name
    words = ProtectionWord.objects.filter(status="force", student_id__in=[s.pk for s in rows])
    said = {word.student_id: word for word in words.select_related("proposed_by", "sign_by")}
    for student in rows:
        if student.disability and DISABLED not in told[student.pk]:
            told[student.pk][DISABLED] = "登记了残疾类型"
    return {s.pk: Why(list(told[s.pk].values()), said.get(s.pk)) for s in rows}


@requires(SEES_TAGS)
def protection(request: StaffRequest) -> HttpResponse:
    """Who is protected before others, and what waits for the second person."""
    today = clock.today()
    found = protected_among(Student.objects.for_school(request.school), today)
    ordered = found.select_related("school_class").order_by("pinyin", "pk")
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    waiting = list(_words(request).filter(status="proposed"))
    whys = whys_of([*page.object_list, *(word.student for word in waiting)])
    context = {
        "page": page,
        "rows": [(student, whys[student.pk]) for student in page],
        "total": page.paginator.count,
        "waiting": [(word, whys[word.student_id]) for word in waiting],
        "operator": request.appointment.role == Role.OPERATOR,
        "signs": request.appointment.role in SIGNS,
        "me": request.appointment.person_id,
        "today": today,
    }
    return render(request, "students/protection.html", context)


@requires(BUREAU_ROLES)
def protection_schools(request: StaffRequest) -> HttpResponse:
    """How many at each school that this bureau reaches; names stay with the schools."""
    found = protected_among(Student.objects.for_reach(request.organisation), clock.today())
    counts = dict(found.order_by().values_list("school_id").annotate(n=Count("pk")))
    schools = School.objects.filter(pk__in=counts).order_by("name")
    context = {
        "rows": [(school, counts[school.pk]) for school in schools],
        "total": sum(counts.values()),
        "today": clock.today(),
    }
    return render(request, "students/protection_schools.html", context)


@requires(Role.OPERATOR, methods="GET POST")
def protect(request: StaffRequest, student_id: int) -> HttpResponse:
    """List a student by the officer's word, or ask that he be listed no more."""
    rows = Student.objects.for_school(request.school).select_related("school_class")
    row: Student = get_object_or_404(rows, pk=student_id)
    row.school = request.school
    lowering = protected_among(rows.filter(pk=row.pk), clock.today()).exists()
    initial = {"act": "lower" if lowering else "list"}
    form = ProtectionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        act, said = _act(form.cleaned_data["act"])
        try:
            act(student=row, reason=form.cleaned_data["reason"], by=request.appointment)
        except Refused as refused:
            for found in refused.reasons:
                form.add_error(None, str(found))
        else:
            messages.success(request, said.format(row))
            return redirect("students:student", student_id=row.pk)
    context = {"form": form, "student": row, "lowering": lowering, "why": whys_of([row])[row.pk]}
    return render(request, "students/protect.html", context)


def _act(which: str) -> tuple[Callable[..., Any], str]:
    if which == "lower":
        return propose_lowering, "已提请不再把{}列为重点保障，审核人同意之后生效。"
    return list_protected, "已把{}列为重点保障学生，评审和发放时请优先核对。"


@requires(SIGNS, methods="POST")
def lowering_sign(request: StaffRequest) -> HttpResponse:
    """The second person's consent."""
    return _answer(
        request,
        lambda word, _: sign_lowering(word=word, by=request.appointment),
        "{}不再列为重点保障；以后又有新的困难情形，会重新列入。",
    )


@requires(SIGNS, methods="POST")
def lowering_refuse(request: StaffRequest) -> HttpResponse:
    """Sent back with the reason."""
    return _answer(
        request,
        lambda word, why: refuse_lowering(word=word, reason=why, by=request.appointment),
        "已退回，{}仍是重点保障学生，经办会看到原因。",
    )


@requires(Role.OPERATOR, methods="POST")
def lowering_withdraw(request: StaffRequest) -> HttpResponse:
    """Taken back before it is signed."""
    return _answer(
        request,
        lambda word, _: withdraw_lowering(word=word, by=request.appointment),
        "已撤回，{}仍是重点保障学生。",
    )


def _words(request: StaffRequest) -> Any:
    rows = ProtectionWord.objects.for_school(request.school)
    return rows.select_related("student__school_class", "proposed_by", "sign_by")


def _answer(
    request: StaffRequest, act: Callable[[ProtectionWord, str], Any], said: str
) -> HttpResponse:
    form = LoweringAnswerForm(request.POST, words=_words(request))
    if not form.is_valid():
        raise Refused([Reason(text) for _, text in worded_all(form)])
    word = form.cleaned_data["word"]
    act(word, form.cleaned_data["reason"])
    messages.success(request, said.format(word.student.name))
    return redirect("students:protection")
