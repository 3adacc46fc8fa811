"""Arrays for statements of many rows, and the pause of the collector around them."""

import gc
import threading
from datetime import date
from typing import Any

import pytest
from django.db import DataError, connection, transaction

from office.bulk import ahead, alter, array, in_batches, insert, keys, light, uncollected
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


def test_batches_are_made_ahead_in_their_order_by_another_thread() -> None:
    makers: set[int] = set()

    def doubled(batch: list[int]) -> list[int]:
        makers.add(threading.get_ident())
        return [2 * n for n in batch]

    assert list(ahead(doubled, in_batches(range(5), 2))) == [[0, 2], [4, 6], [8]]
    assert makers
    assert threading.get_ident() not in makers
    assert list(ahead(doubled, [])) == []


def test_the_next_batch_is_under_way_while_one_is_written() -> None:
    begun = [threading.Event() for _ in range(3)]

    def made(n: int) -> int:
        begun[n].set()
        return n

    for n in ahead(made, range(3)):
        assert begun[min(n + 1, 2)].wait(10)


def test_what_goes_wrong_in_making_a_batch_reaches_the_writer() -> None:
    with pytest.raises(ZeroDivisionError):
        list(ahead(lambda n: 1 // n, [1, 0, 1]))


@pytest.mark.django_db
def test_keys_find_their_rows_and_no_others(cast: Cast) -> None:
    first, second, third = (s.pk for s in cast.a.students)

    def found(*ids: int) -> set[int]:
        return set(Student.objects.filter(pk__in=keys(ids)).values_list("pk", flat=True))

    assert found(first, third) == {first, third}
    assert found(second, second, -1) == {second}
    assert found() == set()


@pytest.mark.django_db
def test_a_light_row_is_what_was_read_and_fetches_the_rest(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    names = ("id", "name", "school_id")
    values = Student.objects.values_list(*names, "sex").get(pk=cast.a.students[0].pk)
    row = light(Student, names, values)
    with django_assert_num_queries(0):
        assert (row.pk, row.name, row.school_id) == values[:3]
        assert row == cast.a.students[0]
    with django_assert_num_queries(1):
        assert row.pinyin == "zhangshiyuan"
    assert row.id_number.reveal() == Student.objects.get(pk=row.pk).id_number.reveal()
    row.name = "李样宁"
    row.save(update_fields=["name"])
    assert Student.objects.get(pk=row.pk).name == "李样宁"
