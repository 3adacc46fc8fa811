"""Amounts in capitals."""

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
        (10_100_000_000, "壹亿零壹佰万元整"),
        (1_234_567_890_123, "壹佰贰拾叁亿肆仟伍佰陆拾柒万捌仟玖佰零壹元贰角叁分"),
    ],
)
def test_written_as_vouchers_write(fen: int, text: str) -> None:
    assert capitals(fen) == text


def test_a_voucher_has_no_negative_amount() -> None:
    with pytest.raises(ValueError, match="negative"):
        capitals(-1)
