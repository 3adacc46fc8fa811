"""Broken lists of departments and tables of head teachers are read or refused in words."""

from datetime import date

import pytest

from office.spreadsheets.writing import write_rows
from privacy.identity import make_id
from students.actions import read_teachers
from students.rules.departments import read_list
from tests.cast import REGION, Cast
from tests.mutations import SHORT, survive, survive_long, texts, whole_first, workbooks

HEADERS = ("户主姓名", "户主身份证号", "成员姓名", "成员身份证号", "出生日期", "保障类别")


def _row(n: int) -> tuple[str, ...]:
    head, child = make_id(REGION, date(1980, 1, 2), n), make_id(REGION, date(2012, 1, 2), n)
    return ("甲示", head, "乙示", child, "2012-01-02", "农村低保")


def _text(encoding: str) -> bytes:
    return "\r\n".join(",".join(r) for r in (HEADERS, *map(_row, range(20)))).encode(encoding)


LISTS = workbooks(lambda: write_rows(None, HEADERS, [_row(n) for n in range(5)])) | texts(_text)


def reasons(content: bytes) -> list[str]:
    """What is wrong or doubtful in the cells of a list."""
    found = read_list(content, "名单", today=date(2026, 9, 1))
    return [told.reason for told in (*found.problems, *found.doubts)]


def test_the_lists_to_break_are_whole() -> None:
    whole_first(LISTS, reasons)


@pytest.mark.parametrize("kind", LISTS)
def test_broken_lists_are_read_or_refused(kind: str) -> None:
    survive(kind, LISTS[kind], reasons, SHORT)


@pytest.mark.soak
@pytest.mark.parametrize("kind", LISTS)
def test_many_broken_lists_are_read_or_refused(kind: str) -> None:
    survive_long(kind, LISTS[kind], reasons)


TEACHERS = workbooks(
    lambda: write_rows(None, ("班级", "班主任"), [("高一（1）班", "示例老师"), ("高一（2）班", "")])
)


@pytest.mark.parametrize("kind", TEACHERS)
def test_broken_tables_of_head_teachers_are_read_or_refused(cast: Cast, kind: str) -> None:
    def read(content: bytes) -> list[str]:
        read_teachers(school=cast.school, content=content, filename="班主任")
        return []

    assert survive(kind, TEACHERS[kind], read, SHORT).read > 0
