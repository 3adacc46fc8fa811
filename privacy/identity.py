"""Checks of names, ID numbers, phones and bank cards as schools type them (domain.md §C.8).

Every check first mends what can be mended without doubt (full-width digits, spaces, a lower-case
x) and says so, then returns problems, which refuse the value, and warnings, which let it pass.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from stdnum import luhn
from stdnum.cn.ric import calc_check_digit

EARLIEST_BIRTH = date(1900, 1, 1)
ID_PATTERN = re.compile(r"[0-9]{17}[0-9X]")
MOBILE_PATTERN = re.compile(r"1[3-9][0-9]{9}")
LANDLINE_PATTERN = re.compile(r"(?:0[0-9]{2,3}-?)?[2-9][0-9]{6,7}(?:-[0-9]{1,6})?")
HOTLINE_PATTERN = re.compile(r"[48]00-?[0-9]{3}-?[0-9]{4}")
CARD_PATTERN = re.compile(r"[0-9]{16,19}")
# Hyphens and dashes that stand between groups of digits.
DASHES = dict.fromkeys(map(ord, "-‐‑‒–—―−－"), "-")
MIDDLE_DOTS = dict.fromkeys(map(ord, "·•‧・．.∙⋅･●᛫"), "·")
AREA_BRACKETS = str.maketrans({"(": None, ")": "-", "+": None})
# Controls and marks of direction or joining: they come along when a number is copied.
UNSEEN = ("Cc", "Cf")
LONGEST_NAME = 60
# Nearly every name; nothing in it can be mended or be wrong.
COMMON_NAME = re.compile("[\u4e00-\u9fa5]{2,4}")
LETTERS_AND_PRIVATE_USE = {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Co"}


@dataclass(frozen=True, slots=True)
class IdCheck:
    """What is known of an ID number. `birth_date` and `sex` are None unless they can be trusted."""

    number: str
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    birth_date: date | None = None
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """A phone or card number as it will be stored, with what is wrong, doubtful and mended."""

    number: str
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)


def check_id(number: str, *, today: date, region_known: Callable[[str], bool]) -> IdCheck:
    """Check an 18-digit ID number (GB 11643): form, birth date up to `today`, check digit, region.

    `region_known` answers for the first six digits; an unknown region is only a warning, because
    every code table is incomplete and old codes live on in people's numbers.
    """
    normal, mended = number, list[str]()
    if not ID_PATTERN.fullmatch(number):
        normal, mended = _mend(number, keep="X")
        if problem := _form_problem(normal):
            return IdCheck(normal, [problem], mended=mended)
    birth, problems = _birth(normal, today)
    if calc_check_digit(normal) != normal[-1]:
        problems.append("身份证号最后一位校验码不对，请对照证件逐位核对。")
    warnings = []
    if not region_known(normal[:6]):
        warnings.append(f"身份证号前六位 {normal[:6]} 不在行政区划表中，请核对证件。")
    if problems:
        return IdCheck(normal, problems, warnings, mended)
    return IdCheck(normal, [], warnings, mended, birth, _sex(normal))


def make_id(region: str, birth: date, serial: int) -> str:
    """An ID number with a right check digit for a made-up person; `serial` 0–999, odd is male.

    Raises ValueError when the region isn't six digits or the serial is out of range.
    """
    if not re.fullmatch(r"[0-9]{6}", region) or not 0 <= serial <= 999:
        raise ValueError("行政区划应为 6 位数字，顺序码应在 0 到 999 之间。")
    body = f"{region}{birth:%Y%m%d}{serial:03d}"
    return body + calc_check_digit(body + "0")


def check_phone(number: str) -> NumberCheck:
    """Check a mobile or land line; a land line without area code is a warning."""
    if MOBILE_PATTERN.fullmatch(number):
        return NumberCheck(number)
    normal, mended = _mend(number, keep="-")
    normal = normal.translate(AREA_BRACKETS).replace("--", "-")
    bare = normal.replace("-", "")
    for prefix in ("0086", "86"):
        if MOBILE_PATTERN.fullmatch(bare.removeprefix(prefix)) and bare.startswith(prefix):
            bare = bare.removeprefix(prefix)
            mended.append("已去掉国家代码 86")
    if MOBILE_PATTERN.fullmatch(bare):
        return NumberCheck(bare, mended=mended)
    if HOTLINE_PATTERN.fullmatch(normal):
        return NumberCheck(normal, mended=mended)
    if not LANDLINE_PATTERN.fullmatch(normal):
        return NumberCheck(
            normal, ["电话号码应为 11 位手机号，或带区号的座机号，如 0571-87654321。"], [], mended
        )
    warnings = [] if normal.startswith("0") else ["座机号没有区号，请补上，如 0571-87654321。"]
    return NumberCheck(normal, [], warnings, mended)


def check_mobile(number: str) -> NumberCheck:
    """Check a number that must be a mobile, such as one that receives text messages."""
    result = check_phone(number)
    if result.problems or MOBILE_PATTERN.fullmatch(result.number):
        return result
    return NumberCheck(result.number, ["这里要填 11 位手机号。"], [], result.mended)


def check_card(number: str) -> NumberCheck:
    """Check a bank card of 16–19 digits; a failed Luhn sum only warns, some local cards fail it."""
    normal, mended = _mend(number)
    if not CARD_PATTERN.fullmatch(normal):
        return NumberCheck(normal, ["银行卡号应为 16 至 19 位数字，请对照卡面核对。"], [], mended)
    if luhn.is_valid(normal):
        return NumberCheck(normal, mended=mended)
    return NumberCheck(normal, [], ["银行卡号校验位不符，请对照卡面核对后再确认。"], mended)


def name_key(name: str) -> str:
    """The form in which two spellings of one name are equal.

    Spaces go, every middle dot becomes `·`, full-width Latin becomes half-width, Latin letters
    become capitals. Characters themselves are only put into NFC, so that rare ones survive.
    """
    if not name or COMMON_NAME.fullmatch(name):
        return name
    text = unicodedata.normalize("NFC", name)
    kept = (c for c in text if not c.isspace() and unicodedata.category(c) != "Cf")
    return "".join(map(_half_width, kept)).translate(MIDDLE_DOTS).upper()


def valid_name(name: str) -> list[str]:
    """Why `name` can't be a person's name; empty when it can."""
    if COMMON_NAME.fullmatch(name):
        return []
    key = name_key(name)
    if not key:
        return ["姓名是空的，请填写。"]
    problems = []
    if len(key) < 2 or len(key) > LONGEST_NAME:
        problems.append(f"姓名应为 2 至 {LONGEST_NAME} 个字，请核对。")
    if any(unicodedata.category(c) == "Co" for c in key):
        problems.append("姓名中有自造字，别的电脑不能显示，请改用国家标准编码的字。")
    if any(c in "?？□■�*＊〓" for c in key):
        problems.append("姓名中有占位符号，可能是生僻字丢失，请对照证件补上。")
    elif any(not _may_stand_in_name(c) for c in key):
        problems.append("姓名中有数字或符号，请删去；少数民族姓名的间隔请用“·”。")
    if key.startswith("·") or key.endswith("·") or "··" in key:
        problems.append("姓名中的间隔号“·”位置不对，应在两段名字之间。")
    return problems


def _may_stand_in_name(character: str) -> bool:
    # Python's tables lag behind the newest Han extensions; private use has a message of its own.
    if character in "·-'" or 0x20000 <= ord(character) <= 0x3FFFF:
        return True
    return unicodedata.category(character) in LETTERS_AND_PRIVATE_USE


def _half_width(character: str) -> str:
    point = ord(character)
    return chr(point - 0xFEE0) if 0xFF01 <= point <= 0xFF5E else character


def _mend(number: str, *, keep: str = "") -> tuple[str, list[str]]:
    """The number without typing accidents, and what was mended; only `keep` may stay of `X-`."""
    if number.isascii() and number.isalnum() and number[-1] != "x":
        return number, []
    mended = []
    text = number
    if text.strip().startswith(("'", "‘", "’", "`")):
        text = text.strip()[1:]
        mended.append("已去掉前面的单引号")
    half = "".join(map(_half_width, text))
    if half != text:
        mended.append("已把全角字符改为半角")
    bare = "".join(c for c in half if not c.isspace() and unicodedata.category(c) not in UNSEEN)
    if bare != half:
        mended.append("已去掉空格")
    bare = bare.translate(DASHES)
    if "-" not in keep and "-" in bare:
        bare = bare.replace("-", "")
        mended.append("已去掉横线")
    if "X" in keep and bare.endswith(("x", "×")):
        bare = bare[:-1] + "X"
        mended.append("已把末位 x 改为大写")
    return bare, mended


def _form_problem(number: str) -> str | None:
    if not number:
        return "身份证号是空的，请填写。"
    if re.fullmatch(r"[0-9]{15}", number):
        return "这是 15 位旧身份证号，请填写 18 位身份证号。"
    if len(number) != 18:
        return f"身份证号应为 18 位，现有 {len(number)} 位，请对照证件补全。"
    if not ID_PATTERN.fullmatch(number):
        return "身份证号前 17 位应为数字，末位为数字或 X，请对照证件核对。"
    return None


def _birth(number: str, today: date) -> tuple[date | None, list[str]]:
    birth = _day(number[6:14])
    if birth is None:
        return None, ["身份证号第 7 至 14 位不是真实的日期，请对照证件核对。"]
    if birth > today:
        return None, ["身份证号中的出生日期晚于今天，请对照证件核对。"]
    if birth < EARLIEST_BIRTH:
        return None, ["身份证号中的出生日期早于 1900 年，请对照证件核对。"]
    return birth, []


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _sex(number: str) -> str:
    return "男" if int(number[16]) % 2 else "女"
