"""What people type about money; amounts are entered in yuan and kept in fen."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from applications.models import Programme
from disbursement import bank_files
from disbursement.models import AidCard
from schools import clock
from schools.models import School, Term


class CardForm(forms.Form):
    """A card as its face shows it."""

    number = forms.CharField(
        label="卡号",
        max_length=40,
        help_text="16至19位，可以带空格",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    bank = forms.CharField(label="开户行", max_length=48)
    holder = forms.CharField(label="户名", max_length=64, help_text="按银行登记的户名")
    guardians = forms.BooleanField(
        label="这是监护人的卡",
        required=False,
        help_text="只有允许使用监护人卡的项目能发到这张卡",
    )
    activated_on = forms.DateField(
        label="激活日期",
        required=False,
        help_text="本人已持证激活的填写；没有激活的留空",
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class ReplaceForm(CardForm):
    """The card that corrects or stands in for another."""

    reason = forms.CharField(label="更正或补办的原因", max_length=100)
    field_order = ("reason", "number", "bank", "holder", "guardians", "activated_on")


class FundForm(forms.Form):
    """Money received, by its document."""

    programme = forms.ModelChoiceField(
        label="资助项目", queryset=Programme.objects.none(), empty_label="请选择"
    )
    term = forms.ModelChoiceField(label="学期", queryset=Term.objects.none(), empty_label="请选择")
    document_no = forms.CharField(label="拨款文号", max_length=64)
    amount = forms.DecimalField(
        label="到账金额", min_value=Decimal("0.01"), max_digits=13, decimal_places=2
    )
    received_on = forms.DateField(label="到账日期", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, school: School, programmes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes  # type: ignore[attr-defined]
        self.fields["term"].queryset = Term.objects.order_by("-code")  # type: ignore[attr-defined]

    @property
    def amount_fen(self) -> int:
        """The amount in fen."""
        return int(self.cleaned_data["amount"] * 100)


class SendForm(forms.Form):
    """Which format the bank takes."""

    profile = forms.ChoiceField(label="银行格式", choices=list(bank_files.PROFILES.items()))


class ReasonForm(forms.Form):
    """Why something goes back, or why a number is shown."""

    reason = forms.CharField(label="原因", max_length=100)


class RecoveryForm(forms.Form):
    """How much of a payment is asked back, and why."""

    amount = forms.DecimalField(
        label="追回金额", min_value=Decimal("0.01"), max_digits=13, decimal_places=2
    )
    reason = forms.CharField(label="原因", max_length=100)

    @property
    def amount_fen(self) -> int:
        """The amount in fen."""
        return int(self.cleaned_data["amount"] * 100)


class ReturnedForm(forms.Form):
    """When the money came back, by which voucher."""

    returned_on = forms.DateField(label="到账日期")
    voucher = forms.CharField(label="凭证号", max_length=64)


def initial_card(card: AidCard | None, holder: str) -> dict[str, Any]:
    """What a form about a card starts with; never the number."""
    if card is None:
        return {"holder": holder}
    return {"bank": card.bank, "holder": holder, "guardians": card.guardians}


def initial_fund(term: Term | None) -> dict[str, Any]:
    """This term, today."""
    today: date = clock.today()
    return {"term": term, "received_on": today}
