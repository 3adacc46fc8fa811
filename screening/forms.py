"""What people fill in: an 应助未助 explained, the answers of the table, reasons."""

from datetime import date
from typing import Any

from django import forms

from screening.models import Screening

REASONS = (
    "家长不了解政策，没有申请",
    "名单本学期新增",
    "转入不久，还没有办理",
    "材料不齐，没有受理",
)
MEASURES = (
    "补办认定申请",
    "通知家长并协助申请",
    "校内困难补助先行资助",
    "报领导小组按特殊情况认定",
)


class UnaidedForm(forms.Form):
    """Why the student goes unaided, what will be done, and until when."""

    reason = forms.CharField(
        label="应资助未资助原因",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "reasons"}),
        error_messages={"required": "请写明应资助未资助的原因"},
    )
    measure = forms.CharField(
        label="解决措施",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "measures"}),
        error_messages={"required": "请写明解决措施"},
    )
    measure_due_on = forms.DateField(
        label="解决时限",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请填解决时限"},
    )


class AnswersForm(forms.Form):
    """The question of the printed table; may stay open (§B.3 ruling 6)."""

    full_coverage = forms.ChoiceField(
        label="是否落实",
        choices=[("yes", "是"), ("no", "否"), ("", "留空（本校不适用）")],
        required=False,
        widget=forms.RadioSelect,
    )
    coverage_reason = forms.CharField(
        label="具体原因及整改措施",
        max_length=200,
        required=False,
        help_text="选“否”时填写",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        """否 needs the reason and the remedy."""
        cleaned = super().clean() or {}
        no = cleaned.get("full_coverage") == Screening.Answer.NO
        if no and not cleaned.get("coverage_reason", "").strip():
            self.add_error("coverage_reason", "选“否”的，要写具体原因及整改措施")
        return cleaned


def explained(row_reason: str, row_measure: str, due: date | None) -> dict[str, Any]:
    """Initial values of `UnaidedForm` from what was written before."""
    return {"reason": row_reason, "measure": row_measure, "measure_due_on": due}
