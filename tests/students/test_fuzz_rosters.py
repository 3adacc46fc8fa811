"""Broken rosters of every kind are read or refused in words; nothing else happens."""

import io
from datetime import date

import pytest
import xlwt

from office.spreadsheets.cells import Cell
from students.rules.roster.reading import read_roster
from tests.mutations import (
    SHORT,
    Kind,
    in_bytes,
    survive,
    survive_long,
    texts,
    whole_first,
    workbooks,
)
from tests.students.rosters import HEADERS, roster, row
from tests.students.test_rules_roster import school_classes


def xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名册")
    rows: list[list[Cell]] = [list(HEADERS), *(row(i) for i in range(5))]
    for r, cells in enumerate(rows):
        for c, value in enumerate(cells):
            sheet.write(r, c, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv(encoding: str) -> bytes:
    lines = [HEADERS, *([str(cell) for cell in row(i)] for i in range(20))]
    return "\r\n".join(",".join(line) for line in lines).encode(encoding)


def by_class(encoding: str) -> bytes:
    """Printed class by class: the class stands above each block."""
    heads, lines = ("姓名", "身份证件号码"), list[tuple[str, ...]]()
    for n in range(6):
        people = [dict(zip(HEADERS, map(str, row(3 * n + i)), strict=True)) for i in range(3)]
        lines += [(f"高一（{n + 1}）班 班主任：李例", ""), heads]
        lines += [tuple(one[head] for head in heads) for one in people]
    return "\r\n".join(",".join(line) for line in lines).encode(encoding)


# Each .xls is read in a child process of its own.
KINDS = workbooks(lambda: roster(5)) | texts(csv) | {"xls": Kind(xls, in_bytes, 0.1)}
KINDS |= {f"{kind} by class": one for kind, one in texts(by_class).items()}


def reasons(content: bytes) -> list[str]:
    """What is wrong in the cells of a file."""
    found = read_roster(content, "名册", classes=school_classes(), today=date(2026, 9, 1))
    return [problem.reason for problem in found.problems]


def test_the_files_to_break_are_whole() -> None:
    whole_first(KINDS, reasons)


@pytest.mark.parametrize("kind", KINDS)
def test_broken_files_are_read_or_refused(kind: str) -> None:
    survive(kind, KINDS[kind], reasons, SHORT)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_many_broken_files_are_read_or_refused(kind: str) -> None:
    survive_long(kind, KINDS[kind], reasons)
