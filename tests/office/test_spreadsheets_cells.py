"""Cells: names, clean text, lost digits, dates."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from office.spreadsheets.cells import Cell, as_date, as_text, cell_name, is_float_id

NOON = datetime.combine(date(2009, 9, 1), time(12))


@given(st.integers(0, 1_048_575), st.integers(0, 16_383))
def test_names_are_excels(row: int, column: int) -> None:
    assert cell_name(row, column) == f"{get_column_letter(column + 1)}{row + 1}"


def test_a_name() -> None:
    assert cell_name(6, 2) == "C7"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (" 张三\t", "张三"),
        ("张三\u00a0\u200b", "张三"),
        ("\ufeff２０２６Ａａ", "2026Aa"),
        ("高一（1）班", "高一（1）班"),
        ("李\u3000四", "李 四"),
        (12.0, "12"),
        (12.5, "12.5"),
        (12, "12"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2009, 9, 1), "2009-09-01"),
        (datetime.combine(date(2009, 9, 1), time()), "2009-09-01"),
        (NOON, "2009-09-01 12:00:00"),
        (time(8, 30), "08:30:00"),
        (1.10105e17, "110105000000000000"),
        ("王𠮷㛃", "王𠮷㛃"),
        ("赵\x00示\x08例\x7f\x9f", "赵示例"),
        ("A\x00B", "AB"),
        ("AL\u202eI\u2066M\u2069\u061c", "ALIM"),
        ("示范区\r\n新镇\t1号", "示范区 新镇 1号"),
        ("a\nb", "a b"),
        ("示\u2028例", "示 例"),
    ],
)
def test_text(value: Cell, text: str) -> None:
    assert as_text(value) == text


@given(st.text())
def test_text_is_stable(text: str) -> None:
    assert as_text(as_text(text)).strip() == as_text(text).strip()


@given(st.text(st.sampled_from("赵例A \t\n\r\x00\x07\x1b\x85\x9f\u061c\u200f\u202e\u2028\u2069")))
def test_nothing_that_commands_a_screen_survives(text: str) -> None:
    assert set(as_text(text)) <= set("赵例A ")


@pytest.mark.parametrize(
    ("value", "lost"),
    [
        (110105194912310021.0, True),
        (110105194912310021, True),
        ("1.10105E+17", True),
        ("1.1e17", True),
        ("１.1Ｅ+17", True),
        ("11010519491231002X", False),
        ("110105194912310021", False),
        (110105491231002.0, False),
        (12.0, False),
        (True, False),
        (None, False),
        ("高一1E班", False),
    ],
)
def test_lost_digits(value: Cell, lost: bool) -> None:
    assert is_float_id(value) is lost


@pytest.mark.parametrize(
    "value",
    [
        date(2009, 9, 1),
        NOON,
        40057,
        40057.5,
        "40057",
        20090901,
        20090901.0,
        "20090901",
        "2009-09-01",
        "2009-9-1",
        "2009.9.1",
        "2009/9/1",
        "2009。9。1",
        "２００９－９－１",
        "2009年9月1日",
        "2009 年 09 月 01 日",
        " 2009-09-01 00:00:00 ",
        "2009-09-01T08:00",
    ],
)
def test_dates(value: Cell) -> None:
    assert as_date(value) == date(2009, 9, 1)


@pytest.mark.parametrize(
    "value",
    [
        *("", None, "2009", "2009年9月", "2009-13-01", "2009-02-30", "九月", "00000", "18991231"),
        *(True, 0, 5, -1, 1905, 2026, 2026.0, 9_999, 1e30),
        *(float("nan"), float("inf"), 300_000, time(8)),
    ],
)
def test_no_dates(value: Cell) -> None:
    with pytest.raises(ValueError, match="不是日期，请写成"):
        as_date(value)


@given(st.dates(date(1900, 3, 1), date(2099, 12, 31)))
def test_every_form_of_a_date_reads_back(day: date) -> None:
    forms = [f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日"]
    assert {as_date(form) for form in forms} == {day}
    serial = (day - date(1899, 12, 30)).days
    if serial >= 10_000:
        assert as_date(serial) == day
