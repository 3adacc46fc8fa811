"""A whole roster file: its rows, duplicates and classes, before it is compared with the roster."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from office.spreadsheets.cells import Cell, as_text
from office.spreadsheets.headers import normalised
from office.spreadsheets.reading import MAX_ROWS, Unreadable
from students.rules.roster import days
from students.rules.roster.cells import read_row, steps_of
from students.rules.roster.columns import GIVES_WAY, KNOWN, LABELS, REQUIRED
from students.rules.roster.merged import filled_down
from students.rules.roster.parents import relations_in
from students.rules.roster.places import Classes
from students.rules.roster.placing import names_a_class, place_rows
from students.rules.roster.problems import Problem
from students.rules.roster.rows import Row
from students.rules.roster.tables import Columns, Table, tables_of
from students.rules.roster.titles import give_titles, titles_of
from students.rules.roster.totals import total_word
from students.rules.roster.unread import Unread

# 填表人：张示　审核人：李例, below each page of a printed list.
SIGNED = re.compile(
    r"(?:填[表报写]|制[表作]|审[核批]|负责|经办|统计|上报|班主任|校长|主管|分管|单位|学校|联系).{0,8}[：:]"
    r"|[（(]?(?:学校)?(?:盖章|公章)"
)
# Under the headings of a form it says which cells have to be filled in.
GUIDANCE = ("必填", "选填", "（必填", "(必填")
# 第2页, 第 2 页 共 10 页
PAGE_NUMBER = re.compile(r"第\s*[0-9]+\s*页.{0,12}")
NOTE = re.compile(r"[：:。]|^(?:说明|备注|注|填表|制表)|^[0-9一二三四五六七八九十]+[.、．]")
NUMBER = re.compile(r"[0-9A-Za-z' ]{6,}")
OWN_NUMBER = re.compile(r"[0-9A-Za-z' ]{8,}")
# 1 to 999: a child's number in the class, which every class has.
LONGEST_IN_CLASS = 3
# What stands over any column; pages put together from several files write it differently.
HEADINGS = frozenset(normalised(word) for words in KNOWN.values() for word in words)
UNIQUE = {"id_number": "身份证号", "enrolment_no": "学籍号"}


@dataclass(slots=True)
class Reading:
    """What a file says. `good` rows have a class."""

    layout: list[dict[str, Any]]
    rows: list[Row] = field(default_factory=list)
    # Needed columns that sheets lack; every row of such a sheet has the problem too.
    file_problems: list[Problem] = field(default_factory=list)
    merged: list[Problem] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    @property
    def good(self) -> list[Row]:
        """Rows without a problem."""
        return [r for r in self.rows if not r.problems]

    @property
    def problems(self) -> list[Problem]:
        """Everything that forbids a row, in the order of the file."""
        # A column that is missing is missing in every row of the sheet; that is said once.
        absent = {(p.sheet, p.field) for p in self.file_problems}
        of_rows = (p for row in self.rows for p in row.problems)
        return [*self.file_problems, *(p for p in of_rows if (p.sheet, p.field) not in absent)]

    @property
    def warnings(self) -> list[Problem]:
        """Everything doubtful: sheets not read, merged cells, then in the order of the file."""
        unread = [one.as_problem("学生") for one in self.unread if one.rows]
        return [*unread, *self.merged, *(w for row in self.rows for w in row.warnings)]

    @property
    def unsure(self) -> list[str]:
        """Sheets with people of whom the file does not tell who they are."""
        nameless = (p.sheet for p in self.file_problems if p.field == "id_number")
        return list(dict.fromkeys([*(one.sheet for one in self.unread if one.rows), *nameless]))

    @property
    def told(self) -> frozenset[str]:
        """The columns of which any sheet tells."""
        fields = (column["field"] for sheet in self.layout for column in sheet["columns"])
        return frozenset(fields)

    @property
    def bad_rows(self) -> int:
        """Rows that will not be imported."""
        return len(self.rows) - len(self.good)


def read_roster(
    content: bytes,
    filename: str,
    *,
    classes: Classes,
    today: date,
    columns: Columns | None = None,
    known: Mapping[str, Sequence[str]] = KNOWN,
) -> Reading:
    """Read every row of a roster file. Raises `Unreadable` when it is no roster at all."""
    tables = tables_of(content, filename, known, columns)
    reading = Reading([table.layout() for table in tables], unread=tables.unread)
    lacking = set()
    for table, layout in zip(tables, reading.layout, strict=True):
        titles = titles_of(table, classes)
        missing = _missing(table, classes, known, titles)
        layout["missing"] = [problem.field for problem in missing]
        reading.file_problems += missing
        found = _rows_of(table, reading, today, titles)
        if missing:
            lacking.add(table.name)
            for row in found:
                row.problems += missing
        reading.rows += found
    days.forget()
    if not reading.rows:
        raise Unreadable("表头下面没有学生。", "请把学生填在表头下面，再重新上传。")
    if len(reading.rows) > MAX_ROWS:
        raise Unreadable(
            f"名册有{len(reading.rows):,}人，一次最多{MAX_ROWS:,}人。", "请拆成几个文件，分别上传。"
        )
    sound = reading.rows
    if lacking:
        sound = [row for row in sound if row.table.name not in lacking]
    place_rows(sound, classes)
    for name, label in UNIQUE.items():
        _refuse_duplicates(reading.rows, name, label)
    if any("student_no" in table.columns for table in tables):
        _doubt_same_student_no(reading.rows)
    return reading


def _rows_of(table: Table, reading: Reading, today: date, titles: Mapping[int, str]) -> list[Row]:
    reading.merged += filled_down(table)
    steps = steps_of(table, today)
    needed = [table.columns[n] for n in ("name", "id_number") if n in table.columns]
    heads = _heads(table, needed)
    found = [
        read_row(table, steps, index, cells, today)
        for index, cells in table.rows()
        if index not in titles
        and not _is_total(table, needed, cells)
        and not _is_heading(heads, needed, cells)
    ]
    found = [row for row in found if not _is_signed(row)]
    while found and _is_note(found[-1]):
        found.pop()
    reading.merged += give_titles(table, found, titles)
    for slot, parent in relations_in(table.header).items():
        _relate(found, slot, parent)
    return found


def _relate(rows: Iterable[Row], slot: str, parent: str) -> None:
    """Where no cell tells how a guardian is related, the heading of his name does."""
    for row in rows:
        facts = row.facts
        if getattr(facts, f"{slot}_name") and getattr(facts, f"{slot}_relation") is None:
            setattr(facts, f"{slot}_relation", parent)


def _missing(
    table: Table,
    classes: Classes,
    known: Mapping[str, Sequence[str]],
    titles: Mapping[int, str],
) -> list[Problem]:
    """A needed column that was not recognised; lines above or the sheet's name stand for 班级."""
    absent = [name for name in REQUIRED if name not in table.columns]
    if "class_name" in absent and (titles or names_a_class(table.name, table, classes)):
        absent.remove("class_name")
    return [
        Problem(
            table.name,
            table.header.row_index,
            None,
            LABELS[name],
            "",
            _why_missing(table, name, known),
            field=name,
        )
        for name in absent
    ]


def _why_missing(table: Table, name: str, known: Mapping[str, Sequence[str]]) -> str:
    """A heading that says it, but that the school has given another meaning, is the reason."""
    usual = {normalised(word) for word in KNOWN[name]}
    meant = {normalised(word): column for column, words in known.items() for word in words}
    for label in table.header.labels:
        word = normalised(label)
        if word in usual and (column := meant.get(word)) != name:
            return (
                f"表头“{label}”本校以前更正为“{LABELS.get(column or '', '不导入')}”，所以没有认出"
                f"“{LABELS[name]}”。请在“列是这样理解的”里按“恢复默认”，或在“导入名册”页“本校记住的"
                "表头”里按“不再记住”，也可以指明是哪一列。"
            )
    return f"没有认出“{LABELS[name]}”这一列，请指明是哪一列，或在表头写上“{LABELS[name]}”。"


def _is_total(table: Table, needed: Sequence[int], cells: Sequence[Cell]) -> bool:
    """A line of totals, or one with none of the columns that a student has."""
    filled = 0
    for value in cells:
        if value == "" or value is None:
            continue
        if isinstance(value, str) and total_word(value):
            # 总计 may be the name of somebody, who then has a number of his own.
            own = table.columns.get("id_number", len(cells))
            return own >= len(cells) or not OWN_NUMBER.fullmatch(as_text(cells[own]))
        filled += 1
        if filled == 2:
            break
    # The number first: nearly every row has one, and it is the cheapest to look at.
    return bool(needed) and not any(c < len(cells) and as_text(cells[c]) for c in needed[::-1])


def _heads(table: Table, needed: Sequence[int]) -> dict[Cell, set[tuple[Cell, ...]]]:
    """What stands in the needed columns of the heading and above it, by the first of them."""
    header = table.header
    found: dict[Cell, set[tuple[Cell, ...]]] = {}
    rows: list[Sequence[Cell]] = [*table.sheet.rows[: header.row_index + 1], header.labels]
    for row in rows:
        told = tuple(row[c] if c < len(row) else "" for c in needed)
        if any(told):
            found.setdefault(told[0], set()).add(told)
    return found


def _is_heading(
    heads: Mapping[Cell, set[tuple[Cell, ...]]], needed: Sequence[int], cells: Sequence[Cell]
) -> bool:
    """The heading again, as sheets made for printing have it on each page, or a page's number.

    What a form says of how to fill it in belongs to its heading.
    """
    if not needed or needed[0] >= len(cells):
        return False
    first = cells[needed[0]]
    if isinstance(first, str) and first.startswith(GUIDANCE):
        return True
    if first in heads:
        again = tuple(cells[c] if c < len(cells) else "" for c in needed)
        if again in heads[first]:
            return True
    if len(needed) == 2 and isinstance(first, str) and "名" in first:
        told = [as_text(cells[c]) if c < len(cells) else "" for c in needed]
        return HEADINGS.issuperset(map(normalised, told))
    if isinstance(first, str) and first[:1] == "第" and PAGE_NUMBER.fullmatch(first):
        return sum(1 for value in cells if value not in ("", None)) == 1
    return False


def _is_signed(row: Row) -> bool:
    """A line for whoever made or signs the list, on whatever page."""
    facts = row.facts
    if facts.id_number or facts.name or facts.enrolment_no or row.text("class_name"):
        return False
    told = [text for name in ("name", "id_number") if (text := row.text(name))]
    return bool(told) and all(SIGNED.match(text) for text in told)


def _is_note(row: Row) -> bool:
    """What stands below the list and is nobody: how to fill it in, who made it, who signs."""
    if row.facts.id_number or row.facts.name or row.facts.enrolment_no or row.text("class_name"):
        return False
    return NOTE.search(row.text("name")) is not None and not NUMBER.fullmatch(row.text("id_number"))


def _refuse_duplicates(rows: Iterable[Row], name: str, label: str) -> None:
    """Name both cells: the officer has to see which of the two is right."""
    seen: dict[str, Row] = {}
    for row in rows:
        value = getattr(row.facts, name)
        if value is None:
            continue
        first = seen.setdefault(value, row)
        # An enrolment number made of the ID number repeats with it; one reason is enough.
        if first is not row and (name == "id_number" or not _same_identity(first, row)):
            row.wrong(name, _repeated(row, first, name, label))
            first.wrong(name, _repeated(first, row, name, label))


def _doubt_same_student_no(rows: Iterable[Row]) -> None:
    """Short numbers, and those of the heading that gives way, count inside one class only."""
    seen: dict[tuple[str, object], Row] = {}
    told: set[int] = set()
    for row in rows:
        value = row.facts.student_no
        if value is None:
            continue
        inside = len(value) <= LONGEST_IN_CLASS or _counts_in_class(row.table)
        place = row.place
        at = (place.name if place else row.text("class_name")) if inside else None
        first = seen.setdefault((value, at), row)
        if first is row or _same_identity(first, row):
            continue
        row.doubtful("student_no", f"与{_where(first, row, 'student_no')}的学号相同，请核对。")
        if id(first) not in told:
            told.add(id(first))
            where = _where(row, first, "student_no")
            first.doubtful("student_no", f"与{where}的学号相同，请核对。")


def _counts_in_class(table: Table) -> bool:
    heading = table.header.labels[table.columns["student_no"]]
    return normalised(heading) == normalised(GIVES_WAY["student_no"])


def _repeated(row: Row, other: Row, name: str, label: str) -> str:
    """Two names under one number are two people, one of them with a wrong number."""
    where = f"与{_where(other, row, name)}的{label}重复"
    if row.facts.name_key and other.facts.name_key and row.facts.name_key != other.facts.name_key:
        return f"{where}，姓名却不同（那一行是{other.facts.name}），请对照证件核对这是谁的号码。"
    return f"{where}，请删去其中一行或改正。"


def _same_identity(first: Row, row: Row) -> bool:
    number = row.facts.id_number
    return number is not None and first.facts.id_number == number


def _where(other: Row, row: Row, name: str) -> str:
    cell = other.table.place(name, other.index)
    return cell if other.table is row.table else f"工作表“{other.table.name}”{cell}"
