"""One row's cells as values of a student, each with what is wrong in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import Any

from stdnum import numdb

from office.spreadsheets.cells import Cell, as_date, as_text, is_float_id
from privacy.identity import check_id, check_phone, name_key, valid_name
from students.models import Student
from students.rules.roster.columns import LONGEST
from students.rules.roster.rows import Row
from students.rules.roster.tables import Table

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


@dataclass(frozen=True, slots=True)
class Odd:
    """What a cell says, when it is not simply a value: a mended value, a problem or a doubt."""

    value: Any = None
    problem: str = ""
    doubts: tuple[str, ...] = ()


Reader = Callable[[Cell], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """How one column is read; `known` holds what its distinct texts mean, None where all differ."""

    name: str
    column: int
    read: Reader
    known: dict[str, Any] | None


def steps_of(table: Table, today: date) -> list[Step]:
    """How the columns of a sheet are read, one after the other."""
    return [
        Step(name, column, read, None if name in ALL_DIFFERENT else {})
        for name, read in _readers(today).items()
        if (column := table.columns.get(name)) is not None
    ]


def _readers(today: date) -> Mapping[str, Reader]:
    plain: dict[str, Reader] = {
        name: partial(_plain, LONGEST[name])
        for name in ("ethnicity", "student_no", "major", "department", "guardian_relation")
    }
    return {
        **plain,
        "address": partial(_plain, LONGEST["address"]),
        "enrolment_no": _enrolment_no,
        "household": partial(_choice, HOUSEHOLDS, "请填“农村”或“城镇”"),
        "boarding": partial(_choice, BOARDINGS, "请填“走读”或“住校”"),
        "entered_on": partial(_date, today),
        "phone": _phone,
        "guardian_phone": _phone,
        "guardian_name": _guardian,
    }


ALL_DIFFERENT = frozenset(
    {"address", "enrolment_no", "student_no", "phone", "guardian_phone", "guardian_name"}
)


def read_row(
    table: Table, steps: Sequence[Step], index: int, cells: Sequence[Cell], today: date
) -> Row:
    """Read one row; `facts` holds clear text and typed values, `problems` what forbids it."""
    row = Row(table, index, cells)
    _name(row)
    _identity(row, today)
    width = len(cells)
    for step in steps:
        raw = cells[step.column] if step.column < width else ""
        if raw == "" or raw is None:
            continue
        if step.known is None or raw.__class__ is not str:
            found = step.read(raw)
        else:
            found = step.known.get(raw, step)
            if found is step:
                found = step.known[raw] = step.read(raw)
        if found.__class__ is not Odd:
            setattr(row.facts, step.name, found)
        else:
            _take(row, step.name, found)
    _guardian_named(row)
    return row


def _take(row: Row, name: str, odd: Odd) -> None:
    if odd.problem:
        row.wrong(name, odd.problem)
        return
    for doubt in odd.doubts:
        row.doubtful(name, doubt)
    setattr(row.facts, name, odd.value)


def _name(row: Row) -> None:
    text = row.text("name")
    if problems := valid_name(text):
        row.wrong("name", "".join(problems))
        return
    key = name_key(text)
    # A Chinese name has no spaces; a Latin one keeps its own and its small letters.
    row.facts.name = " ".join(text.split()) if key.isascii() else key
    row.facts.name_key = key


def _identity(row: Row, today: date) -> None:
    raw = row.cell("id_number")
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
    row.facts.id_number = check.number
    row.facts.birth_date = check.birth_date
    row.facts.sex = SEXES[str(check.sex)]
    _agrees_with_identity(row)


def _agrees_with_identity(row: Row) -> None:
    if text := row.text("sex"):
        sex = SEXES.get(text.upper())
        if sex is None:
            row.wrong("sex", "性别应为“男”或“女”，请改正。")
        elif sex != row.facts.sex:
            found = Student.Sex(str(row.facts.sex)).label
            row.wrong("sex", f"与身份证号不符，身份证号表明是{found}，请对照证件核对这两格。")
    if row.text("birth_date"):
        try:
            day = day_in(row.cell("birth_date"))
        except ValueError as error:
            row.wrong("birth_date", str(error))
            return
        if not _same_day(day, row):
            row.wrong("birth_date", "与身份证号中的出生日期不同，请对照证件核对这两格。")


def _same_day(day: date, row: Row) -> bool:
    """出生年月 without a day agrees when year and month do."""
    birth = row.facts.birth_date
    if day == birth or birth is None:
        return True
    month_only = _month(row.text("birth_date")) is not None
    return month_only and (day.year, day.month) == (birth.year, birth.month)


def _plain(longest: int, raw: Cell) -> Any:
    text = as_text(raw)
    if len(text) > longest:
        return Odd(problem=f"最多{longest}个字，现有{len(text)}个字，请缩短。")
    return text or None


def _enrolment_no(raw: Cell) -> Any:
    if is_float_id(raw):
        return Odd(problem=FLOAT_ID)
    text = "".join(as_text(raw).split()).upper()
    if not text:
        return None
    if not text.isascii() or not text.isalnum() or not 4 <= len(text) <= LONGEST["enrolment_no"]:
        return Odd(problem="学籍号应为4至24位字母和数字，请对照学籍系统核对。")
    return text


def _choice(words: Mapping[str, str], mend: str, raw: Cell) -> Any:
    text = as_text(raw)
    if not text:
        return None
    # 2-住校 and 2住校 are how dictionaries of the national system print a value.
    bare = text.lstrip("0123456789").lstrip("-－ .、") or text
    found = words.get(text) or words.get(bare)
    return found or Odd(problem=f"认不出这一项，{mend}。")


def _date(today: date, raw: Cell) -> Any:
    if not as_text(raw):
        return None
    try:
        day = day_in(raw)
    except ValueError as error:
        return Odd(problem=str(error))
    if day > date(today.year + 1, today.month, 1):
        return Odd(problem="这个日期太晚，请核对年份。")
    return day


def day_in(raw: Cell) -> date:
    """The day of a cell; 2026年9月 is its first. Raises ValueError with words for the officer."""
    return _day_written(raw) if isinstance(raw, str) else _month(as_text(raw)) or as_date(raw)


@lru_cache(maxsize=8192)
def _day_written(text: str) -> date:
    return _month(as_text(text)) or as_date(text)


def _month(text: str) -> date | None:
    """202609, 2026-09, 2026.9, 2026年9月 → the first of the month."""
    parts = text.replace("年", "-").replace("月", "").replace(".", "-").replace("/", "-").split("-")
    if len(parts) == 1 and len(text) == 6 and text.isdecimal():
        parts = [text[:4], text[4:]]
    if len(parts) != 2 or len(parts[0]) != 4 or not all(p.isdecimal() for p in parts):
        return None
    year, month = int(parts[0]), int(parts[1])
    return date(year, month, 1) if 1900 <= year < 2100 and 1 <= month <= 12 else None


def _phone(raw: Cell) -> Any:
    text = as_text(raw)
    if not text:
        return None
    check = check_phone(text)
    if check.problems:
        return Odd(problem=f"{''.join(check.problems)}没有可以留空。")
    return Odd(check.number, doubts=tuple(check.warnings)) if check.warnings else check.number


def _guardian(raw: Cell) -> Any:
    text = as_text(raw)
    if not text:
        return None
    problems = valid_name(text)
    return Odd(problem="".join(problems)) if problems else text


def _guardian_named(row: Row) -> None:
    if row.facts.guardian_name is not None:
        return
    told = row.facts.guardian_phone is not None or row.facts.guardian_relation is not None
    if told and not row.text("guardian_name"):
        row.doubtful("guardian_name", "填了监护人的电话或关系，没有填姓名，这几格没有导入。")


@lru_cache(maxsize=4096)
def region_known(code: str) -> bool:
    """Whether six digits stand for a region, now or formerly."""
    return code.startswith(MADE_UP) or any(about for _, about in numdb.get("cn/loc").info(code))
