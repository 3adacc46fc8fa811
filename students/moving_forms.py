"""What people type about the turn of the year and about transfers."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from schools import clock
from schools.models import School
from students.models import SchoolClass, Transfer, TransferDay
from students.rules.rollover import Period


class RolloverForm(forms.Form):
    """升班."""

    year = forms.IntegerField(widget=forms.HiddenInput)
    left_on = forms.DateField(
        label="毕业日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "还没有填毕业日期。"},
    )
    sure = forms.BooleanField(
        label="已逐班核对，留级的学生已登记",
        error_messages={"required": "请核对之后在“已逐班核对”前打勾。"},
    )

    def __init__(
        self, *args: Any, period: Period | None, usual: date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _between(self.fields["left_on"], period, "毕业班学生离校的日期，按月发放的资助从次月起停发")
        self.fields["left_on"].initial = usual or clock.today()

    def facts(self) -> dict[str, Any]:
        """Arguments of `actions.roll_over`."""
        return {name: self.cleaned_data[name] for name in ("year", "left_on")}


class GraduationDayForm(forms.Form):
    """The day of a 升班 that is done, put right."""

    left_on = forms.DateField(
        label="正确的毕业日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "还没有填正确的毕业日期。"},
    )
    reason = forms.CharField(
        label="更正的原因",
        max_length=120,
        error_messages={"required": "还没有写明更正的原因。"},
    )

    def __init__(self, *args: Any, period: Period, **kwargs: Any) -> None:
        # Beside the form of the next 升班, which asks for a day too.
        kwargs["auto_id"] = "day_%s"
        super().__init__(*args, **kwargs)
        _between(self.fields["left_on"], period, "这次升班毕业的学生一起更正")


class ChangeDayForm(forms.Form):
    """The day of one recorded change, put right."""

    on = forms.DateField(
        label="正确的日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": "还没有填正确的日期。",
            "invalid": "正确的日期不对，请重新选择。",
        },
    )
    reason = forms.CharField(
        label="更正的原因",
        max_length=120,
        help_text="例如：日期写错了，以批准文件为准",
        error_messages={"required": "还没有写明更正的原因。"},
    )
    seen = forms.DateField(
        widget=forms.HiddenInput,
        error_messages={"required": "请重新打开这一页。", "invalid": "请重新打开这一页。"},
    )


class TransferDayForm(ChangeDayForm):
    """The day of an accepted transfer, which the other school is asked about."""

    reason = forms.CharField(
        label="更正的原因",
        max_length=120,
        help_text="对方学校会看到，例如：日期写错了，以转学证明为准",
        error_messages={"required": "还没有写明更正的原因。"},
    )


class RecallForm(forms.Form):
    """Why a 升班 is to be taken back."""

    reason = forms.CharField(
        label="收回的原因",
        max_length=120,
        error_messages={"required": "还没有写明收回的原因。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = "recall_%s"
        super().__init__(*args, **kwargs)


def _between(field: forms.Field, period: Period | None, help_text: str) -> None:
    """Tell, and let the browser offer, the days that are possible; the rules judge."""
    field.help_text = help_text
    if period is not None and period.first <= period.last:
        field.help_text += f"；在{_day(period.first)}到{_day(period.last)}之间"
        field.widget.attrs |= {"min": str(period.first), "max": str(period.last)}


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


class TransferForm(forms.Form):
    """转学 to another school of the system."""

    to_school = forms.CharField(
        label="转入学校",
        max_length=64,
        help_text="学校的全称或10位学校标识码；不在系统中的学校请登记“转出”",
    )
    on = forms.DateField(label="转出日期", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="原因", max_length=120, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = clock.today()

    def clean_to_school(self) -> School:
        """The one school of that code or name."""
        text = self.cleaned_data["to_school"].strip()
        found = list(School.objects.filter(Q(code=text) | Q(name=text))[:2])
        if not found:
            raise forms.ValidationError("系统中没有这所学校，请核对全称或标识码。")
        if len(found) > 1:
            raise forms.ValidationError("有几所学校同名，请填10位学校标识码。")
        return found[0]

    def facts(self) -> dict[str, Any]:
        """Arguments of `actions.propose_transfer`."""
        return dict(self.cleaned_data)


class TransferAnswerForm(forms.Form):
    """One step of a transfer: which, and what goes with the answer."""

    transfer = forms.ModelChoiceField(
        Transfer.objects.none(),
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": "这份转学单现在办不了：还没有审核，或者不是本校的，"
            "请刷新页面查看最新状态。",
            "required": "没有指明是哪一份转学单，请刷新页面再办。",
        },
    )
    to_class = forms.ModelChoiceField(
        SchoolClass.objects.none(),
        label="进入的班级",
        required=False,
        error_messages={
            "invalid_choice": "选的班级不是本校现有的班级，请重新选择。",
            "required": "还没有选择进入的班级。",
        },
    )
    on = forms.DateField(
        label="到校日期",
        required=False,
        error_messages={
            "invalid": "到校日期不对，请重新选择。",
            "required": "还没有填到校日期。",
        },
    )
    reason = forms.CharField(label="退回的原因", max_length=120, required=False)

    def __init__(self, *args: Any, transfers: Any, classes: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["transfer"].queryset = transfers  # type: ignore[attr-defined]
        if classes is not None:
            self.fields["to_class"].queryset = classes  # type: ignore[attr-defined]
            self.fields["to_class"].required = True
            self.fields["on"].required = True


class TransferDayAnswerForm(forms.Form):
    """One step of a correction of 转出日期: which, and why it is not agreed to."""

    day = forms.ModelChoiceField(
        TransferDay.objects.none(),
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": "这次更正现在办不了：不是本校的，或者已经没有了，"
            "请刷新页面查看最新状态。",
            "required": "没有指明是哪一次更正，请刷新页面再办。",
        },
    )
    reason = forms.CharField(label="不同意的原因", max_length=120, required=False)

    def __init__(self, *args: Any, days: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].queryset = days  # type: ignore[attr-defined]
