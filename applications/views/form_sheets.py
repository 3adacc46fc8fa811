"""成批录入: a workbook of many families' paper forms, looked at before anything is written."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from applications import actions, queue
from applications.actions.form_sheets import look_at
from applications.models import FormSheet, Round
from applications.rules import entries as rules
from applications.views.own import ENTERING, own_round, own_sheet
from audit.refusal import Reason, Refused
from office.asked import key_of
from office.files import XLSX, download
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import Role

LARGEST_FILE = 5 * 1024 * 1024
SHOWN = 200
RECENT = 10


class SheetFile(forms.Form):
    """The filled workbook; what it really is, the reader finds out."""

    file = forms.FileField(
        label="填报表",
        allow_empty_file=True,
        error_messages={"required": "还没有选择文件，请选择填好的填报表。"},
    )

    def clean_file(self) -> Any:
        """A workbook of 2,000 families is far smaller than this."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError("文件超过5MB，请删去图片，或按年级分成几份上传。")
        return file


def _sheets_round(request: StaffRequest, round_id: int) -> Round:
    round_ = own_round(request, round_id)
    if not round_.is_recognition:
        raise Http404
    return round_


@requires(ENTERING, methods="GET POST")
def form_sheets(request: StaffRequest, round_id: int) -> HttpResponse:
    """Take a template, upload what was filled in; nothing is written to the applications."""
    round_ = _sheets_round(request, round_id)
    posted = request.method == "POST"
    form = SheetFile(request.POST, request.FILES) if posted else SheetFile()
    reasons: list[Reason] = []
    if posted and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            staged = actions.stage_form_sheet(
                round_=round_, content=file.read(), filename=file.name, by=request.appointment
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            return redirect("applications:form_sheet", form_sheet_id=staged.pk)
    recent = FormSheet.objects.for_school(request.school).filter(round=round_)
    if request.appointment.role == Role.HEAD_TEACHER:
        recent = recent.filter(staged_by=request.appointment.person_id)
    context = {
        "round": round_,
        "form": form,
        "reasons": reasons,
        "closed": rules.why_not_open(round_, clock.today()),
        "class_options": list(queue.classes_of(request.appointment).values_list("pk", "name")),
        "recent": recent.select_related("staged_by").order_by("-staged_at", "-pk")[:RECENT],
    }
    return render(request, "applications/form_sheets.html", context, status=422 if posted else 200)


@requires(ENTERING, methods="POST")
def template(request: StaffRequest, round_id: int) -> HttpResponse:
    """The workbook to fill in for one class."""
    round_ = _sheets_round(request, round_id)
    asked = key_of(request.POST.get("class"))
    if asked is None:
        raise Refused([Reason("没有选择班级", "选择后再下载")])
    school_class = get_object_or_404(queue.classes_of(request.appointment), pk=asked)
    made = actions.form_template(round_=round_, school_class=school_class, by=request.appointment)
    return download(f"家庭情况填报表_{school_class.name}.xlsx", made, XLSX)


@requires(ENTERING)
def form_sheet(request: StaffRequest, form_sheet_id: int) -> HttpResponse:
    """What the workbook says, what is wrong in it, what entering it would do."""
    sheet = own_sheet(request, form_sheet_id)
    context: dict[str, Any] = {"sheet": sheet, "round": sheet.round}
    if sheet.status == FormSheet.Status.STAGED:
        seen = look_at(sheet, request.appointment)
        missing = sum(bool(one.missing) for one in seen.ready)
        context |= {
            "seen": seen,
            "errors": seen.errors[:SHOWN],
            "ready": seen.ready[:SHOWN],
            "incomplete": missing,
            "odd": sum(bool(one.doubts) for one in seen.ready),
            "over": clock.today() > sheet.round.closes_on,
            "closed": rules.why_not_open(sheet.round, clock.today()),
        }
    return render(request, "applications/form_sheet.html", context)


@requires(ENTERING, methods="POST")
def apply(request: StaffRequest, form_sheet_id: int) -> HttpResponse:
    """Enter the families, as drafts or handing in those that lack nothing."""
    done = actions.apply_form_sheet(
        sheet=own_sheet(request, form_sheet_id),
        hand_in=request.POST.get("how") == "submit",
        by=request.appointment,
    )
    drafts = done.entered - done.submitted
    told = {"提交": done.submitted, "存草稿": drafts}
    messages.success(
        request,
        f"已录入{done.entered}个家庭：{'，'.join(f'{k}{n}份' for k, n in told.items() if n)}。",
    )
    return redirect("applications:form_sheet", form_sheet_id=done.pk)


@requires(ENTERING, methods="POST")
def discard(request: StaffRequest, form_sheet_id: int) -> HttpResponse:
    """Put the workbook away."""
    sheet = actions.discard_form_sheet(
        sheet=own_sheet(request, form_sheet_id), by=request.appointment
    )
    messages.success(request, "已放弃这份填报表，文件已删除，没有录入任何申请。")
    return redirect("applications:form_sheets", round_id=sheet.round_id)


@requires(ENTERING, methods="POST")
def marked(request: StaffRequest, form_sheet_id: int) -> HttpResponse:
    """The same workbook with the errors marked."""
    made = actions.marked_form_sheet(
        sheet=own_sheet(request, form_sheet_id), by=request.appointment
    )
    return download("填报表-错误已标红.xlsx", made, XLSX)
