"""One row's cells as values of a student, each with what is wrong in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from office.documents.glyphs import missing_glyphs
from office.spreadsheets.cells import Cell, as_text, is_float_id
from office.spreadsheets.oddities import ERRORS, UNSAVED
from privacy.identity import COMMON_NAME, MOBILE_PATTERN, check_phone, name_key
from students.rules.guardians import document, kind_of
from students.rules.names import spelled
from students.rules.roster import origins
from students.rules.roster.columns import LEFT_OUT, LONGEST, SLOTS
from students.rules.roster.days import YOUNGEST_ENTRY, entry_in
from students.rules.roster.dictionaries import (
    AGRI,
    BOARDINGS,
    LEFT_BEHIND,
    MIGRANT,
    WHETHER_BOARDING,
    says_nothing,
)
from students.rules.roster.identity import FLOAT_ID, USUAL_ENROLMENT, read_identity, region_known
from students.rules.roster.rows import Row
from students.rules.roster.tables import Table
from students.rules.roster.values import Odd, Reader, choice, within

__all__ = ["FLOAT_ID", "Step", "read_row", "region_known", "steps_of"]
NO_RESULT = ERRORS | {UNSAVED}
DECIMAL = re.compile(r"(?<=[0-9])\.0+$")
SEVERAL = re.compile(r"[/／、,，;；|或\s]+")
UNRECKONED = (
    "这一格是公式，文件里没有保存它的结果，请用 Excel 或 WPS 打开并保存一次，再上传；"
    "也可以改成实际的内容。"
)


@dataclass(frozen=True, slots=True)
class Step:
    """How one column is read; `known` holds what its distinct texts mean, None where all differ."""

    name: str
    column: int
    read: Reader
    known: dict[str, Any] | None


def steps_of(table: Table, today: date) -> list[Step]:
    """How the columns of a sheet are read, one after the other."""
    found = [
        Step(name, column, read, None if name in ALL_DIFFERENT else {})
        for name, read in _readers(today).items()
        if (column := table.columns.get(name)) is not None
    ]
    return [_as_headed(table, step) for step in found]


def _as_headed(table: Table, step: Step) -> Step:
    """是否住校 asks what 就读方式 tells; its codes mean the opposite."""
    if step.name != "boarding" or "是否" not in table.header.labels[step.column]:
        return step
    return replace(step, read=partial(choice, WHETHER_BOARDING, "请填“是”或“否”"))


def _readers(today: date) -> Mapping[str, Reader]:
    texts: dict[str, Reader] = {name: partial(_words, LONGEST[name]) for name in PLAIN_TEXTS}
    return {
        **texts,
        "ethnicity": origins.ethnicity,
        "native_place": partial(origins.place, LONGEST["native_place"]),
        "household_address": partial(origins.place, LONGEST["household_address"]),
        "political_status": origins.political_status,
        "postcode": origins.postcode,
        "lifted_year": partial(origins.lifted_year, today),
        "address": partial(_words, LONGEST["address"]),
        "guardian_relation": partial(origins.relation, LONGEST["guardian_relation"]),
        "second_relation": partial(origins.relation, LONGEST["second_relation"]),
        "enrolment_no": _enrolment_no,
        "household": origins.household,
        "disability": origins.disability,
        "boarding": partial(choice, BOARDINGS, "请填“走读”或“住校”"),
        "entered_on": partial(_entered_on, today),
        "left_behind": partial(choice, LEFT_BEHIND, "请填“是”或“否”，不清楚的留空"),
        "migrant": partial(choice, MIGRANT, "请填“是”或“否”，不清楚的留空"),
        "agri_major": partial(choice, AGRI, "请填“是”或“否”"),
        "phone": _phone,
        "guardian_phone": _phone,
        "guardian_name": _guardian,
        "guardian_id_number": partial(_guardian_document, today),
        "second_phone": _phone,
        "second_name": _guardian,
        "second_id_number": partial(_guardian_document, today),
    }


PLAIN_TEXTS = (
    "student_no",
    "major",
    "department",
    "campus",
)
ALL_DIFFERENT = frozenset(
    {"address", "enrolment_no", "student_no", "phone", "household_address"}
    | {f"{slot}_{part}" for slot in SLOTS for part in ("name", "phone", "id_number")}
)

OF_GUARDIANS = {slot: [f"{slot}_{p}" for p in ("relation", "phone", "id_number")] for slot in SLOTS}


def read_row(
    table: Table, steps: Sequence[Step], index: int, cells: Sequence[Cell], today: date
) -> Row:
    """Read one row; `facts` holds clear text and typed values, `problems` what forbids it."""
    row = Row(table, index, cells)
    if not NO_RESULT.isdisjoint(cells):
        _failed_formulas(row)
    if index in table.sheet.hidden_rows:
        row.doubtful("name", "这一行在表格里是隐藏的，也会导入；不要的请删除这一行。")
    _name(row)
    read_identity(row, today)
    width = len(cells)
    for step in steps:
        raw = cells[step.column] if step.column < width else ""
        if raw == "" or raw is None or step.name in row.failed:
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
    _entered_after_birth(row)
    return row


def _failed_formulas(row: Row) -> None:
    """A formula without a result is refused where it stands; the same cell says nothing else."""
    for name, column in row.table.columns.items():
        raw = row.cells[column] if column < len(row.cells) else ""
        if raw not in NO_RESULT or name == LEFT_OUT:
            continue
        row.failed |= {name}
        why = f"这一格的公式出错（{raw}），请改成实际的内容。"
        row.problems.append(row.problem(name, UNRECKONED if raw == UNSAVED else why))


def _take(row: Row, name: str, odd: Odd) -> None:
    if odd.problem:
        row.wrong(name, odd.problem)
        return
    for doubt in odd.doubts:
        row.doubtful(name, doubt)
    setattr(row.facts, name, odd.value)


def _name(row: Row) -> None:
    raw = row.cell("name")
    if isinstance(raw, str) and COMMON_NAME.fullmatch(raw):
        row.facts.name = row.facts.name_key = raw
        return
    name, problems = spelled(as_text(raw))
    if problems:
        row.wrong("name", "".join(problems))
        return
    row.facts.name, row.facts.name_key = name, name_key(name)
    if doubt := _unprintable(name):
        row.doubtful("name", doubt)


def _enrolment_no(raw: Cell) -> Any:
    if isinstance(raw, str) and USUAL_ENROLMENT.fullmatch(raw):
        return raw
    if is_float_id(raw):
        return Odd(problem=FLOAT_ID)
    text = "".join(as_text(raw).split()).upper()
    if not text:
        return None
    if not text.isascii() or not text.isalnum() or not 4 <= len(text) <= LONGEST["enrolment_no"]:
        return Odd(problem="学籍号应为4至24位字母和数字，请对照学籍系统核对。")
    return text


def _words(longest: int, raw: Cell) -> Any:
    text = as_text(raw)
    return None if says_nothing(text) else within(longest, text)


def _entered_on(today: date, raw: Cell) -> Any:
    if not as_text(raw):
        return None
    try:
        return entry_in(raw, today)
    except ValueError as error:
        return Odd(problem=str(error))


def _phone(raw: Cell) -> Any:
    if isinstance(raw, str) and MOBILE_PATTERN.fullmatch(raw):
        return raw
    # A CSV of a workbook's numbers has them with a decimal.
    text = DECIMAL.sub("", as_text(raw))
    if says_nothing(text):
        return None
    check = check_phone(text)
    if not check.problems:
        return Odd(check.number, doubts=tuple(check.warnings)) if check.warnings else check.number
    several = [check_phone(part) for part in SEVERAL.split(text) if part]
    if len(several) > 1 and not any(one.problems for one in several):
        return Odd(several[0].number, doubts=(f"有{len(several)}个号码，只导入第一个，请核对。",))
    return Odd(problem=f"{''.join(check.problems)}没有可以留空。")


def _guardian(raw: Cell) -> Any:
    if isinstance(raw, str) and COMMON_NAME.fullmatch(raw):
        return raw
    text = as_text(raw)
    if says_nothing(text):
        return None
    name, problems = spelled(text)
    if problems:
        return Odd(problem="".join(problems))
    doubt = _unprintable(name)
    return Odd(name, doubts=(doubt,)) if doubt else name


def _unprintable(text: str) -> str:
    """Which characters would be missing on paper, said before anything is printed."""
    missing = [f"“{c}”（U+{ord(c):04X}）" for c in missing_glyphs(text)]
    if not missing:
        return ""
    return f"{'、'.join(missing)}在打印用的字体中没有，名册照常导入；打印后请手写补上这个字。"


def _guardian_document(today: date, raw: Cell) -> Any:
    if is_float_id(raw):
        return Odd(problem=FLOAT_ID)
    text = as_text(raw)
    if says_nothing(text):
        return None
    number, problems = document(kind_of(text), text, today)
    return Odd(problem=f"{''.join(problems)}没有可以留空。") if problems else number


def _entered_after_birth(row: Row) -> None:
    """By years: those born in autumn enter a kindergarten shortly before their third birthday."""
    entered, birth = row.facts.entered_on, row.facts.birth_date
    if entered and birth and entered.year < birth.year + YOUNGEST_ENTRY:
        row.wrong(
            "entered_on",
            f"入学时不满{YOUNGEST_ENTRY}岁（出生于{birth.year}年），请核对入学年月和出生日期。",
        )


def _guardian_named(row: Row) -> None:
    facts = row.facts
    for slot in SLOTS:
        if getattr(facts, f"{slot}_name") is not None:
            continue
        told = any(getattr(facts, name) is not None for name in OF_GUARDIANS[slot])
        if told and not row.text(f"{slot}_name"):
            row.doubtful(
                f"{slot}_name", "填了监护人的电话、关系或证件，没有填姓名，这几格没有导入。"
            )
    first, second = facts.guardian_name, facts.second_name
    if first is not None and second is not None and name_key(first) == name_key(second):
        row.wrong("second_name", "与第一监护人同名，请核对；只有一位的请留空这几格。")
