"""Forms on paper: a blank one, one that was filled in, a class's as a job."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from applications import actions, queue
from applications.paper_forms import blank_form, filled_form, recognition_forms
from applications.views.own import ENTERING, READING, own_application, own_round
from audit.refusal import Reason, Refused
from office.files import download
from schools.access import StaffRequest, requires

PDF = "application/pdf"


@requires(ENTERING)
def blank(request: StaffRequest, round_id: int) -> HttpResponse:
    """A blank form with the school's name, to be copied."""
    round_ = own_round(request, round_id)
    if not round_.is_recognition:
        raise Http404
    made = recognition_forms(request.school, round_, [blank_form()], roomy=True)
    return download("家庭经济困难学生认定申请表.pdf", made, PDF)


@requires(READING, methods="POST")
def filled(request: StaffRequest, application_id: int) -> HttpResponse:
    """One form as it was filled in; the reason is recorded."""
    row = own_application(request, application_id)
    household = actions.read_household(
        application=row, reason=request.POST.get("reason", ""), by=request.appointment
    )
    made = recognition_forms(request.school, row.round, [filled_form(row, household)])
    return download(f"认定申请表_{row.number}.pdf", made, PDF)


@requires(READING, methods="POST")
def of_class(request: StaffRequest, round_id: int) -> HttpResponse:
    """A class's handed-in forms as one PDF, made in the background."""
    round_ = own_round(request, round_id)
    asked = request.POST.get("class", "")
    if not asked.isdigit():
        raise Refused([Reason("没有选择班级", "在各班里选择")])
    school_class = get_object_or_404(queue.classes_of(request.appointment), pk=int(asked))
    job = actions.want_class_forms(
        round_=round_,
        school_class=school_class,
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    return redirect("office:job", job_id=job.pk)
