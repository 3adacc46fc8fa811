"""Documents other than the resident ID card: their numbers, as far as a form can be checked.

A residence permit for people from Hong Kong, Macao and Taiwan has the ID card's 18 digits and
check digit (`privacy.identity.check_id`) and begins with one of `RESIDENCE_REGIONS`.
"""

import re
import unicodedata

from privacy.identity import NumberCheck

RESIDENCE_REGIONS = ("810000", "820000", "830000")
# Mainland travel permits: H or M and 8 or 10 digits for Hong Kong and Macao, 8 digits for Taiwan.
PERMIT_PATTERN = re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?|[0-9]{8}|[0-9]{10}[A-Z]?")
PASSPORT_PATTERN = re.compile(r"(?=.*[0-9])[A-Z0-9]{6,12}")
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
