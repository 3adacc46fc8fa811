"""The workbook into which many families' paper forms are typed: two tables with choices to pick."""

import io
from collections.abc import Mapping, Sequence

import openpyxl
from openpyxl.cell.cell import Cell as BookCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from applications.rules.sheets.columns import (
    FAMILIES,
    FAMILY_COLUMNS,
    MEMBER_COLUMNS,
    MEMBERS,
    NAMING,
    Column,
)
from applications.rules.surveys import RELATIONS
from office.spreadsheets.writing import AS_TEXT, storable
from students.models import Guardian, Student

HEAD = PatternFill("solid", fgColor="FFE8EEF7")
KNOWN = PatternFill("solid", fgColor="FFF3F4F6")
# Rows beyond the prefilled ones that still offer choices.
SPARE = 400
NOTES = (
    "一、“家庭情况”一行一个家庭，照家长交来的纸质申请表填写；不申请的学生整行空着。",
    "二、“家庭成员”一行一个成员，不含学生本人；名册里已有的监护人已带出，没有的在下面加行。",
    "三、金额单位是元，一年的收入；没有收入填0。家庭人口和年收入空着的，按成员计算。",
    "四、灰色的格子来自名册，不要改；学号和姓名用来找到学生。",
    "五、承诺日期按纸面签字的日期填写；收到并核对过复印件的，选择身份证明。",
    "六、不满14周岁的学生由父母或其他监护人承诺，并填与学生的关系；纸面上签字同意处理个人信息的，填“是”。",
    "七、这份表含家庭信息，用完请删除，不要发到群里。上传后先检查、后录入，录入人和时间留档。",
)


def form_workbook(
    students: Sequence[Student],
    guardians: Mapping[int, Sequence[Guardian]],
    groups: Sequence[str] = (),
) -> bytes:
    """The workbook for these students; `guardians` by student id are proposed as members.

    `groups`: what may stand in the column of special groups.
    """
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    families = _table(book, FAMILIES, FAMILY_COLUMNS)
    for n, s in enumerate(students, 2):
        _fill(families, n, (s.school_class.name, s.student_no, s.name))
    members = _table(book, MEMBERS, MEMBER_COLUMNS)
    row = 2
    for s in students:
        for g in guardians.get(s.pk, ()):
            relation = g.relation if g.relation in RELATIONS else "监护人"
            _fill(members, row, (s.student_no, s.name), (g.name, relation))
            row += 1
    _choices(families, FAMILY_COLUMNS, len(students) + SPARE)
    _choices(members, MEMBER_COLUMNS, row + SPARE)
    notes = book.create_sheet("填写说明")
    notes.column_dimensions["A"].width = 100
    named = "特殊群体类型填下列名称，几类用顿号隔开，没有的空着：" + "、".join(groups)
    for n, text in enumerate([*NOTES, *([f"八、{named}。"] if groups else [])], 1):
        notes.cell(n, 1, text).alignment = Alignment(wrap_text=True, vertical="top")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _table(book: openpyxl.Workbook, name: str, columns: Sequence[Column]) -> Worksheet:
    page: Worksheet = book.create_sheet(name)
    for n, column in enumerate(columns, 1):
        head = page.cell(1, n, column.label)
        head.font, head.fill = Font(bold=True), HEAD
        head.alignment = Alignment(wrap_text=True, vertical="center")
        page.column_dimensions[get_column_letter(n)].width = column.width
    page.row_dimensions[1].height = 32
    fixed = sum(c.name in NAMING for c in columns) + 1
    page.freeze_panes = f"{get_column_letter(fixed)}2"
    return page


def _fill(page: Worksheet, row: int, known: Sequence[str], more: Sequence[str] = ()) -> None:
    for n, value in enumerate([*known, *more], 1):
        cell = page.cell(row, n)
        # Stored as text, whatever it begins with.
        cell.value = storable(value)
        cell.data_type, cell.number_format = "s", AS_TEXT
        if n <= len(known) and isinstance(cell, BookCell):
            cell.fill = KNOWN


def _choices(page: Worksheet, columns: Sequence[Column], last: int) -> None:
    for n, column in enumerate(columns, 1):
        letter = get_column_letter(n)
        if column.choices:
            listed = DataValidation(
                type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True
            )
            listed.error, listed.errorTitle = "请从下拉列表中选择", column.label
            listed.showErrorMessage = True
            listed.add(f"{letter}2:{letter}{last}")
            page.add_data_validation(listed)
        elif column.name in ("number", "phone"):
            for row in range(2, last + 1):
                page.cell(row, n).number_format = AS_TEXT
