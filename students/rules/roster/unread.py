"""Sheets of a file that were not read: which of their rows look like people, and what to do.

Whoever stands on such a sheet alone would otherwise be missing without a word.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from office.spreadsheets.cells import Cell, as_date, as_text, is_float_id
from office.spreadsheets.headers import SEARCHED_ROWS, Header, normalised
from office.spreadsheets.reading import Sheet
from privacy.identity import COMMON_NAME
from students.rules.roster.problems import Problem

# An ID card's number with its date, also one that lost a digit; or an enrolment number made of it.
LONG_NUMBER = re.compile(
    r"[GJL]?[0-9]{6}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{2,3}[0-9X]?"
    r"|[0-9]{8}[01][0-9][0-3][0-9][0-9]{3}"
)
# Permits, passports and old cards of foreigners: too short to mean a person without a name beside.
SHORT_NUMBER = re.compile(r"[A-Z]{1,2}[0-9]{7,10}|[A-Z]{3}[0-9]{12}")
SHORTEST, LONGEST = 8, 24
SEXES = frozenset({"男", "女"})
CURES = {
    "hidden": (
        "隐藏的工作表“{sheet}”有{rows}行像是{who}，没有读。要导入的，请在表格里取消隐藏这张工作表；"
        "不要的，请删除它。再重新上传。"
    ),
    "headless": (
        f"工作表“{{sheet}}”有{{rows}}行像是{{who}}，但前{SEARCHED_ROWS}行里没有认出表头，没有读。"
        "请把别的工作表的表头那一行复制到它的最上面，或写上“姓名”“身份证号”等表头；不要的，"
        "请删除这张工作表。再重新上传。"
    ),
    "above": (
        "工作表“{sheet}”的表头上面有{rows}行像是{who}，没有读。请把表头移到最上面，"
        "不要的行请删除，再重新上传。"
    ),
    "beside": (
        "工作表“{sheet}”右边还有一栏“姓名”“身份证号”，有{rows}行像是{who}，没有读。"
        "请把右边这一栏移到左边那些行的下面，再重新上传。"
    ),
}
SHEETS = "有工作表没有读，里面像是有学生"
# Above what was not read, where it is all of one kind; sheets may be hidden or without a heading.
TITLES = {
    "above": "表头上面有几行没有读，像是学生",
    "beside": "右边还有一栏没有读，里面像是有学生",
}
ASIDE = (
    "“{label}”这一列里有{rows}个像是学生的证件号，没有读。要比对的，请把他们一人一行写在"
    "“姓名”“身份证号”下面，再重新上传。"
)
# In the heading of a column of identity numbers; others are not looked through.
NUMBER_WORDS = ("号", "证", "身份")
# A parent beside his child is older by this many years.
GENERATION = 15


@dataclass(frozen=True, slots=True)
class Unread:
    """A sheet, or the part of one above its header, that was not read.

    `rows` look like people, `first` is the 0-based index of the first of them; a sheet without any
    holds notes or a dictionary. `why` is a key of `CURES`; `column` is where a part begins.
    """

    sheet: str
    why: str
    rows: int = 0
    first: int = 0
    column: int | None = None

    def reason(self, who: str) -> str:
        """What was not read and how to have it read; `who` is what the file's people are called."""
        return CURES[self.why].format(sheet=self.sheet, rows=self.rows, who=who)

    def as_problem(self, who: str) -> Problem:
        """As a warning at its first row."""
        return Problem(self.sheet, self.first, self.column, "", "", self.reason(who))


def title_of(unread: Sequence[Unread]) -> str:
    """What the page puts above the reasons: what happened, where one thing did."""
    kinds = {one.why for one in unread if one.rows}
    if len(kinds) == 1:
        return TITLES.get(next(iter(kinds)), SHEETS)
    return "文件里有几处没有读，像是有学生" if kinds & TITLES.keys() else SHEETS


def unread_of(
    sheet: Sheet, why: str, alike: Sequence[Mapping[str, int]], end: int | None = None
) -> Unread:
    """What of a sheet, up to the row `end`, looks like people.

    `alike` are the columns of the sheets that were read, which a continued sheet goes on with.
    """
    found = [n for n, cells in enumerate(sheet.rows[:end]) if _is_person(cells, alike)]
    return Unread(sheet.name, why, len(found), found[0] if found else 0)


def beside(sheet: Sheet, header: Header) -> Unread:
    """The same columns once more to the right, as lists are printed to save paper."""
    labels = [normalised(label) for label in header.labels]
    first, again = [header.columns.get(name) for name in ("name", "id_number")], []
    for column in first:
        if column is None or labels[column] not in labels[column + 1 :]:
            return Unread(sheet.name, "beside")
        again.append(labels.index(labels[column], column + 1))
    name, number = again
    rows = [
        n
        for n, cells in enumerate(sheet.rows[header.row_index + 1 :], header.row_index + 1)
        if _of_one_age(_at(cells, first[1]), _at(cells, number))
    ]
    return Unread(sheet.name, "beside", len(rows), rows[0] if rows else 0, name)


def aside(sheet: Sheet, header: Header, read: Mapping[str, int], since: int) -> list[Problem]:
    """Columns not `read` that hold the numbers of children: brothers and sisters in one row.

    Children were born in the year `since` or later; the number of the row's own person is none.
    """
    own, known = read.get("id_number"), {*read.values()}
    repeated = {normalised(header.labels[column]) for column in known}
    told = []
    for column, label in enumerate(header.labels):
        numbers = any(word in label for word in NUMBER_WORDS)
        if not numbers or column in known or normalised(label) in repeated:
            continue
        rows = [
            n
            for n, cells in enumerate(sheet.rows[header.row_index + 1 :], header.row_index + 1)
            if LONG_NUMBER.fullmatch(number := _at(cells, column).lstrip("GJL"))
            and number != _at(cells, own)
            and int(number[6:10]) >= since
        ]
        if rows:
            reason = ASIDE.format(label=label[:40], rows=len(rows))
            told.append(Problem(sheet.name, rows[0], column, "", "", reason))
    return told


def _at(cells: Sequence[Cell], column: int | None) -> str:
    return _squeezed(cells[column]) if column is not None and column < len(cells) else ""


def _of_one_age(left: str, right: str) -> bool:
    """Whether the right is somebody's number, and not that of the left one's parent."""
    if not LONG_NUMBER.fullmatch(right):
        return False
    born = [int(number.lstrip("GJL")[6:10]) for number in (left, right) if len(number) >= SHORTEST]
    return not LONG_NUMBER.fullmatch(left) or abs(born[0] - born[1]) < GENERATION


def _is_person(cells: Sequence[Cell], alike: Sequence[Mapping[str, int]]) -> bool:
    if any(is_float_id(value) or LONG_NUMBER.fullmatch(_squeezed(value)) for value in cells):
        return True
    if any(SHORT_NUMBER.fullmatch(_squeezed(value)) for value in cells):
        return any(isinstance(v, str) and COMMON_NAME.fullmatch(v.strip()) for v in cells)
    return any(_goes_on(cells, columns) for columns in alike)


def _squeezed(value: Cell) -> str:
    """A cell that may hold a number, without what people put between its digits; else nothing."""
    if value == "" or not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    text = "".join(as_text(value).split()).replace("'", "").upper()
    return text if SHORTEST <= len(text) <= LONGEST else ""


def _goes_on(cells: Sequence[Cell], columns: Mapping[str, int]) -> bool:
    """A name and a day of birth, or a sex and a class, in the columns of a sheet that was read."""

    def at(name: str) -> Cell:
        column = columns.get(name, len(cells))
        return cells[column] if column < len(cells) else ""

    if not COMMON_NAME.fullmatch(as_text(at("name"))):
        return False
    if as_text(at("sex")) in SEXES and any(c.isdecimal() for c in as_text(at("class_name"))):
        return True
    return _is_day(at("birth_date"))


def _is_day(value: Cell) -> bool:
    if isinstance(value, date):
        return True
    try:
        return bool(as_text(value)) and as_date(value) is not None
    except ValueError:
        return False
