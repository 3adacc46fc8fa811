"""Numbers as families type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.forms import YuanField, income_field, whole_field
from applications.rules.amounts import plain_digits


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("32000", "32000"),
        ("30,000", "30000"),
        ("３００００", "30000"),
        ("8000元", "8000"),
        ("约8000块钱", "8000"),
        ("八千多", "8000"),
        ("3万元左右", "30000"),
        ("3万", "30000"),
        ("3.5万", "35000"),
        ("三万", "30000"),
        ("三万五", "35000"),
        ("3万5", "35000"),
        ("三万五千", "35000"),
        ("3万5千元", "35000"),
        ("一万零五", "10005"),
        ("一万零五百", "10500"),
        ("十二万", "120000"),
        ("二十五", "25"),
        ("一千二", "1200"),
        ("一百五", "150"),
        ("两万", "20000"),
        ("十", "10"),
        ("十五", "15"),
        ("零", "0"),
        ("44岁", "44"),
        ("五口人", "5"),
        ("5口", "5"),
        ("-5", "-5"),
        ("", ""),
        ("  ", ""),
        # What is no number stays what it is, and the form says so.
        ("没有", "没有"),
        ("万", "万"),
        ("三四万", "三四万"),
        ("3万2万", "3万2万"),
        ("一百千", "一百千"),
        ("1e5", "1e5"),
        ("元", "元"),
    ],
)
def test_what_is_understood(typed: str, read: str) -> None:
    assert plain_digits(typed) == read


@given(st.integers(0, 99_999_999))
def test_plain_digits_stay(number: int) -> None:
    assert plain_digits(str(number)) == str(number)
    assert plain_digits(f"{number:,}元") == str(number)


@given(st.text(st.sampled_from("零〇一二两三五九十百千万0123.元约岁 -"), max_size=12))
def test_whatever_is_typed_is_a_number_or_refused(text: str) -> None:
    read = plain_digits(text)
    assert isinstance(read, str)
    assert plain_digits(read) == read or not read.isdecimal()


def test_the_forms_read_them() -> None:
    income: YuanField = income_field("一年的收入")
    assert income.clean("3万") == 30_000
    assert whole_field("年龄", 0, 120, 41).clean("六十六岁") == 66
