"""Amounts in capitals."""

import itertools

import pytest

from disbursement.capitals import capitals


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (101, "壹元零壹分"),
        (110, "壹元壹角整"),
        (115_000, "壹仟壹佰伍拾元整"),
        (1_000_000, "壹万元整"),
        (1_000_100, "壹万零壹元整"),
        (35_075_000, "叁拾伍万零柒佰伍拾元整"),
        (100_050_000, "壹佰万零伍佰元整"),
        (120_340_000, "壹佰贰拾万叁仟肆佰元整"),
        (10_000_000_000, "壹亿元整"),
        (10_100_000_000, "壹亿零壹佰万元整"),
        (1_234_567_890_123, "壹佰贰拾叁亿肆仟伍佰陆拾柒万捌仟玖佰零壹元贰角叁分"),
    ],
)
def test_written_as_vouchers_write(fen: int, text: str) -> None:
    assert capitals(fen) == text


PLACES = {"拾": 10, "佰": 100, "仟": 1000}
GROUPS = {"万": 10**4, "亿": 10**8}


def _read(text: str) -> int:
    """The amount in fen that a reader makes of it, digit by digit and without the rule's tables."""
    total = group = digit = digit_of = 0
    yuan, found, rest = text.rpartition("元")
    for character in yuan:
        if character in PLACES:
            group, digit = group + (digit or 1) * PLACES[character], 0
        elif character in GROUPS:
            total, group, digit = total + (group + digit) * GROUPS[character], 0, 0
        else:
            digit = "零壹贰叁肆伍陆柒捌玖".index(character)
    fen = (total + group + digit) * 100 if found else 0
    for character in rest if found else text:
        if character in "角分":
            fen += digit_of * (10 if character == "角" else 1)
        elif character != "整":
            digit_of = "零壹贰叁肆伍陆柒捌玖".index(character)
    return fen


def test_every_amount_reads_as_it_was_meant() -> None:
    """Every amount to 3,000 yuan, every digit in every place, and every pattern of noughts."""
    digits = [d * 10**place + rest for d in range(1, 10) for place in range(14) for rest in (0, 5)]
    noughts = [int("".join(pair)) for pair in itertools.product("07", repeat=12)]
    for fen in itertools.chain(range(300_000), digits, noughts):
        text = capitals(fen)
        assert _read(text) == fen, (fen, text)
        assert "零零" not in text
        assert text.endswith(("整", "分"))


def test_a_voucher_has_no_negative_amount() -> None:
    with pytest.raises(ValueError, match="negative"):
        capitals(-1)
