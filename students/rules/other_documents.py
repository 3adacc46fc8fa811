"""Numbers on a department's list that are no identity numbers: passports and permits."""

from datetime import date

from privacy.credentials import (
    check_passport,
    check_permanent,
    check_permit,
    looks_like_passport,
    looks_like_permanent,
    looks_like_permit,
)


def other_document(text: str, birth: date | None) -> str:
    """The number of a passport or permit: who has one is found by it, or asked about by his day.

    Eight digits alone may be a torn ID number; with a day of birth they are a permit of Taiwan.
    """
    if looks_like_permit(text) or (birth and len(text) == 8 and text.isdecimal()):
        return check_permit(text).number
    if looks_like_permanent(text):
        return check_permanent(text).number
    return check_passport(text).number if looks_like_passport(text) else ""
