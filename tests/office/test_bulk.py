"""Arrays for statements of many rows, and the pause of the collector around them."""

import gc
from datetime import date
from typing import Any

import pytest
from django.db import DataError, connection, transaction

from office.bulk import alter, array, insert, uncollected
from students.models import Guardian, Student
from tests.cast import Cast

TEXTS = ["", "NULL", 'a"b', "a\\b", "a,b", "{x}", "  c  ", "张示·例", "\\x41", None]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", TEXTS),
        ("bytea", [b"", b"\x00\xff", b'"\\', None]),
        ("date", [date(2026, 9, 1), None]),
        ("bigint", [1, -(2**40), None]),
        ("boolean", [True, False, None]),
    ],
)
def test_what_goes_into_an_array_comes_out_of_it(kind: str, values: list[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM unnest(%s::{kind}[])", [array(values)])
        found = [bytes(v) if isinstance(v, memoryview) else v for (v,) in cursor.fetchall()]
    assert found == values


def test_the_collector_rests_and_comes_back_whatever_happens() -> None:
    @uncollected()
    def fail() -> None:
        assert not gc.isenabled()
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert gc.isenabled()


def test_one_who_had_stopped_the_collector_finds_it_stopped() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.django_db
def test_what_is_too_long_for_its_column_is_refused_and_not_cut(cast: Cast) -> None:
    student = cast.a.students[0]
    columns: dict[str, Any] = {"name": ["甲" * 64 + "乙"]}
    with pytest.raises(DataError, match=r"varying\(64\)"), transaction.atomic():
        alter(Student, cast.school.pk, [student.pk], columns)
    columns = {"name": ["甲" * 65], "relation": ["父亲"], "student_id": [student.pk]}
    with pytest.raises(DataError, match=r"varying\(64\)"), transaction.atomic():
        insert(Guardian, columns, school_id=cast.school.pk)
    assert alter(Student, cast.school.pk, [student.pk], {"name": ["甲" * 64]}) == 1
