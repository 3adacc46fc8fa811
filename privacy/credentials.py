"""Documents other than the resident ID card: their numbers, as far as a form can be checked.

A residence permit for people from Hong Kong, Macao and Taiwan has the ID card's 18 digits and
check digit (`privacy.identity.check_id`) and begins with one of `RESIDENCE_REGIONS`.
"""

import re
import unicodedata

from stdnum.cn.ric import calc_check_digit

from privacy.identity import NumberCheck

RESIDENCE_REGIONS = ("810000", "820000", "830000")
# Mainland travel permits: H or M and 8 or 10 digits for Hong Kong and Macao, 8 digits for Taiwan.
PERMIT_PATTERN = re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?|[0-9]{8}|[0-9]{10}[A-Z]?")
PASSPORT_PATTERN = re.compile(r"(?=.*[0-9])[A-Z0-9]{6,12}")
# Of a foreigner with permanent residence: three letters and 12 digits, or since 2023 18 digits that
# begin with 9 and end like an ID card's.
PERMANENT_PATTERN = re.compile(r"[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]")
# Without an ID the national system gives J and 18 signs, or L for the time being.
NUMBERLESS_PATTERN = re.compile(r"[JL][0-9]{17}[0-9X]")


def check_permit(number: str) -> NumberCheck:
    """The number of a mainland travel permit."""
    normal = _normal(number)
    if PERMIT_PATTERN.fullmatch(normal):
        return NumberCheck(normal)
    return NumberCheck(
        normal, ["通行证号码应为 H 或 M 加 8 至 10 位数字（港澳），或 8 位数字（台湾），请核对。"]
    )


def check_passport(number: str) -> NumberCheck:
    """The number of a passport of any country: letters and digits."""
    normal = _normal(number)
    if PASSPORT_PATTERN.fullmatch(normal):
        return NumberCheck(normal)
    return NumberCheck(normal, ["护照号码应为 6 至 12 位字母和数字，请对照护照核对。"])


def check_permanent(number: str) -> NumberCheck:
    """The number of a foreigner's permanent residence card, of the old or the new form."""
    normal = _normal(number)
    if not PERMANENT_PATTERN.fullmatch(normal):
        return NumberCheck(
            normal, ["永久居留证号码应为 3 个字母加 12 位数字，或 9 开头的 18 位，请对照证件核对。"]
        )
    if len(normal) == 18 and calc_check_digit(normal) != normal[-1]:
        return NumberCheck(normal, ["永久居留证号码最后一位校验码不对，请对照证件逐位核对。"])
    return NumberCheck(normal)


def looks_like_permanent(number: str) -> bool:
    """Whether a number that nobody named can be of an old permanent residence card."""
    normal = _normal(number)
    return len(normal) == 15 and PERMANENT_PATTERN.fullmatch(normal) is not None


def looks_like_passport(number: str) -> bool:
    """Whether a number that nobody named can be a passport's: it begins with a letter."""
    normal = _normal(number)
    return normal[:1].isalpha() and PASSPORT_PATTERN.fullmatch(normal) is not None


def looks_like_permit(number: str) -> bool:
    """Whether a number that nobody named can be a permit's of Hong Kong or Macao."""
    normal = _normal(number)
    return normal[:1] in ("H", "M") and PERMIT_PATTERN.fullmatch(normal) is not None


def _normal(number: str) -> str:
    return re.sub(r"[\s'‘’`-]", "", unicodedata.normalize("NFKC", number)).upper()
