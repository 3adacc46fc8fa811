"""What people type into a form of an application, and what it answers."""

from decimal import Decimal

import pytest

from applications.family_forms import EnterForm, IncomeForm, MemberForm
from applications.forms import income_field, whole_field, yuan_field
from applications.views.green import GreenForm

FATHER = {"name": "张样泽", "relation": "父亲", "age": "43", "health": "健康"}


@pytest.mark.parametrize(
    "typed",
    ["30000", "30,000", "30，000", "３００００", "３０，０００", " 30 000 ", "30\u3000000.00"],
)
def test_an_amount_is_read_however_its_thousands_stand(typed: str) -> None:
    assert yuan_field("金额").clean(typed) == Decimal(30000)


@pytest.mark.parametrize("typed", ["43", "４３", " 43 ", "4 3"])
def test_a_whole_number_is_read_in_digits_of_either_width(typed: str) -> None:
    assert whole_field("年龄", 0, 120, 41).clean(typed) == 43


def test_blanks_alone_are_nothing_typed() -> None:
    assert income_field("年收入").clean("　") is None
    assert "annual_income" in MemberForm({**FATHER, "annual_income": " "}).errors


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("不知道", "请填数字，例如8000"),
        ("-1", "不能是负数，没有收入填0"),
        ("1.234", "角分最多两位小数，例如8000.50"),
        ("12345678901", "数太大了，单位是元，请核对"),
    ],
)
def test_an_income_is_answered_in_the_words_of_the_office(typed: str, told: str) -> None:
    form = MemberForm({**FATHER, "annual_income": typed})
    assert form.errors["annual_income"] == [told]


def test_a_sum_put_off_is_not_told_about_income() -> None:
    form = GreenForm({"amount": "-500"})
    assert form.errors["amount"] == ["不能是负数"]


@pytest.mark.parametrize("typed", ["0", "16", "-1"])
def test_a_number_out_of_bounds_is_told_the_bounds(typed: str) -> None:
    form = IncomeForm({"students_in_family": typed})
    assert form.errors["students_in_family"] == ["应在1到15之间，请核对"]


@pytest.mark.parametrize("typed", ["1234", "990000201001011234", "abcde", "示例123"])
def test_the_tail_is_six_characters(typed: str) -> None:
    form = EnterForm({"code": "ABCD", "name": "张样泽", "tail": typed})
    assert form.errors["tail"] == ["要填最后6位数字和字母"]


@pytest.mark.parametrize("typed", ["01123X", "０１１２３ｘ", " 0112 3x "])
def test_the_tail_is_read_in_either_width(typed: str) -> None:
    form = EnterForm({"code": "ABCD", "name": "张样泽", "tail": typed})
    form.is_valid()
    assert form.cleaned_data["tail"] == "01123X"
