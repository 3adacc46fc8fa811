"""What a list may show of a personal value (design §6): enough to tell two people apart, no more.

Each mask keeps its result short and fixed in length where it can, so that the length of the hidden
part says nothing. An empty value stays empty; a value too short to mask is hidden whole.
"""

HIDDEN = "****"


def mask_id(number: str) -> str:
    """First three and last two characters, never the birth date: `990****13`."""
    number = number.strip()
    if not number:
        return ""
    return f"{number[:3]}{HIDDEN}{number[-2:]}" if len(number) >= 15 else HIDDEN


def mask_card(number: str) -> str:
    """The last four digits as banks print them: `尾号3391`."""
    digits = _digits(number)
    if not digits:
        return HIDDEN if number.strip() else ""
    return f"尾号{digits[-4:]}" if len(digits) >= 12 else HIDDEN


def mask_phone(number: str) -> str:
    """A mobile as `138****1234`, a land line as `0571****21`, anything shorter hidden whole."""
    digits = _digits(number)
    if not digits:
        return HIDDEN if number.strip() else ""
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}{HIDDEN}{digits[-4:]}"
    if digits.startswith("0") and len(digits) >= 10:
        area = 3 if digits[1] in "12" else 4
        return f"{digits[:area]}{HIDDEN}{digits[-2:]}"
    return f"{HIDDEN}{digits[-2:]}" if len(digits) >= 7 else HIDDEN


def mask_address(address: str) -> str:
    """About the county: the first six characters, and never more than a half of the whole."""
    address = address.strip()
    if not address:
        return ""
    return f"{address[: min(6, len(address) // 2)]}{HIDDEN}"


def mask_name(name: str) -> str:
    """`张三` as `张*`, `张小三` as `张*三`; an option of notices, not required (domain.md §D.1)."""
    name = name.strip()
    if len(name) <= 2:
        return name[:1] + "*" if name else ""
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def _digits(value: str) -> str:
    return "".join(character for character in value if character.isdigit())
