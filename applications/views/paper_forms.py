"""Forms on paper: a blank one, one that was filled in, a class's as a job."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from applications import actions, queue
from applications.grant_forms import (
    blank_grant,
    filled_grant,
    grant_forms,
    grant_pdf,
    has_form,
    title_of,
)
from applications.paper_forms import blank_form, filled_form, recognition_forms
from applications.told_above import told_above
from applications.views.own import ENTERING, READING, own_application, own_round
from applications.visit_forms import blank_visit, filled_visit, visit_forms
from applications.word_forms import recognition_form as word
from audit.refusal import Reason, Refused
from office.asked import key_of
from office.files import download
from schools.access import StaffRequest, requires

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@requires(ENTERING)
def blank(request: StaffRequest, round_id: int) -> HttpResponse:
    """A blank form with the school's name, to be copied; `?as=word` to be adapted."""
    round_ = own_round(request, round_id)
    if has_form(round_.programme) and round_.programme:
        form = blank_grant(round_.programme.stage)
        name = title_of(round_.programme)
        if request.GET.get("as") == "word":
            return download(f"{name}.docx", grant_forms(request.school, round_, [form]), DOCX)
        return download(f"{name}.pdf", grant_pdf(request.school, round_, [form], roomy=True), PDF)
    if not round_.is_recognition:
        raise Http404
    name = "家庭经济困难学生认定申请表"
    if request.GET.get("as") == "word":
        return download(f"{name}.docx", word(request.school, round_, blank_form()), DOCX)
    made = recognition_forms(request.school, round_, [blank_form()], roomy=True)
    return download(f"{name}.pdf", made, PDF)


@requires(READING, methods="POST")
def filled(request: StaffRequest, application_id: int) -> HttpResponse:
    """One form as it was filled in; the reason is recorded."""
    row = own_application(request, application_id)
    household = actions.read_household(
        application=row, reason=request.POST.get("reason", ""), by=request.appointment
    )
    above = told_above(row.round, [row.student_id])
    known = above.get(row.student_id)
    if has_form(row.round.programme):
        grant, name = filled_grant(row, household, known), f"助学金申请表_{row.number}"
        if request.POST.get("as") == "word":
            return download(f"{name}.docx", grant_forms(request.school, row.round, [grant]), DOCX)
        return download(f"{name}.pdf", grant_pdf(request.school, row.round, [grant]), PDF)
    form = filled_form(row, household, known)
    if request.POST.get("as") == "word":
        made = word(request.school, row.round, form)
        return download(f"认定申请表_{row.number}.docx", made, DOCX)
    made = recognition_forms(request.school, row.round, [form])
    return download(f"认定申请表_{row.number}.pdf", made, PDF)


@requires(ENTERING)
def blank_visits(request: StaffRequest, round_id: int) -> HttpResponse:
    """A blank record of a home visit, to be copied."""
    round_ = own_round(request, round_id)
    if not round_.is_recognition:
        raise Http404
    made = visit_forms(request.school, round_.term.year_label, [blank_visit()], roomy=True)
    return download("家访记录表.pdf", made, PDF)


@requires(READING, methods="POST")
def filled_visits(request: StaffRequest, application_id: int) -> HttpResponse:
    """The records of the visits to one family, to be signed; the reason is recorded."""
    row = own_application(request, application_id)
    visits = actions.read_visits(
        application=row, reason=request.POST.get("reason", ""), by=request.appointment
    )
    year = row.round.term.year_label
    made = visit_forms(request.school, year, [filled_visit(v) for v in visits])
    return download(f"家访记录表_{row.number}.pdf", made, PDF)


@requires(READING, methods="POST")
def of_class(request: StaffRequest, round_id: int) -> HttpResponse:
    """A class's handed-in forms, or the visits to them, as one file made in the background."""
    round_ = own_round(request, round_id)
    if not round_.is_recognition and not has_form(round_.programme):
        raise Http404
    asked = key_of(request.POST.get("class"))
    if asked is None:
        raise Refused([Reason("没有选择班级", "在各班里选择")])
    school_class = get_object_or_404(queue.classes_of(request.appointment), pk=asked)
    job = actions.want_class_forms(
        round_=round_,
        school_class=school_class,
        reason=request.POST.get("reason", ""),
        by=request.appointment,
        word=request.POST.get("as") == "word",
        visits=round_.is_recognition and request.POST.get("as") == "visits",
    )
    return redirect("office:job", job_id=job.pk)
