"""Filled workbooks of families' forms, as a head teacher would save them."""

import io
from collections.abc import Sequence
from typing import Any

import openpyxl

from applications.form_workbook import form_workbook
from applications.rules.sheets.columns import FAMILIES, FAMILY_COLUMNS, MEMBER_COLUMNS, MEMBERS
from students.models import Student

Row = dict[str, Any]


def row(whom: Student, **changes: Any) -> Row:
    """One family's row with everything that handing in needs."""
    return {
        "number": whom.student_no,
        "student": whom.name,
        "students_in_family": 1,
        "income_source": "务工",
        "natural_disaster": "无",
        "debt": "建房欠3万元",
        "phone": "13900000000",
        "address": "示范省示范县示范镇样例村1号",
        "reason": "父母务工，收入低",
        "committed_by": "张样泽",
        "committed_on": "2026-09-01",
        "identity_paper": "户口簿复印件",
        **changes,
    }


def member(whom: Student, name: str = "张样泽", **changes: Any) -> Row:
    """One member's row."""
    return {
        "number": whom.student_no,
        "student": whom.name,
        "name": name,
        "relation": "父亲",
        "age": 43,
        "occupation": "务工",
        "annual_income": "32,000.50",
        "health": "健康",
        **changes,
    }


def filled(families: Sequence[Row], members: Sequence[Row] = ()) -> bytes:
    """The downloaded workbook with these rows typed in."""
    book = openpyxl.load_workbook(io.BytesIO(form_workbook([], {})))
    for name, columns, rows in (
        (FAMILIES, FAMILY_COLUMNS, families),
        (MEMBERS, MEMBER_COLUMNS, members),
    ):
        for n, told in enumerate(rows, 2):
            for m, column in enumerate(columns, 1):
                book[name].cell(n, m).value = told.get(column.name)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
