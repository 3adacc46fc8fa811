"""When a round takes applications, as a form."""

from datetime import date

from django import forms

from applications.forms import WholeField
from applications.models import Round
from applications.rules import windows
from applications.rules.windows import LONGEST, WORKDAYS_TO_APPLY, Window
from schools.models import Term


class WindowForm(forms.Form):
    """The first day, and how many working days after it."""

    opens_on = forms.DateField(
        label="申请开始", error_messages={"invalid": "请填日期，例如2026-09-01"}
    )
    workdays = WholeField(
        label="申请期",
        help_text=f"{WORKDAYS_TO_APPLY}到{LONGEST}个工作日，开始当天不计",
        error_messages={"invalid": "请填整数，例如5"},
    )

    def window(self, term: Term, today: date) -> Window:
        """What was asked for; valid forms only."""
        told = self.cleaned_data
        return windows.asked(told["opens_on"], told["workdays"], term=term, today=today)


class KindForm(forms.Form):
    """Which rounds open by themselves or by hand."""

    kind = forms.ChoiceField(choices=Round.Kind.choices, widget=forms.HiddenInput)
