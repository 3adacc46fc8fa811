"""ID numbers, phones, cards and names as schools type them (domain.md §C.8)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import identity

TODAY = date(2026, 9, 18)
BIRTHS = st.dates(date(1900, 1, 1), TODAY)
REGIONS = st.integers(100_000, 999_999).map(str)
SERIALS = st.integers(0, 999)


def check(number: str, *, known: bool = True) -> identity.IdCheck:
    return identity.check_id(number, today=TODAY, region_known=lambda region: known)


def test_the_sample_of_the_standard() -> None:
    result = check("11010519491231002X")
    assert result == identity.IdCheck("11010519491231002X", birth_date=date(1949, 12, 31), sex="女")


@given(REGIONS, BIRTHS, SERIALS)
def test_made_numbers_pass(region: str, birth: date, serial: int) -> None:
    result = check(identity.make_id(region, birth, serial))
    assert not result.problems
    assert not result.mended
    assert result.birth_date == birth
    assert result.sex == ("男" if serial % 2 else "女")


@given(REGIONS, BIRTHS, SERIALS, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(
    region: str, birth: date, serial: int, place: int, shift: int
) -> None:
    number = identity.make_id(region, birth, serial)
    wrong = str((int(number[place]) + shift) % 10)
    assert check(number[:place] + wrong + number[place + 1 :]).problems


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        "'11010519491231002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        " 110105 19491231 002X\u00a0",
        "110105-19491231-002X",
        "11010519491231002×",
        "\u200b11010519491231002X\ufeff",
    ],
)
def test_typing_accidents_are_mended_and_named(typed: str) -> None:
    result = check(typed)
    assert result.number == "11010519491231002X"
    assert not result.problems
    assert result.mended


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("", "是空的"),
        ("110105491231002", "15 位"),
        ("1101051949123100", "现有 16 位"),
        ("1101051949123100211", "现有 19 位"),
        ("11010519491231O02X", "前 17 位应为数字"),
        ("110105194912310021", "校验码"),
        ("110105194913310022", "不是真实的日期"),
        (identity.make_id("110105", date(2026, 9, 19), 2), "晚于今天"),
        (identity.make_id("110105", date(1899, 12, 31), 2), "早于 1900"),
    ],
)
def test_refusals_say_what_to_do(number: str, says: str) -> None:
    result = check(number)
    assert says in "".join(result.problems)
    assert result.birth_date is None
    assert result.sex is None


def test_an_unknown_region_only_warns() -> None:
    result = check("11010519491231002X", known=False)
    assert not result.problems
    assert "110105" in result.warnings[0]


@pytest.mark.parametrize(("region", "serial"), [("12345", 1), ("11010X", 1), ("110105", 1000)])
def test_no_number_from_wrong_parts(region: str, serial: int) -> None:
    with pytest.raises(ValueError, match="行政区划"):
        identity.make_id(region, TODAY, serial)


@pytest.mark.parametrize(
    ("typed", "number", "warns"),
    [
        ("13812341234", "13812341234", False),
        ("138-1234-1234", "13812341234", False),
        ("＋86 138 1234 1234", "13812341234", False),
        ("8613812341234", "13812341234", False),
        ("0571-87654321", "0571-87654321", False),
        ("（0571）87654321", "0571-87654321", False),
        ("0571—87654321", "0571-87654321", False),
        ("057187654321", "057187654321", False),
        ("010-87654321-801", "010-87654321-801", False),
        ("400-123-4567", "400-123-4567", False),
        ("87654321", "87654321", True),
    ],
)
def test_phones(typed: str, number: str, warns: bool) -> None:
    result = identity.check_phone(typed)
    assert not result.problems
    assert result.number == number
    assert bool(result.warnings) is warns


@pytest.mark.parametrize("typed", ["", "12812341234", "1381234123", "110", "138123412345", "无"])
def test_wrong_phones(typed: str) -> None:
    assert "电话号码应为" in identity.check_phone(typed).problems[0]


def test_a_land_line_is_no_mobile() -> None:
    assert identity.check_mobile("0571-87654321").problems == ["这里要填 11 位手机号。"]
    assert not identity.check_mobile("13812341234").problems
    assert identity.check_mobile("无").problems


def test_cards() -> None:
    assert identity.check_card("6222 0212 3456 7890 128").number == "6222021234567890128"
    assert not identity.check_card("4111111111111111").warnings
    assert "校验位" in identity.check_card("4111111111111112").warnings[0]
    assert "16 至 19 位" in identity.check_card("411111111111111").problems[0]
    assert identity.check_card("４１１１１１１１１１１１１１１１").mended


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("古丽·买买提", "古丽•买买提"),
        ("古丽·买买提", "古丽.买买提"),
        ("古丽·买买提", "古丽 ． 买买提"),
        ("古丽·买买提", "古丽・买买提"),
        ("张三", "张　三"),
        ("张三", "张\u200b三\u00a0"),
        ("Li Ming", "ＬＩＭＩＮＧ"),
    ],
)
def test_spellings_of_one_name(a: str, b: str) -> None:
    assert identity.name_key(a) == identity.name_key(b)


def test_rare_characters_survive() -> None:
    assert identity.name_key("王𠮷㛃") == "王𠮷㛃"
    assert not identity.valid_name("王𠮷㛃")
    assert not identity.valid_name("王\U0002ebf0")


@given(st.text())
def test_the_key_is_stable(name: str) -> None:
    key = identity.name_key(name)
    assert identity.name_key(key) == identity.name_key(identity.name_key(key))
    identity.valid_name(name)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "是空的"),
        (" \u200b", "是空的"),
        ("张", "2 至 60"),
        ("张" * 61, "2 至 60"),
        ("张三1", "数字或符号"),
        ("张?", "生僻字"),
        ("张□", "生僻字"),
        ("张\ue001", "自造字"),
        ("·张三", "间隔号"),
        ("古丽··买买提", "间隔号"),
    ],
)
def test_impossible_names(name: str, says: str) -> None:
    assert says in "".join(identity.valid_name(name))


@pytest.mark.parametrize("name", ["张三", "古丽·买买提", "Anna-Maria O'Neil", "欧阳小明"])
def test_possible_names(name: str) -> None:
    assert not identity.valid_name(name)
