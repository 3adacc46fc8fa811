"""Cells merged over several rows: a class written once for its forty students."""

from office.spreadsheets.cells import as_text, cell_name
from students.rules.roster.columns import LABELS, shown
from students.rules.roster.problems import Problem
from students.rules.roster.tables import Table

# What many students have in common; no two have one name or number, and who merged those erred.
SHARED = frozenset(
    {"grade", "class_name", "major", "agri_major", "department", "campus", "entered_on"}
)
OWN = frozenset({"name", "id_number"})


def filled_down(table: Table) -> list[Problem]:
    """Fill what is shared into the rows over which it is merged; says of each range what was done.

    Other columns are left as they are, and it is told that only the first row has the value.
    """
    fields = {table.columns[name]: name for name in LABELS if name in table.columns}
    told = []
    for top, left, bottom, _ in sorted(table.sheet.merged):
        name = fields.get(left)
        if name is None or name in OWN or top <= table.header.row_index:
            continue
        rows = table.sheet.rows[top : bottom + 1]
        empty = [r for r in rows[1:] if any(as_text(v) for v in r) and not as_text(r[left])]
        value = as_text(rows[0][left]) if rows else ""
        if not value or not empty:
            continue
        if name in SHARED:
            for row in empty:
                row[left] = rows[0][left]
        told.append(_told(table, name, (top, left, bottom), value))
    return told


def _told(table: Table, name: str, place: tuple[int, int, int], value: str) -> Problem:
    top, left, bottom = place
    cells = f"{cell_name(top, left)}至{cell_name(bottom, left)}"
    mended = name in SHARED
    reason = (
        f"{cells}是合并的单元格，这些行都按“{shown(name, value)}”读取。"
        if mended
        else f"{cells}是合并的单元格，只有第一行有内容，下面各行按空着读取；"
        "每行都有的，请取消合并后逐行填写。"
    )
    return Problem(
        table.name, top, left, LABELS[name], shown(name, value), reason, mended=mended, field=name
    )
