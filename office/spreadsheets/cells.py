"""One cell: its name, its text, its date, and whether an ID number in it lost digits."""

import re
from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | date | datetime | time | timedelta | None

# Excel keeps 15 significant digits; a number from here on may have lost its last ones.
FIRST_INEXACT = 10**15
SCIENTIFIC = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{2,3}")
# Excel's day 0; the fictitious 29 February 1900 makes it a day earlier than 1899-12-31.
SERIAL_ZERO = date(1899, 12, 30)
# 18 May 1927; nobody on a list whose birthday matters is older.
FIRST_SERIAL = 10_000
EARLIEST, LATEST = date(1900, 3, 1), date(2099, 12, 31)
DATE_FORMS = (
    re.compile(r"([0-9]{4})\s*[-./]\s*([0-9]{1,2})\s*[-./]\s*([0-9]{1,2})"),
    re.compile(r"([0-9]{4})\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*[日号]?"),
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
)
TIME_OF_DAY = re.compile(r"[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?$")
SERIAL_TEXT = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")

FULL_WIDTH = {
    **{code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B))},
    **{code: chr(code - 0xFEE0) for code in range(0xFF41, 0xFF5B)},
    0x3000: " ",
}
INVISIBLE = dict.fromkeys((0xA0, 0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
# A database takes no NUL, and a mark of direction makes a name look like another one.
CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))
DIRECTION = dict.fromkeys((0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
CLEANING = {**FULL_WIDTH, **INVISIBLE, **CONTROL, **DIRECTION}
# Tabs and line breaks stand between words.
BREAKS = re.compile("[\t-\r\x85\u2028\u2029]+")
UNCLEAN = re.compile(f"[{re.escape(''.join(map(chr, CLEANING)))}\u2028\u2029]")
DATE_SIGNS = str.maketrans("－—–．。／", "---../")


def cell_name(row_index: int, column_index: int) -> str:
    """The name Excel shows for a cell with 0-based indexes: (6, 2) is `C7`."""
    return f"{column_name(column_index)}{row_index + 1}"


def column_name(column_index: int) -> str:
    """The letters of a 0-based column: 0 is `A`, 26 is `AA`."""
    letters = ""
    number = column_index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def as_text(value: Cell) -> str:
    """The cell as clean text: one line, trimmed, half-width digits and Latin, nothing invisible.

    Whole numbers have no decimals, dates are written 2009-09-01, an empty cell is ''.
    """
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value.strip()
        if not UNCLEAN.search(value):
            return value.strip()
        return BREAKS.sub(" ", value).translate(CLEANING).strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else str(value)
    return str(value)


def is_float_id(value: Cell) -> bool:
    """Whether a long number came as a number, so that its last digits are lost (design §7).

    True for numbers of 16 digits and more and for scientific notation such as 1.10105E+17.
    """
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return abs(value) >= FIRST_INEXACT
    if isinstance(value, str) and value.isascii() and "e" not in value.lower():
        return False
    return isinstance(value, str) and SCIENTIFIC.fullmatch(as_text(value)) is not None


def as_date(value: Cell) -> date:
    """The day in a cell: a date, an Excel serial, or text in one of the usual forms.

    Read are 2009-09-01, 2009.9.1, 2009/9/1, 2009年9月1日 and 20090901, each also with a time of
    day, which is dropped. Raises ValueError with a message for the officer.
    """
    day = _date_or_none(value)
    if day is None or not EARLIEST <= day <= LATEST:
        raise ValueError(f"“{as_text(value)[:40]}”不是日期，请写成 2009-09-01 这样的形式。")
    return day


def _date_or_none(value: Cell) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_number(value)
    return _from_text(as_text(value)) if isinstance(value, str) else None


def _from_number(number: float) -> date | None:
    # A smaller number is a year, an age or an amount.
    if FIRST_SERIAL <= number < 100_000:
        return SERIAL_ZERO + timedelta(days=int(number))
    return _from_text(str(int(number))) if 19_000_000 <= number < 21_000_000 else None


def _from_text(text: str) -> date | None:
    text = TIME_OF_DAY.sub("", text.translate(DATE_SIGNS)).strip()
    if SERIAL_TEXT.fullmatch(text):
        return _from_number(float(text))
    for form in DATE_FORMS:
        found = form.fullmatch(text)
        if found:
            year, month, day = map(int, found.groups())
            try:
                return date(year, month, day)
            except ValueError:
                return None
    return None
