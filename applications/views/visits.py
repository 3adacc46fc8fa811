"""家访记录 on a phone: who went, whom they met, what they saw."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from applications import actions
from applications.forms import text_field
from applications.models import HomeVisit
from applications.rules.visits import MOST_PHOTOS, VisitFacts
from applications.views.own import READING, own_application
from audit.refusal import Refused
from schools import clock
from schools.access import StaffRequest, requires


def _long(label: str, hint: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=hint,
    )


class VisitForm(forms.Form):
    """A visit as it is told."""

    way = forms.ChoiceField(
        label="方式",
        choices=HomeVisit.Way.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择"},
    )
    on = forms.DateField(label="日期", widget=forms.DateInput())
    second_visitor = text_field(
        "同行访员", 64, required=False, help_text="上门要两人同行，填另一位的姓名"
    )
    met = text_field("受访人", 64, help_text="见到、通话或谈话的人")
    met_relation = text_field("与学生的关系", 16, help_text="父亲、母亲、祖父等；谈心谈话填本人")
    housing = _long("住房与家庭成员", "房屋、同住的人")
    finances = _long("收入与支出", "做什么工作、主要开支、欠债")
    studies = _long("学业困难", "成绩、出勤、学习条件")
    mind = _long("心理健康状况", "情绪、交往、有没有要关心的事")
    relations = _long("家庭亲子关系", "谁照管、沟通如何、是否留守")
    wishes = _long("家长诉求和意见", "")
    policy_told = forms.BooleanField(label="已告知资助政策", required=False)
    conclusion = forms.ChoiceField(
        label="与申请表是否一致",
        choices=HomeVisit.Conclusion.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择"},
    )
    note = _long("不符或待核的内容", "属实的不用填")

    def told(self) -> VisitFacts:
        """The visit's facts."""
        return VisitFacts(**self.cleaned_data)


@requires(READING, methods="GET POST")
def record_visit(request: StaffRequest, application_id: int) -> HttpResponse:
    """The form of one visit or call."""
    row = own_application(request, application_id)
    if request.method == "GET":
        return _form(request, row, VisitForm(initial={"on": clock.today()}))
    form = VisitForm(request.POST)
    if not form.is_valid():
        return _form(request, row, form, status=422)
    try:
        visit = actions.record_visit(
            application=row,
            facts=form.told(),
            by=request.appointment,
            photos=[photo.read() for photo in request.FILES.getlist("photos")],
        )
    except Refused as refused:
        return _form(request, row, form, reasons=refused.reasons, status=409)
    messages.success(
        request, f"已记录{visit.get_way_display()}核实，结论：{visit.get_conclusion_display()}。"
    )
    return redirect("applications:application", application_id=row.pk)


def _form(
    request: StaffRequest, row: Any, form: VisitForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    shown = {"application": row, "form": form, "most_photos": MOST_PHOTOS, **context}
    return render(request, "applications/visit.html", shown, status=status)
