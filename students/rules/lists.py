"""A department's list of people of one special group: its rows, and what forbids one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from audit.refusal import Reason
from office.spreadsheets.cells import Cell, as_text, is_float_id
from office.spreadsheets.reading import Unreadable
from privacy.identity import check_id, name_key
from schools.models import Appointment
from schools.roles import Role
from students.models import DepartmentList, SpecialGroup
from students.rules.roster.cells import FLOAT_ID, region_known
from students.rules.roster.columns import shown
from students.rules.roster.problems import Problem
from students.rules.roster.tables import Table, label_of, tables_of

# Civil affairs, disability federation and rural affairs each head their columns differently.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "name": (
        "姓名", "人员姓名", "成员姓名", "家庭成员姓名", "学生姓名", "儿童姓名", "残疾人姓名",
        "保障对象姓名", "对象姓名",
    ),
    "id_number": (
        "身份证号", "身份证号码", "身份证件号码", "证件号码", "公民身份号码", "身份证",
        "成员身份证号", "家庭成员身份证号", "儿童身份证号", "证件号", "残疾证号", "学生身份证号",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """One person of the list: his row in the file (1-based), name and identity number."""

    row: int
    name: str
    id_number: str


@dataclass(slots=True)
class ListReading:
    """The people of a file, and the cells that can't be used."""

    people: list[Named] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    repeated: int = 0


def read_list(content: bytes, filename: str, *, today: date) -> ListReading:
    """Read every row; a repeated person counts once. Raises `Unreadable` for what is no list."""
    reading = ListReading()
    seen: set[str] = set()
    offset = 0
    for table in tables_of(content, filename, KNOWN):
        if "id_number" not in table.columns:
            raise Unreadable(
                "没有认出“身份证号”这一列。", "请在表头写上“姓名”“身份证号”，再重新上传。"
            )
        for index, cells in table.rows():
            _read(reading, table, index, cells, today, seen, offset)
        offset += len(table.sheet.rows)
    if not reading.rows:
        raise Unreadable("表头下面没有人员。", "请把名单填在表头下面，再重新上传。")
    return reading


def _read(
    reading: ListReading,
    table: Table,
    index: int,
    cells: Sequence[Cell],
    today: date,
    seen: set[str],
    offset: int,
) -> None:
    raw = _cell(table, "id_number", cells)
    text, name = as_text(raw), as_text(_cell(table, "name", cells))
    if not text and (not name or name in ("合计", "总计")):
        return
    reading.rows += 1
    if is_float_id(raw):
        value = f"{raw:.2E}" if isinstance(raw, int | float) else text
        reading.problems.append(_problem(table, index, value, FLOAT_ID))
        return
    # A disability certificate's number is the ID number with two digits behind it.
    number = text[:18] if len(text) == 20 and text[:17].isdecimal() else text
    check = check_id(number, today=today, region_known=region_known)
    if check.problems:
        masked = shown("id_number", text)
        reading.problems += [_problem(table, index, masked, p) for p in check.problems]
    elif check.number in seen:
        reading.repeated += 1
    else:
        seen.add(check.number)
        reading.people.append(Named(offset + index + 1, name_key(name), check.number))


def _cell(table: Table, name: str, cells: Sequence[Cell]) -> Cell:
    column = table.columns.get(name)
    return cells[column] if column is not None and column < len(cells) else ""


def _problem(table: Table, index: int, value: str, reason: str) -> Problem:
    column = table.columns["id_number"]
    return Problem(table.name, index, column, label_of("id_number"), value, reason)


def why_not_upload(
    *, group: SpecialGroup, issued_on: date, valid_from: date, valid_to: date | None, today: date
) -> list[Reason]:
    """Every reason why a list with these dates can't be taken."""
    found = []
    if issued_on > today:
        found.append(Reason("名单日期晚于今天", "请填写部门出具名单的日期"))
    if valid_to is not None and valid_to < valid_from:
        found.append(Reason("有效期止早于有效期起", "请核对有效期"))
    if group.valid_to is not None and group.valid_to < issued_on:
        found.append(Reason(f"“{group}”这一类型已停用", "请选择现行的类型"))
    return found


def why_not_withdraw(listed: DepartmentList, reason: str, by: Appointment) -> list[Reason]:
    """Every reason besides its status why this person can't withdraw the list."""
    found = []
    if by.role != Role.BUREAU_REVIEWER:
        label = Role.BUREAU_REVIEWER.label
        found.append(Reason(f"撤销名单应由{label}办理", f"请{label}登录后办理"))
    if listed.match_by_id == by.person_id:
        found.append(Reason("比对这份名单的人不能撤销", "请另一人办理"))
    if not reason.strip():
        found.append(Reason("没有写撤销原因"))
    return found
