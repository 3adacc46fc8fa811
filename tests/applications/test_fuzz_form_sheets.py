"""Broken workbooks of families' forms are read or refused in words."""

import pytest

from applications.rules.sheets.reading import read_forms
from students.models import Student
from tests.applications import sheets
from tests.mutations import SHORT, survive, survive_long, whole_first, workbooks


def _filled() -> bytes:
    people = [Student(name=f"张示{n}", student_no=f"2026{ord(n)}") for n in "甲乙丙丁"]
    return sheets.filled([sheets.row(s) for s in people], [sheets.member(s) for s in people])


KINDS = workbooks(_filled)


def reasons(content: bytes) -> list[str]:
    """What is wrong in the cells of a workbook."""
    told = read_forms(content, "填报表", {})
    return [f"{error.text}。" for error in told.errors]


def test_the_workbooks_to_break_are_whole() -> None:
    whole_first(KINDS, reasons)


@pytest.mark.parametrize("kind", KINDS)
def test_broken_workbooks_are_read_or_refused(kind: str) -> None:
    survive(kind, KINDS[kind], reasons, SHORT)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_many_broken_workbooks_are_read_or_refused(kind: str) -> None:
    survive_long(kind, KINDS[kind], reasons)
