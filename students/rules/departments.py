"""Departments' lists as they come: whose columns mean what, and the people that a file names.

Civil affairs (民政), the disability federation (残联), rural affairs (乡村振兴), the union (工会)
each head their columns in their own way; some list the child, some the parent beside the child.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from office.spreadsheets.cells import Cell, as_date, as_text, is_float_id
from office.spreadsheets.headers import BRACKETED, Header, normalised
from office.spreadsheets.reading import Unreadable
from privacy.identity import ID_PATTERN, check_id, name_key
from students.rules.other_documents import other_document
from students.rules.roster.cells import FLOAT_ID, NO_RESULT, region_known
from students.rules.roster.columns import KNOWN as ROSTER
from students.rules.roster.columns import shown
from students.rules.roster.identity import NOTHING
from students.rules.roster.problems import Problem
from students.rules.roster.reading import OWN_NUMBER, SIGNED
from students.rules.roster.tables import Table, label_of, tables_of
from students.rules.roster.totals import total_word
from students.rules.roster.unread import aside
from students.rules.unusable import (
    NO_DAY,
    day_in,
    how_to_mend,
    why_failed,
    why_unusable,
    with_results,
)

# `holder` is the one in whose right the household is on the list: head of household, disabled
# parent, worker in hardship. He is the person himself where no child stands beside him.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "name": (
        "姓名", "人员姓名", "成员姓名", "家庭成员姓名", "学生姓名", "儿童姓名", "子女姓名",
        "保障对象姓名", "对象姓名", "救助对象姓名", "孩子姓名", "被监护人姓名", "共同生活成员姓名",
    ),
    "id_number": (
        "身份证号", "身份证号码", "身份证件号码", "证件号码", "公民身份号码", "身份证",
        "成员身份证号", "成员身份证号码", "成员证件号码", "家庭成员身份证号", "家庭成员身份证号码",
        "儿童身份证号", "儿童身份证号码", "子女身份证号", "子女身份证号码", "子女证件号码",
        "证件号", "学生身份证号", "学生身份证号码", "孩子身份证号", "救助对象身份证号",
        "保障对象身份证号", "共同生活成员身份证号",
    ),
    "birth_date": (
        "出生日期", "出生年月日", "子女出生日期", "儿童出生日期", "生日", "出生年月",
        "子女出生年月", "儿童出生年月", "学生出生日期", "学生出生年月",
    ),
    "guardian": ("监护人姓名", "监护人", "家长姓名", "父母姓名", "法定监护人", "实际监护人姓名"),
    "holder": (
        "户主姓名", "户主", "残疾人姓名", "持证人姓名", "职工姓名", "困难职工姓名", "烈士姓名",
        "申请人姓名",
    ),
    "holder_id": (
        "户主身份证号", "户主身份证号码", "户主证件号码", "残疾证号", "残疾人证号",
        "持证人身份证号", "残疾人身份证号", "职工身份证号", "职工身份证号码", "申请人身份证号",
    ),
    "kind": (
        "残疾类别", "救助类别", "保障类别", "户类型", "监测对象类别", "帮扶类别", "困难类别",
        "救助类型", "低保类别", "致贫类型",
    ),
    "level": ("残疾等级", "残疾级别", "救助等级", "保障等级", "风险是否已消除", "困难等级"),
}  # fmt: skip
# Who is headed so may stand beside a parent or a head of household who is headed 姓名.
MEMBERS = ("子女", "孩子", "儿童", "学生", "被监护人", "成员", "家庭成员", "共同生活成员")
# Whoever is older may be a child's parent.
OLDEST_CHILD = 22
LONGEST_DETAIL = 64
NOTHING_TO_MATCH = Unreadable(
    "没有认出“身份证号”这一列。",
    "请在表头写上“姓名”“身份证号”（没有身份证号的，写“出生日期”或“监护人姓名”），再重新上传。",
)
HIDDEN_ROW = "这一行在表格里是隐藏的，也会比对；不要的请删除这一行，再重新上传。"
ROSTER_INSTEAD = (
    "表头里有“学籍号”和“班级”，像是学校的名册，不是部门的名单；比对之后，其中在册的{}人都会标记。"
    "请核对是不是选错了文件。"
)
# What the file's people are called where a sheet of them was not read.
WHO = "名单上的人"
NO_WAY = "没有身份证号，也没有出生日期或监护人姓名，不能比对，请部门补上其中一项。"


@dataclass(frozen=True, slots=True)
class Named:
    """One person of the list: his row in the file (1-based) and what it says of him.

    `name` and `guardian` are name keys; `id_number` is empty where the department gave none.
    """

    row: int
    name: str
    id_number: str
    birth_date: date | None = None
    guardian: str = ""
    detail: str = ""
    # Why his number can't be used; then he is asked about by his name, and tagged by nothing.
    unusable: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """By what one person is told from another: the number, or else all that is known."""
        if self.id_number:
            return (self.id_number,)
        return (self.name, str(self.birth_date or ""), self.guardian)


@dataclass(slots=True)
class ListReading:
    """The people of a file, the cells that can't be used, and what is to be looked at."""

    people: list[Named] = field(default_factory=list)
    # Of the rows left out those who may be found by name and day of birth, or name and guardian.
    by_name: list[Named] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)
    rows: int = 0
    repeated: int = 0

    def left_out(self, field: str = "") -> int:
        """How many rows are not matched, for any reason or for what is wrong in one column."""
        told = (p for p in self.problems if not field or p.field == field)
        return len({(p.sheet, p.row) for p in told})


@dataclass(slots=True)
class _Reader:
    """One table with its columns settled, reading into `reading`."""

    reading: ListReading
    seen: set[tuple[str, ...]]
    table: Table
    today: date
    offset: int
    columns: dict[str, int]

    def text(self, name: str, cells: Sequence[Cell]) -> str:
        column = self.columns.get(name)
        if column is None or column >= len(cells):
            return ""
        return as_text(cells[column])

    def raw(self, name: str, cells: Sequence[Cell]) -> Cell:
        column = self.columns.get(name)
        return cells[column] if column is not None and column < len(cells) else ""

    def wrong(self, name: str, index: int, value: str, reason: str) -> None:
        column = self.columns.get(name)
        label = label_of(name)
        self.reading.problems.append(
            Problem(self.table.name, index, column, label, value, reason, field=name)
        )


def read_list(content: bytes, filename: str, *, today: date) -> ListReading:
    """Read every row; a repeated person counts once. Raises `Unreadable` for what is no list."""
    reading = ListReading()
    seen: set[tuple[str, ...]] = set()
    offset = 0
    tables = tables_of(content, filename, KNOWN)
    # Whoever stands on a sheet that nobody reads would be missing without a word.
    reading.doubts += [one.as_problem(WHO) for one in tables.unread if one.rows]
    for table in tables:
        reader = _Reader(reading, seen, table, today, offset, columns_of(apart(table.header)))
        since = today.year - OLDEST_CHILD
        reading.doubts += aside(table.sheet, table.header, reader.columns, since)
        reading.doubts += _like_a_roster(table)
        hidden = table.sheet.hidden_rows
        for index, cells in table.rows():
            if _read(reader, index, cells) and index in hidden:
                reading.doubts.append(Problem(table.name, index, None, "", "", HIDDEN_ROW))
        offset += len(table.sheet.rows)
    once = {one.identity: one for one in reversed(reading.by_name) if one.identity not in seen}
    reading.by_name = sorted(once.values(), key=lambda one: one.row)
    if not reading.rows:
        raise Unreadable("表头下面没有人员。", "请把名单填在表头下面，再重新上传。")
    return reading


def _like_a_roster(table: Table) -> list[Problem]:
    """The wrong file: with a roster every student of a school would be tagged."""
    words = {normalised(label) for label in table.header.labels}
    if any(
        words.isdisjoint(map(normalised, ROSTER[name])) for name in ("enrolment_no", "class_name")
    ):
        return []
    people = sum(1 for _ in table.rows())
    reason = ROSTER_INSTEAD.format(people)
    return [Problem(table.name, table.header.row_index, None, "", "", reason)]


def apart(header: Header) -> dict[str, int]:
    """The columns, those of a child told from those of the parent who is headed like anybody.

    姓名 身份证号 子女姓名 子女身份证号: the first two are the parent's, and so is a lone number
    that stands right of his name.
    """
    columns = dict(header.columns)
    child, own = _headed(header, "name", member=True), _headed(header, "id_number", member=True)
    parent = columns.get("holder", _headed(header, "name", member=False))
    if child is None or parent is None:
        return columns
    columns |= {"name": child, "holder": parent}
    if parent < columns.get("birth_date", child) < child:
        del columns["birth_date"]
    number = _headed(header, "id_number", member=False)
    if own is not None:
        columns["id_number"] = own
    elif number is not None and (parent < number < child or child < parent < number):
        del columns["id_number"]
    else:
        return columns
    if number is not None:
        columns.setdefault("holder_id", number)
    return columns


def _headed(header: Header, name: str, *, member: bool) -> int | None:
    """The first column headed so, for a member of a household or for anybody."""
    words = {normalised(word) for word in KNOWN[name] if word.startswith(MEMBERS) == member}
    for column, label in enumerate(header.labels):
        if words & {normalised(label), normalised(BRACKETED.sub("", label))}:
            return column
    return None


def columns_of(found: Mapping[str, int]) -> dict[str, int]:
    """Which column holds the person and which the guardian, once all headings are known.

    Raises `Unreadable` when nothing could tell one person from another.
    """
    columns = dict(found)
    alone = "name" not in columns or "holder" not in columns
    if alone and "holder" in columns:
        columns["name"] = columns.pop("holder")
    # A certificate's number belongs to its holder, so not to a child beside him.
    if alone and "id_number" not in columns and "holder_id" in columns:
        columns["id_number"] = columns["holder_id"]
    if "holder" in columns:
        columns.setdefault("guardian", columns["holder"])
    told = {"birth_date", "guardian"} & columns.keys()
    if "id_number" not in columns and not ("name" in columns and told):
        raise NOTHING_TO_MATCH
    return columns


def _read(reader: _Reader, index: int, cells: Sequence[Cell]) -> bool:
    """Take up a row, or tell what is wrong with it; False when it is about nobody."""
    reading = reader.reading
    if not NO_RESULT.isdisjoint(cells):
        if _failed(reader, index, cells):
            reading.rows += 1
            return True
        cells = with_results(cells)
    raw, name = reader.raw("id_number", cells), reader.text("name", cells)
    usual = isinstance(raw, str) and ID_PATTERN.fullmatch(raw) is not None
    text = str(raw) if usual else as_text(raw)
    if not usual and _is_nobody(cells, text, name):
        return False
    reading.rows += 1
    if not usual and is_float_id(raw):
        value = f"{raw:.2E}" if isinstance(raw, int | float) else text
        reader.wrong("id_number", index, value, FLOAT_ID)
        _keep_by_name(reader, index, cells, FLOAT_ID)
        return True
    named = _person(reader, index, cells, text, name)
    if named is None:
        return True
    identity = named.identity
    if identity in reader.seen:
        reading.repeated += 1
    else:
        reader.seen.add(identity)
        reading.people.append(named)
    return True


def _is_nobody(cells: Sequence[Cell], number: str, name: str) -> bool:
    """A line of totals, or one for whoever made or signs the list; a long number is somebody's."""
    if not number and not name:
        return True
    if OWN_NUMBER.fullmatch(number):
        return False
    told = [value for value in cells if value not in ("", None)][:2]
    if any(isinstance(value, str) and total_word(value) for value in told):
        return True
    return all(SIGNED.match(said) for said in (name, number) if said)


def _failed(reader: _Reader, index: int, cells: Sequence[Cell]) -> bool:
    """Tell formulas without a result where one is looked for by them; whether there are any."""
    if total_word(reader.text("name", cells)):
        return False
    looked_for = ["name", "id_number"]
    if reader.text("id_number", cells).upper() in ("", *NOTHING):
        looked_for += ["birth_date", "guardian"]
    raws = [(name, reader.raw(name, cells)) for name in looked_for]
    failed = {name: str(raw) for name, raw in raws if raw in NO_RESULT}
    for name, raw in failed.items():
        reader.wrong(name, index, raw, how_to_mend(raw))
    if failed:
        _keep_by_name(reader, index, with_results(cells), why_failed(failed))
    return bool(failed)


def _person(
    reader: _Reader, index: int, cells: Sequence[Cell], text: str, name: str
) -> Named | None:
    """The person of a row, or None after telling what is wrong with it."""
    guardian = name_key(reader.text("guardian", cells))
    row, key, detail = reader.offset + index + 1, name_key(name), _detail(reader, cells)
    if text.upper() in NOTHING:
        text = ""
    try:
        birth = _birth(reader, cells)
    except ValueError as error:
        # A good number tells the day itself.
        if not ID_PATTERN.fullmatch(text):
            value = reader.text("birth_date", cells)[:40]
            reader.wrong("birth_date", index, value, str(error))
            if not text:
                _keep_by_name(reader, index, cells, NO_DAY)
            return None
        birth = None
    if not text:
        if birth is None and not guardian:
            reader.wrong("id_number", index, "", NO_WAY)
            return None
        return Named(row, key, "", birth, guardian, detail)
    if not ID_PATTERN.fullmatch(text) and (document := other_document(text, birth)):
        return Named(row, key, document, birth, guardian, detail)
    # A disability certificate's number is the ID number with two digits behind it.
    number = text[:18] if len(text) == 20 and text[:17].isdecimal() else text
    check = check_id(number, today=reader.today, region_known=region_known)
    if check.problems:
        for problem in check.problems:
            reader.wrong("id_number", index, shown("id_number", text), problem)
        _keep_by_name(reader, index, cells, check.problems[0], check.number)
        return None
    return Named(row, key, check.number, check.birth_date, guardian, detail)


def _keep_by_name(
    reader: _Reader, index: int, cells: Sequence[Cell], problem: str, number: str = ""
) -> None:
    """Whose number or day can't be used may still be a student by his name and what is told."""
    key, guardian = name_key(reader.text("name", cells)), name_key(reader.text("guardian", cells))
    try:
        told = _birth(reader, cells)
    except ValueError:
        told = None
    birth = told or day_in(number, reader.today)
    if key and (birth or guardian):
        why = why_unusable(problem, taken=told is None and birth is not None)
        row, detail = reader.offset + index + 1, _detail(reader, cells)
        reader.reading.by_name.append(Named(row, key, "", birth, guardian, detail, why))


def _birth(reader: _Reader, cells: Sequence[Cell]) -> date | None:
    """The day of birth, None where nobody told it; raises ValueError when it can't be one."""
    text = reader.text("birth_date", cells)
    if text.upper() in (*NOTHING, "", "不详", "未知"):
        return None
    day = as_date(reader.raw("birth_date", cells))
    if day > reader.today:
        raise ValueError("出生日期晚于今天，请与部门核对。")
    return day


def _detail(reader: _Reader, cells: Sequence[Cell]) -> str:
    if "kind" not in reader.columns and "level" not in reader.columns:
        return ""
    kind, level = reader.text("kind", cells), _level(reader, cells)
    return (f"{kind}，{level}" if kind and level else kind or level)[:LONGEST_DETAIL]


def _level(reader: _Reader, cells: Sequence[Cell]) -> str:
    text = reader.text("level", cells)
    column = reader.columns.get("level")
    if column is None or "风险" not in reader.table.header.labels[column]:
        return text
    return {"是": "风险已消除", "否": "风险未消除"}.get(text, text)
