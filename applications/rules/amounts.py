"""Numbers as families type them: 30,000 or ３００００, 3万, 一万二, 约8千元, 44岁."""

import re
import unicodedata
from decimal import Decimal

DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
ROUGHLY = ("大约", "大概", "约")
COUNTED = ("左右", "元钱", "块钱", "元", "块", "岁", "人", "口", "个", "多")
WORD = re.compile(r"\d+(?:\.\d+)?|[零〇一二两三四五六七八九]|[十百千万]")
# A number that says its place, or one in Chinese digits; plain digits are left as they are.
SPOKEN = re.compile(r"(?:\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千万])+")


def plain_digits(text: str) -> str:
    """The number in plain digits when it can be understood, else the text without its blanks."""
    told = re.sub(r"[,，\s]", "", unicodedata.normalize("NFKC", text))
    bare = told
    for word in ROUGHLY:
        bare = bare.removeprefix(word)
    for word in COUNTED:
        bare = bare.removesuffix(word)
    if re.fullmatch(r"[-+]?[\d.]*", bare):
        return bare if bare else told
    if not SPOKEN.fullmatch(bare):
        return told
    value = _value(WORD.findall(bare))
    return told if value is None else f"{value.normalize():f}"


def _value(words: list[str]) -> Decimal | None:
    """What the words come to; None when they are no number that people say."""
    total = section = Decimal(0)
    number: Decimal | None = None
    unit = 0
    for n, word in enumerate(words):
        if word in UNITS:
            step = UNITS[word]
            if number is None and not (step == 10 and not section) and step != 10_000:
                return None
            if step == 10_000:
                whole = section + (number or 0)
                if not whole or total:
                    return None
                total, section = whole * step, Decimal(0)
            else:
                section += (Decimal(1) if number is None else number) * step
            number, unit = None, step
        elif word in ("零", "〇") and words[n + 1 :]:
            unit = 0
        elif number is not None:
            return None
        else:
            number = Decimal(DIGITS[word]) if word in DIGITS else Decimal(word)
    # 一万二 is 12,000; 一万零二 and 二十二 are what they say.
    last = number or Decimal(0)
    if number is not None and unit > 10 and number < 10 and number == int(number):
        last *= unit // 10
    return total + section + last
