"""更正证件: asked for on the student's page, signed by a second person of the school."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Reason, Refused
from office.wording import worded_all
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.actions import (
    propose_correction,
    propose_exchange,
    refuse_correction,
    reveal_correction,
    sign_correction,
    withdraw_correction,
)
from students.actions.corrections import FIELDS
from students.correction_forms import CorrectionAnswerForm, CorrectionForm, ExchangeForm
from students.models import IdentityCorrection, Student
from students.queue import corrections_of
from students.rules.corrections import lines_of
from students.rules.proposals import SIGNS
from students.rules.sight import SEES_TAGS
from students.views.student import shown_once

SHOWN = 100


@requires(SEES_TAGS)
def corrections(request: StaffRequest) -> HttpResponse:
    """What waits for the second person, and what was put right before."""
    rows = list(corrections_of(request.school)[:SHOWN])
    halves = [row for row in rows if row.pair]
    told = [(row, lines_of(row), _other_half(row, halves)) for row in rows]
    context = {
        "waiting": [one for one in told if one[0].status == "proposed"],
        "done": [one for one in told if one[0].status != "proposed"],
        "operator": request.appointment.role == Role.OPERATOR,
        "signs": request.appointment.role in SIGNS,
        "me": request.appointment.person_id,
    }
    return render(request, "students/corrections.html", context)


def _other_half(
    row: IdentityCorrection, halves: Iterable[IdentityCorrection]
) -> IdentityCorrection | None:
    return next((one for one in halves if one.pair == row.pair and one.pk != row.pk), None)


@requires(Role.OPERATOR, methods="GET POST")
def correction(request: StaffRequest, student_id: int) -> HttpResponse:
    """Ask for a student's document, numbers, name, birth date or sex to be put right."""
    rows = Student.objects.for_school(request.school).select_related("school_class")
    row: Student = get_object_or_404(rows, pk=student_id)
    row.school = request.school
    initial = {n: getattr(row, n) for n in ("name", "id_kind", "sex")}
    initial["birth_date"] = row.birth_date.isoformat()
    form = CorrectionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            propose_correction(student=row, told=form.told(), reason=reason, by=request.appointment)
        except Refused as refused:
            for found in refused.reasons:
                form.add_error(None, str(found))
        else:
            messages.success(request, f"已提请更正{row}的证件信息，审核人同意之后名册才会改。")
            return redirect("students:corrections")
    return render(request, "students/correction.html", {"form": form, "student": row})


@requires(Role.OPERATOR, methods="GET POST")
def exchange(request: StaffRequest, student_id: int) -> HttpResponse:
    """Ask that two students exchange the numbers that were entered the wrong way round."""
    rows = Student.objects.for_school(request.school).select_related("school_class")
    row: Student = get_object_or_404(rows, pk=student_id)
    row.school = request.school
    present = rows.exclude(status=Student.Status.LEFT).exclude(pk=row.pk)
    form = ExchangeForm(request.POST or None, students=present)
    if request.method == "POST" and form.is_valid():
        try:
            propose_exchange(first=row, by=request.appointment, **form.cleaned_data)
        except Refused as refused:
            for found in refused.reasons:
                form.add_error(None, str(found))
        else:
            other = form.cleaned_data["second"]
            messages.success(
                request, f"已提请交换{row}和{other}的证件号码，审核人同意一次，两人一起改。"
            )
            return redirect("students:corrections")
    return render(request, "students/exchange.html", {"form": form, "student": row})


@requires(SIGNS, methods="POST")
def correction_sign(request: StaffRequest) -> HttpResponse:
    """The second person's consent; the roster follows."""
    return _answer(
        request,
        lambda row, _: sign_correction(correction=row, by=request.appointment),
        "已更正{}的证件信息，下次导入名册按新号码对照。",
    )


@requires(SIGNS, methods="POST")
def correction_refuse(request: StaffRequest) -> HttpResponse:
    """Sent back with the reason."""
    return _answer(
        request,
        lambda row, why: refuse_correction(correction=row, reason=why, by=request.appointment),
        "已退回{}的更正，名册没有变化，经办会看到原因。",
    )


@requires(Role.OPERATOR, methods="POST")
def correction_withdraw(request: StaffRequest) -> HttpResponse:
    """Taken back before it is signed."""
    return _answer(
        request,
        lambda row, _: withdraw_correction(correction=row, by=request.appointment),
        "已撤回{}的更正，名册没有变化。",
    )


def _answer(
    request: StaffRequest, act: Callable[[IdentityCorrection, str], Any], said: str
) -> HttpResponse:
    form = CorrectionAnswerForm(request.POST, corrections=corrections_of(request.school))
    if not form.is_valid():
        raise Refused([Reason(text) for _, text in worded_all(form)])
    row = form.cleaned_data["correction"]
    act(row, form.cleaned_data["reason"])
    messages.success(request, said.format(row.student.name))
    return redirect("students:corrections")


@requires(SEES_TAGS, methods="GET POST")
def correction_reveal(request: StaffRequest, correction_id: int, field: str) -> HttpResponse:
    """Ask for a reason, then show one new number once."""
    rows = corrections_of(request.school).select_related("student__school_class")
    row: IdentityCorrection = get_object_or_404(rows, pk=correction_id)
    if field not in FIELDS:
        raise Http404

    def show(reason: str) -> str:
        return reveal_correction(correction=row, field=field, reason=reason, by=request.appointment)

    return shown_once(request, row.student, FIELDS[field], field, show)
