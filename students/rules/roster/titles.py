"""Rosters printed class by class: the class stands in a line above each block, in no column."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from office.spreadsheets.cells import Cell, as_text
from students.rules.roster.columns import LABELS
from students.rules.roster.numerals import class_number
from students.rules.roster.places import Classes, squeezed
from students.rules.roster.placing import names_a_class
from students.rules.roster.problems import Problem
from students.rules.roster.rows import Row
from students.rules.roster.tables import Table

# 高一（1）班 班主任：李例; 班级：高一（1）班; 示范中学高一（1）班学生花名册（共45人）
TITLE = re.compile(
    r"(?:(?:所在)?(?:班级|班别)(?:名称)?[：:\s]*)?"
    r"([^：:，,、；;。]{1,30}?班)"
    r"(?=\s|[（(，,：:；;]|班主任|学生|花名册|名册|名单|人数|共|$)"
)
LONGEST = 80
SCHOOL = re.compile(r"^.*(?:学校|中学|小学|学院|中专|校区)")
# Words with 班 that name no class.
OTHERS = re.compile("班主任|班级|班别|班长|班干|[全本各该]班")
# Beside the class, where the names of students stand: 班主任, 人数：45.
BESIDE = re.compile(r"班主任|人数|共|.*[：:]")
WHO = frozenset({"name", "id_number"})
NUMBER = re.compile(r"[0-9A-Za-z' ]{8,}")


def titles_of(table: Table, classes: Classes) -> dict[int, str]:
    """The lines that say whose class follows, by 0-based row; none where a column says it.

    Nor where a student's own row names a class: there it is a column with another heading; nor
    where the sheet is named after its only class, or nothing tells which rows are students.
    """
    if "class_name" in table.columns or not WHO.issubset(table.columns):
        return {}
    found: dict[int, str] = {}
    for index, cells in enumerate(table.sheet.rows):
        texts = _texts(cells)
        if not any("班" in text for text in texts) or index == table.header.row_index:
            continue
        if index > table.header.row_index and _is_about_someone(table, cells, texts):
            if any(_class_in(text, table, classes) for text in texts):
                return {}
            continue
        told = {name for text in texts if (name := _class_in(text, table, classes))}
        if len(told) == 1:
            found[index] = told.pop()
    if names_a_class(table.name, table, classes) and len({*map(squeezed, found.values())}) < 2:
        return {}
    return found


def give_titles(table: Table, rows: Sequence[Row], titles: Mapping[int, str]) -> list[Problem]:
    """Each row the class of the line above it; says of each line to which rows."""
    if not titles:
        return []
    lines, at = sorted(titles), -1
    above: dict[int, int] = {}
    for row in rows:
        while at + 1 < len(lines) and lines[at + 1] < row.index:
            at += 1
        if at >= 0:
            above[row.index] = lines[at]
            row.titled = titles[lines[at]]
    return [
        _told(table, line, titles[line], [index for index, _ in of_line])
        for line, of_line in groupby(above.items(), key=lambda pair: pair[1])
    ]


def _told(table: Table, line: int, name: str, rows: Sequence[int]) -> Problem:
    first, last = rows[0] + 1, rows[-1] + 1
    where = f"第{first}至{last}行" if last > first else f"第{first}行"
    reason = f"表格没有“班级”列，{where}（{len(rows)}人）按这一行标题读作“{name}”，请核对。"
    return Problem(table.name, line, None, LABELS["class_name"], name, reason, field="class_name")


def _texts(cells: Sequence[Cell]) -> list[str]:
    """What a row says; what is too long for a title, or a number, says nothing here."""
    told = (value for value in cells if value not in ("", None))
    return [v.strip() if isinstance(v, str) and len(v) <= LONGEST else "" for v in told]


def _class_in(text: str, table: Table, classes: Classes) -> str:
    """The one class that a line names, as it is written there; '' when it names none or several."""
    title = TITLE.match(text)
    if title is None or OTHERS.sub("", text).count("班") != 1:
        return ""
    written = title[1].strip()
    for name in (written, SCHOOL.sub("", written)):
        if names_a_class(name, table, classes):
            return name
        if "grade" in table.columns and class_number(squeezed(name)):
            return name
    return ""


def _is_about_someone(table: Table, cells: Sequence[Cell], texts: Sequence[str]) -> bool:
    """Whether the row has a number or a name, and not what a title says there."""

    def text(field: str) -> str:
        column = table.columns.get(field, len(cells))
        return as_text(cells[column]) if column < len(cells) else ""

    name = text("name")
    beside = bool(name) and "班" not in name and name != texts[0] and not BESIDE.match(name)
    return beside or NUMBER.fullmatch(text("id_number")) is not None
