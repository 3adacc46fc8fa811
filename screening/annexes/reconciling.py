"""Sheets behind the form: tags counted one by one, and each school's share of a bureau's table."""

from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Font

from office.spreadsheets.writing import storable
from screening.annexes.contents import Annex
from screening.categories import LABELS, Cell

SHEET_GROUPS, SHEET_SCHOOLS = "多重身份核对", "各校汇总"
HEAD = Font(name="宋体", size=10.5, bold=True)
BODY = Font(name="宋体", size=10.5)


def add_reconciling(book: Workbook, annex: Annex) -> None:
    """Add what helps to reconcile with the departments' lists; the form itself stays first."""
    if annex.parts or annex.missing:
        _sheet(book, SHEET_SCHOOLS, _schools(annex), widths=(14, 26, 10, *[16] * 6, 12, 12, 12))
    _sheet(book, SHEET_GROUPS, _groups(annex), widths=(40, 14))


def _groups(annex: Annex) -> list[Sequence[str | int]]:
    numbers = annex.numbers
    return [
        ("特殊群体（一人多类的每类都计）", "人数"),
        *numbers.groups.items(),
        ("同时属于两类以上的学生", numbers.several),
        ("本学年还没有认定、按名单列入的学生（待认定）", numbers.ungraded),
        ("已确定资助、还没有到账的学生", numbers.waiting),
    ]


def _schools(annex: Annex) -> list[Sequence[str | int]]:
    heads = ("学校标识码", "学校", "困难学生总数", *(LABELS[int(cell)] for cell in Cell))
    rows: list[Sequence[str | int]] = [(*heads, "覆盖学生数", "应助未助", "待认定")]
    for part in annex.parts:
        n = part.numbers
        own = (n.total, *n.cells, n.covered_compulsory, n.unaided, n.ungraded)
        rows.append((part.code, part.name, *own))
    n = annex.numbers
    rows.append(("", "合计", n.total, *n.cells, n.covered_compulsory, n.unaided, n.ungraded))
    rows += [("", f"{name}（没有报送，未计入）", *[""] * 10) for name in annex.missing]
    return rows


def _sheet(
    book: Workbook, title: str, rows: list[Sequence[str | int]], widths: Sequence[float]
) -> None:
    sheet = book.create_sheet(title)
    for r, row in enumerate(rows, start=1):
        for c, value in enumerate(row, start=1):
            cell = sheet.cell(r, c)
            cell.value = storable(value) if isinstance(value, str) else value
            cell.font = HEAD if r == 1 else BODY
            if isinstance(value, str):
                cell.data_type = "s"
    for c, width in enumerate(widths, start=1):
        sheet.column_dimensions[sheet.cell(1, c).column_letter].width = width
    sheet.freeze_panes = "A2"
