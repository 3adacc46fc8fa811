"""Pages of a long list: every row once, both ways, from a key that may be anything."""

from typing import Any

import pytest
from django.http import QueryDict

from office.paging import Part, counted, counted_through, page_of, page_through
from schools.models import CalendarDay
from tests.cast import Cast


@pytest.fixture
def rows(db: None) -> Any:
    CalendarDay.objects.all().delete()
    for n in range(1, 13):
        CalendarDay.objects.create(day=f"2030-01-{n:02d}", working=bool(n % 2), source="试")
    return CalendarDay.objects.all()


@pytest.mark.parametrize("order", [("working", "id"), ("-working", "-id"), ("day", "id")])
def test_every_row_once_forward_and_back(rows: Any, order: tuple[str, ...]) -> None:
    whole = list(rows.order_by(*order))
    address, pages = "", []
    while True:
        page = page_of(rows, order, QueryDict(address), size=5)
        pages.append(page.rows)
        if not page.next:
            break
        address = page.next[1:]
    assert [len(p) for p in pages] == [5, 5, 2]
    assert [row for one in pages for row in one] == whole
    back = page_of(rows, order, QueryDict(page.previous[1:]), size=5)
    assert back.rows == pages[1]
    first = page_of(rows, order, QueryDict(back.previous[1:]), size=5)
    assert (first.rows, first.previous) == (pages[0], "")


@pytest.mark.parametrize("key", ["", "0", "-", "x", "-x", "９", "9" * 40, "--3", "1.5"])
def test_a_key_of_nothing_is_the_first_page(rows: Any, key: str) -> None:
    page = page_of(rows, ("day", "id"), QueryDict(f"cursor={key}"), size=5)
    assert page.rows == list(rows.order_by("day")[:5])
    assert page.previous == ""


def test_who_left_the_list_still_marks_its_place(rows: Any) -> None:
    gone = rows.get(day="2030-01-05")
    odd = rows.filter(working=False)
    page = page_of(odd, ("day", "id"), QueryDict(f"cursor={gone.pk}"), among=rows, size=5)
    assert page.rows[0].day.day == 6


def test_the_rest_of_the_address_is_kept(rows: Any) -> None:
    page = page_of(rows, ("day", "id"), QueryDict("q=%E5%BC%A0&cursor=0"), size=5)
    assert page.next == f"?q=%E5%BC%A0&cursor={page.rows[-1].pk}"


def test_counting_stops(rows: Any, cast: Cast) -> None:
    assert (counted(rows, 5), counted(rows)) == (5, 12)


def test_one_part_after_the_other_both_ways(rows: Any) -> None:
    odd, even = rows.filter(working=True), rows.filter(working=False)
    parts = [Part(odd, ("day", "id"), odd), Part(even, ("-day", "-id"), even)]
    whole = [*odd.order_by("day"), *even.order_by("-day")]
    address, pages = "", []
    while True:
        page = page_through(parts, QueryDict(address), size=5)
        pages.append(page.rows)
        if not page.next:
            break
        address = page.next[1:]
    assert [row for one in pages for row in one] == whole
    back = page_through(parts, QueryDict(page.previous[1:]), size=5)
    assert back.rows == pages[1]
    first = page_through(parts, QueryDict(back.previous[1:]), size=5)
    assert (first.rows, first.previous) == (pages[0], "")


def test_counting_through_parts_stops_in_the_first_that_is_enough(
    rows: Any, django_assert_num_queries: Any
) -> None:
    parts = [Part(rows, ("day", "id"), rows)] * 2
    assert (counted_through(parts), counted_through(parts, 15)) == (24, 15)
    with django_assert_num_queries(1):
        assert counted_through(parts, 12) == 12


@pytest.mark.parametrize(
    ("size", "ended", "asked"),
    [
        # The even ones begin on the first page, and end on it.
        (30, (2, 12), 0),
        (12, (2, 12), 0),
        (11, (1, 6), 1),
        (6, (1, 6), 1),
        (5, (0, 0), 2),
    ],
)
def test_parts_that_end_on_the_first_page_are_not_counted(
    rows: Any, django_assert_num_queries: Any, size: int, ended: tuple[int, int], asked: int
) -> None:
    odd, even = rows.filter(working=True), rows.filter(working=False)
    some = [Part(odd, ("day", "id"), odd), Part(even, ("day", "id"), even)]
    page = page_through(some, QueryDict(), size=size)
    assert (page.ended, page.whole) == (ended, asked == 0)
    with django_assert_num_queries(asked):
        assert counted_through(some, page=page) == 12


def test_a_later_page_ends_nothing_before_it(rows: Any) -> None:
    parts = [Part(rows, ("day", "id"), rows)]
    page = page_through(parts, QueryDict(), size=8)
    last = page_through(parts, QueryDict(page.next[1:]), size=8)
    assert (len(last.rows), last.ended, last.whole) == (4, (0, 0), False)
    assert counted_through(parts, page=last) == 12
    back = page_through(parts, QueryDict(last.previous[1:]), size=8)
    assert (back.ended, counted_through(parts, page=back)) == ((0, 0), 12)


def test_nothing_found_is_known_to_be_nothing(rows: Any, django_assert_num_queries: Any) -> None:
    none = [Part(rows.filter(pk=-1), ("day", "id"), rows)]
    page = page_through(none, QueryDict())
    assert page.whole
    with django_assert_num_queries(0):
        assert counted_through(none, page=page) == 0
