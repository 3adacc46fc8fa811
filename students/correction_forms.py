"""What people type to put a student's identity right, checked before an action sees it."""

from typing import Any

from django import forms

from students.models import IdentityCorrection, Student
from students.rules.corrections import Identity


class CorrectionForm(forms.Form):
    """更正证件; numbers are judged by the rules, with every reason at once."""

    id_kind = forms.ChoiceField(label="证件类型", choices=Student.IdKind.choices)
    id_number = forms.CharField(label="证件号码", max_length=24, required=False)
    enrolment_no = forms.CharField(label="学籍号", max_length=24, required=False)
    name = forms.CharField(
        label="姓名", max_length=64, error_messages={"required": "还没有填姓名。"}
    )
    sex = forms.ChoiceField(label="性别", choices=Student.Sex.choices)
    birth_date = forms.DateField(
        label="出生日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "还没有填出生日期。", "invalid": "出生日期不对，请重新选择。"},
    )
    reason = forms.CharField(
        label="依据",
        max_length=120,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例如：已办理身份证，凭户口簿第3页更正",
        error_messages={"required": "还没有写明依据。"},
    )

    def told(self) -> Identity:
        """Argument of `actions.propose_correction`."""
        return Identity(**{n: v for n, v in self.cleaned_data.items() if n != "reason"})


class CorrectionAnswerForm(forms.Form):
    """One step of a correction: which, and why not."""

    correction = forms.ModelChoiceField(IdentityCorrection.objects.none())
    reason = forms.CharField(max_length=120, required=False)

    def __init__(self, *args: Any, corrections: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["correction"].queryset = corrections  # type: ignore[attr-defined]
