"""转学: who is on the way out of this school and into it, and the steps of both sides."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Reason, Refused
from office.wording import worded_all
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import OFFICE, Role
from students.actions import (
    accept_transfer,
    decline_transfer,
    propose_transfer,
    sign_transfer,
    withdraw_transfer,
)
from students.models import EnrolmentChange, SchoolClass, Student
from students.moving_forms import TransferAnswerForm, TransferForm
from students.queue import transfers_in, transfers_out
from students.transfer_queue import with_words
from students.views.transfer_days import lines_of

SHOWN = 100


@requires(OFFICE)
def transfers(request: StaffRequest) -> HttpResponse:
    """Both directions, and days that are put right between the two."""
    days = lines_of(request.school, SHOWN)
    context = {
        "days": days,
        "days_wait": any(line.open for line in days),
        "being_dated": {line.day.transfer_id for line in days if line.open},
        "me": request.appointment.person_id,
        "out": transfers_out(request.school)[:SHOWN],
        "incoming": transfers_in(request.school)[:SHOWN],
        "today": clock.today(),
        "classes": list(SchoolClass.objects.for_school(request.school)),
        "operator": request.appointment.role == Role.OPERATOR,
        "signs": request.appointment.role in (Role.REVIEWER, Role.LEADER),
    }
    return render(request, "students/transfers.html", context)


@requires(Role.OPERATOR, methods="GET POST")
def transfer(request: StaffRequest, student_id: int) -> HttpResponse:
    """Propose to hand a student to another school of the system."""
    row = get_object_or_404(
        Student.objects.for_school(request.school).select_related("school_class"), pk=student_id
    )
    row.school = request.school
    form = TransferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = propose_transfer(student=row, by=request.appointment, **form.facts())
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, str(reason))
        else:
            messages.success(
                request, f"已提请{row}转往{made.to_school}，请审核人审核；审核之后对方才看得到。"
            )
            return redirect("students:transfers")
    return render(request, "students/transfer.html", {"form": form, "student": row})


@requires(Role.REVIEWER, Role.LEADER, methods="POST")
def transfer_sign(request: StaffRequest) -> HttpResponse:
    """The second person's consent; the student leaves."""
    told = _told(TransferAnswerForm(request.POST, transfers=transfers_out(request.school)))
    made = sign_transfer(transfer=told["transfer"], by=request.appointment)
    messages.success(request, f"{made.name}已转出，已移交{made.to_school}，等对方接收。")
    return redirect("students:transfers")


@requires(Role.OPERATOR, methods="POST")
def transfer_withdraw(request: StaffRequest) -> HttpResponse:
    """Taken back before it is signed."""
    told = _told(TransferAnswerForm(request.POST, transfers=transfers_out(request.school)))
    made = withdraw_transfer(transfer=told["transfer"], by=request.appointment)
    messages.success(request, f"已撤回{made.name}的转学，学籍没有变化。")
    return redirect("students:transfers")


@requires(Role.OPERATOR, methods="POST")
def transfer_accept(request: StaffRequest) -> HttpResponse:
    """Into a class of this school, since the day on which he came."""
    form = TransferAnswerForm(
        request.POST,
        transfers=transfers_in(request.school),
        classes=SchoolClass.objects.for_school(request.school),
    )
    told = _told(form)
    taken = accept_transfer(
        transfer=told["transfer"],
        school=request.school,
        to_class=told["to_class"],
        on=told["on"],
        by=request.appointment,
    )
    came = taken.changes.filter(kind=EnrolmentChange.Kind.TRANSFER_IN).latest("pk")
    ((_, money),) = with_words([came], request.school)
    messages.success(
        request, f"已接收{taken}，请班主任核对名册，并补上学号、监护人等信息。{money}。"
    )
    return redirect("students:student", student_id=taken.pk)


@requires(Role.OPERATOR, methods="POST")
def transfer_decline(request: StaffRequest) -> HttpResponse:
    """Sent back with the reason."""
    told = _told(TransferAnswerForm(request.POST, transfers=transfers_in(request.school)))
    made = decline_transfer(
        transfer=told["transfer"],
        school=request.school,
        reason=told["reason"],
        by=request.appointment,
    )
    messages.success(request, f"已退回{made.name}，{made.school}会看到原因。")
    return redirect("students:transfers")


def _told(form: TransferAnswerForm) -> dict[str, Any]:
    """What was posted; raises `Refused` with everything that is wrong with it."""
    if not form.is_valid():
        raise Refused([Reason(text) for _, text in worded_all(form)])
    return form.cleaned_data
