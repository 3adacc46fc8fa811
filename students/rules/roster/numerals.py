"""The number of a class, in digits or in Chinese: 3班, 第十二班."""

import re

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
NUMBER = re.compile(r"([0-9]{1,3}|[零一二三四五六七八九十百]{1,4})班?$")


def class_number(text: str) -> int | None:
    """The number, None where the text is none."""
    found = NUMBER.fullmatch(text)
    if not found:
        return None
    digits = found[1]
    return int(digits) if digits.isdecimal() else _chinese(digits)


def _chinese(text: str) -> int | None:
    """三 → 3, 十二 → 12, 二十 → 20."""
    if "百" in text:
        return None
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return DIGITS.get(ones) if len(ones) == 1 else None
    return (DIGITS.get(tens, 1) if tens else 1) * 10 + (DIGITS.get(ones, 0) if ones else 0)
