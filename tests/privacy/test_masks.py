"""Masks: how each value shows, and that the hidden part can't be read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import masks

DIGITS = st.text("0123456789", min_size=0, max_size=22)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("990101200909010013", "990****13"),
        ("11010519491231002X", "110****2X"),
        (" 990101200909010013 ", "990****13"),
        ("110105491231002", "110****02"),
        ("12345", "****"),
        ("", ""),
    ],
)
def test_id(number: str, shown: str) -> None:
    assert masks.mask_id(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("6228480402564893391", "尾号3391"),
        ("6228 4804 0256 4890", "尾号4890"),
        ("3391", "****"),
        ("卡号", "****"),
        ("", ""),
    ],
)
def test_card(number: str, shown: str) -> None:
    assert masks.mask_card(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812341234", "138****1234"),
        ("138 1234 1234", "138****1234"),
        ("+86 13812341234", "138****1234"),
        ("0571-87654321", "0571****21"),
        ("010-87654321", "010****21"),
        ("87654321", "****21"),
        ("12345", "****"),
        ("无", "****"),
        ("", ""),
    ],
)
def test_phone(number: str, shown: str) -> None:
    assert masks.mask_phone(number) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("浙江省宁波市鄞州区某某路1号", "浙江省宁波市****"),
        ("3号楼201", "3号楼****"),
        ("村", "****"),
        ("", ""),
    ],
)
def test_address(address: str, shown: str) -> None:
    assert masks.mask_address(address) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张小三", "张*三"),
        ("古丽·买买提", "古****提"),
        ("张", "张*"),
        ("", ""),
    ],
)
def test_name(name: str, shown: str) -> None:
    assert masks.mask_name(name) == shown


@given(DIGITS)
def test_no_mask_shows_more_than_seven_digits(number: str) -> None:
    for mask in (masks.mask_id, masks.mask_card, masks.mask_phone):
        shown = [character for character in mask(number) if character.isdigit()]
        assert len(shown) <= min(7, max(0, len(number) - 4))


@given(st.text(min_size=1, max_size=40))
def test_an_address_never_shows_more_than_a_half(address: str) -> None:
    shown = masks.mask_address(address).removesuffix("****")
    assert len(shown) * 2 <= len(address)
