"""One row's cells as values of a student, each with what is wrong in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from stdnum import numdb

from office.spreadsheets.cells import Cell, as_date, as_text, is_float_id
from privacy.identity import check_id, check_phone, name_key, valid_name
from students.models import Student
from students.rules.roster.columns import LONGEST, shown
from students.rules.roster.problems import Problem
from students.rules.roster.tables import Table, label_of

SEXES = {"男": "m", "女": "f", "男性": "m", "女性": "f", "1": "m", "2": "f", "M": "m", "F": "f"}
RURAL = ("农村", "农业", "农业户口", "农村户口", "乡村", "农业家庭户口", "农村（含县镇）")
URBAN = ("城镇", "城市", "非农业", "非农业户口", "非农", "城镇户口", "居民户口", "非农业家庭户口")
DAY = ("走读", "1", "否", "走读生", "不住校", "不寄宿", "非寄宿", "通校")
BOARDER = ("住校", "2", "是", "住校生", "寄宿", "寄宿生", "住读", "住宿", "住宿生", "借宿")
HOUSEHOLDS = dict.fromkeys(RURAL, "rural") | dict.fromkeys(URBAN, "urban")
BOARDINGS = dict.fromkeys(DAY, "day") | dict.fromkeys(BOARDER, "boarder")
FLOAT_ID = "Excel把号码存成了数字，末尾几位已经丢失。请将这一列设为“文本”，按证件重新填写。"
# The region of made-up people; no such region exists, so it hides no mistake.
MADE_UP = "990"


@dataclass(slots=True)
class Row:
    """One student as a file tells of him: `values` by column, only what was filled in."""

    table: Table
    index: int
    cells: Sequence[Cell]
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str:
        """The clean text of a column; empty when there is no such column or nothing in it."""
        column = self.table.columns.get(name)
        if column is None or column >= len(self.cells):
            return ""
        return as_text(self.cells[column])

    def problem(self, name: str, reason: str) -> Problem:
        """Something about one cell of this row, its value masked where it must be."""
        column = self.table.columns.get(name)
        return Problem(
            self.table.name, self.index, column, label_of(name), self._shown(name), reason
        )

    def wrong(self, name: str, reason: str) -> None:
        """This row can't be imported because of this cell."""
        self.problems.append(self.problem(name, reason))

    def doubtful(self, name: str, reason: str) -> None:
        """This row can be imported, but someone should look."""
        self.warnings.append(self.problem(name, reason))

    def _shown(self, name: str) -> str:
        column = self.table.columns.get(name)
        raw = self.cells[column] if column is not None and column < len(self.cells) else None
        if isinstance(raw, int | float) and is_float_id(raw):
            return f"{raw:.2E}"
        return shown(name, self.text(name))


def read_row(table: Table, index: int, cells: Sequence[Cell], today: date) -> Row:
    """Read one row; `values` holds clear text and typed values, `problems` what forbids it."""
    row = Row(table, index, cells)
    _name(row)
    _identity(row, today)
    for name in ("ethnicity", "student_no", "major", "department", "guardian_relation", "address"):
        _plain(row, name)
    _enrolment_no(row)
    _choice(row, "household", HOUSEHOLDS, "请填“农村”或“城镇”")
    _choice(row, "boarding", BOARDINGS, "请填“走读”或“住校”")
    _date(row, "entered_on", today)
    _phone(row, "phone")
    _phone(row, "guardian_phone")
    _guardian(row)
    return row


def _name(row: Row) -> None:
    text = row.text("name")
    if problems := valid_name(text):
        row.wrong("name", "".join(problems))
        return
    key = name_key(text)
    # A Chinese name has no spaces; a Latin one keeps its own and its small letters.
    row.values["name"] = " ".join(text.split()) if key.isascii() else key
    row.values["name_key"] = key


def _identity(row: Row, today: date) -> None:
    column = row.table.columns.get("id_number")
    raw = row.cells[column] if column is not None and column < len(row.cells) else ""
    if is_float_id(raw):
        row.wrong("id_number", FLOAT_ID)
        return
    check = check_id(as_text(raw), today=today, region_known=region_known)
    for problem in check.problems:
        row.wrong("id_number", problem)
    for warning in check.warnings:
        row.doubtful("id_number", warning)
    if check.problems or check.birth_date is None:
        return
    row.values["id_number"] = check.number
    row.values["birth_date"] = check.birth_date
    row.values["sex"] = SEXES[str(check.sex)]
    _agrees_with_identity(row, today)


def _agrees_with_identity(row: Row, today: date) -> None:
    if text := row.text("sex"):
        sex = SEXES.get(text.upper())
        if sex is None:
            row.wrong("sex", "性别应为“男”或“女”，请改正。")
        elif sex != row.values["sex"]:
            found = Student.Sex(row.values["sex"]).label
            row.wrong("sex", f"与身份证号不符，身份证号表明是{found}，请对照证件核对这两格。")
    if row.text("birth_date"):
        day = _day(row, "birth_date", monthly=True)
        if day is not None and not _same_day(day, row.values["birth_date"], row):
            row.wrong("birth_date", "与身份证号中的出生日期不同，请对照证件核对这两格。")


def _same_day(day: date, birth: date, row: Row) -> bool:
    """出生年月 without a day agrees when year and month do."""
    if _month(row.text("birth_date")) is not None:
        return (day.year, day.month) == (birth.year, birth.month)
    return day == birth


def _plain(row: Row, name: str) -> None:
    text = row.text(name)
    if not text:
        return
    if len(text) > LONGEST[name]:
        row.wrong(name, f"最多{LONGEST[name]}个字，现有{len(text)}个字，请缩短。")
    else:
        row.values[name] = text


def _enrolment_no(row: Row) -> None:
    column = row.table.columns.get("enrolment_no")
    if column is not None and column < len(row.cells) and is_float_id(row.cells[column]):
        row.wrong("enrolment_no", FLOAT_ID)
        return
    text = "".join(row.text("enrolment_no").split()).upper()
    if not text:
        return
    if not text.isascii() or not text.isalnum() or not 4 <= len(text) <= LONGEST["enrolment_no"]:
        row.wrong("enrolment_no", "学籍号应为4至24位字母和数字，请对照学籍系统核对。")
    else:
        row.values["enrolment_no"] = text


def _choice(row: Row, name: str, words: dict[str, str], mend: str) -> None:
    text = row.text(name)
    if not text:
        return
    # 2-住校 and 2住校 are how dictionaries of the national system print a value.
    bare = text.lstrip("0123456789").lstrip("-－ .、") or text
    value = words.get(text) or words.get(bare)
    if value is None:
        row.wrong(name, f"认不出这一项，{mend}。")
    else:
        row.values[name] = value


def _date(row: Row, name: str, today: date) -> None:
    if not row.text(name):
        return
    day = _day(row, name, monthly=True)
    if day is None:
        return
    if day > date(today.year + 1, today.month, 1):
        row.wrong(name, "这个日期太晚，请核对年份。")
    else:
        row.values[name] = day


def _day(row: Row, name: str, *, monthly: bool) -> date | None:
    text = row.text(name)
    month = _month(text) if monthly else None
    if month is not None:
        return month
    try:
        return as_date(row.cells[row.table.columns[name]])
    except ValueError as error:
        row.wrong(name, str(error))
        return None


def _month(text: str) -> date | None:
    """202609, 2026-09, 2026.9, 2026年9月 → the first of the month."""
    parts = text.replace("年", "-").replace("月", "").replace(".", "-").replace("/", "-").split("-")
    if len(parts) == 1 and len(text) == 6 and text.isdecimal():
        parts = [text[:4], text[4:]]
    if len(parts) != 2 or len(parts[0]) != 4 or not all(p.isdecimal() for p in parts):
        return None
    year, month = int(parts[0]), int(parts[1])
    return date(year, month, 1) if 1900 <= year < 2100 and 1 <= month <= 12 else None


def _phone(row: Row, name: str) -> None:
    text = row.text(name)
    if not text:
        return
    check = check_phone(text)
    if check.problems:
        row.wrong(name, f"{''.join(check.problems)}没有可以留空。")
        return
    for warning in check.warnings:
        row.doubtful(name, warning)
    row.values[name] = check.number


def _guardian(row: Row) -> None:
    text = row.text("guardian_name")
    if text and (problems := valid_name(text)):
        row.wrong("guardian_name", "".join(problems))
    elif text:
        row.values["guardian_name"] = text
    elif row.text("guardian_phone") or row.text("guardian_relation"):
        row.doubtful("guardian_name", "填了监护人的电话或关系，没有填姓名，这几格没有导入。")


@lru_cache(maxsize=4096)
def region_known(code: str) -> bool:
    """Whether six digits stand for a region, now or formerly."""
    return code.startswith(MADE_UP) or any(about for _, about in numdb.get("cn/loc").info(code))
