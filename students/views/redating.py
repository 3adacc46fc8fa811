"""更正异动日期: the day of one recorded change, put right by the school's officer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Refused
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.actions import correct_change_day
from students.actions.redating import beside_of
from students.models import EnrolmentChange, Transfer
from students.moving_forms import ChangeDayForm
from students.rules.redating import why_not_at_all
from students.transfer_queue import handed_by, with_words


@requires(Role.OPERATOR, methods="GET POST")
def change_day(request: StaffRequest, change_id: int) -> HttpResponse:
    """What was recorded, between which days it lies, and the day that is right."""
    rows = EnrolmentChange.objects.for_school(request.school)
    row = get_object_or_404(rows.select_related("student__school_class"), pk=change_id)
    beside = beside_of(row)
    if beside.handed_over and request.method == "GET" and (both := _accepted(row)):
        return redirect("students:transfer_day", transfer_id=both)
    form = ChangeDayForm(request.POST or None, initial={"on": row.on, "seen": row.on})
    if request.method == "POST" and form.is_valid():
        try:
            made = correct_change_day(change=row, by=request.appointment, **form.cleaned_data)
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error("on" if "日期" in reason.text else None, str(reason))
        else:
            money = _words(request, made)
            then = f"{money}，已经发放的不会自动追回，请核对。" if money else ""
            on = f"{made.on:%Y年%-m月%-d日}"
            what = f"已把{row.student}{made.get_kind_display()}的日期更正为{on}。"
            messages.success(request, what + then)
            return redirect("students:student", student_id=row.student_id)
    context = {
        "change": row,
        "student": row.student,
        "beside": beside,
        "money": _words(request, row),
        "reasons": why_not_at_all(row, beside),
        "form": form,
    }
    return render(request, "students/change_day.html", context)


def _words(request: StaffRequest, row: EnrolmentChange) -> str:
    ((_, words),) = with_words([row], request.school)
    return words


def _accepted(row: EnrolmentChange) -> int | None:
    """The transfer whose day both schools have to put right."""
    made = handed_by(row)
    return made.pk if made and made.status == Transfer.Status.ACCEPTED else None
