"""Campus, 留守, 随迁 and disability on the list: filters, kept filters, export, counts by point."""

from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import Event
from schools.scope import acting_for
from students.models import SavedFilter, Student
from students.queue import campuses_of, points_of
from students.views.filters import Filters, campus_key, kept_query
from tests.cast import Cast, school_class, student

EAST, WEST = "东教学点", "西教学点"
ROSTER = "students:roster"


@pytest.fixture
def spread(cast: Cast) -> Cast:
    """Three students at two points and one of whom nobody said where."""
    row = cast.a.school_class
    for one in cast.a.students:
        one.delete()
    student(row, "甲示例", campus=EAST, left_behind=True, migrant=False, boarding="boarder")
    student(row, "乙示例", campus=EAST, left_behind=False, migrant=True, disability="视力残疾")
    student(row, "丙示例", campus=WEST, status="suspended")
    student(school_class(cast.school, cast.head_teacher, 2), "丁示例")
    student(row, "戊示例", campus="旧校区", status="left", left_on="2026-09-01")
    return cast


def names(cast: Cast, query: str, *, sensitive: bool = True) -> set[str]:
    campuses = [(campus_key(n), n) for n in campuses_of(cast.school)]
    filters = Filters(QueryDict(query), [], campuses, sensitive)
    return {s.name for s in filters.every(Student.objects.for_school(cast.school))}


def test_each_filter_finds_its_students(spread: Cast) -> None:
    assert campuses_of(spread.school) == [EAST, WEST]
    assert names(spread, f"campus={campus_key(EAST)}") == {"甲示例", "乙示例"}
    assert names(spread, "about=left_behind") == {"甲示例"}
    assert names(spread, "about=migrant") == {"乙示例"}
    assert names(spread, "about=disabled") == {"乙示例"}
    assert names(spread, "about=unasked") == {"丙示例", "丁示例"}
    assert names(spread, f"about=migrant&campus={campus_key(WEST)}") == set()
    assert len(names(spread, "campus=unknown&about=what")) == 4


def test_who_does_not_see_special_groups_does_not_filter_by_them(
    spread: Cast, sign_in: Any
) -> None:
    assert len(names(spread, "about=migrant", sensitive=False)) == 4
    address = reverse(ROSTER)
    for by, sees in (
        (spread.operator, True),
        (spread.head_teacher, True),
        (spread.a.finance, False),
    ):
        seen = sign_in(by).get(address, {"about": "migrant"})
        assert ("随迁子女" in seen.content.decode()) is sees
        assert (len(seen.context["page"]) == 1) is sees


def test_a_kept_filter_stays_short_whatever_the_point_is_called(spread: Cast, sign_in: Any) -> None:
    long = "示范市东区示范镇中心学校第三教学点（原示范村小学）附设中等职业教育班教学部"
    Student.objects.filter(campus=WEST).update(campus=long)
    query = QueryDict(f"campus={campus_key(long)}&about=unasked&status=suspended&q=甲")
    assert kept_query(query) == f"status=suspended&campus={campus_key(long)}&about=unasked"
    client = sign_in(spread.operator)
    client.post(reverse("students:filter_keep"), query.dict() | {"name": "西点"})
    kept = SavedFilter.objects.get()
    page = client.get(f"{reverse(ROSTER)}?{kept.query}")
    assert [s.name for s in page.context["page"]] == ["丙示例"]
    assert {f["value"] for f in page.context["filters"].applied()} >= {long, "留守、随迁没有填"}


def _sheet(answer: Any) -> list[list[Any]]:
    book = load_workbook(BytesIO(answer.content), read_only=True)
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def test_the_export_tells_them_to_whom_they_are_shown(spread: Cast, sign_in: Any) -> None:
    asked = {"campus": campus_key(EAST), "sort": "name"}
    head, *rows = _sheet(sign_in(spread.operator).post(reverse("students:export"), asked))
    told = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert set(told) == {"甲示例", "乙示例"}
    assert told["甲示例"]["校区（教学点）"] == EAST
    assert [told["乙示例"][h] for h in ("留守儿童", "随迁子女", "残疾类型")] == [
        "否", "是", "已登记",
    ]  # fmt: skip
    assert "视力残疾" not in str(rows)
    event = Event.objects.filter(verb="roster.export").latest("pk")
    assert event.facts["sensitive"] is True
    head, *_ = _sheet(sign_in(spread.a.finance).post(reverse("students:export"), asked))
    assert not {"留守儿童", "残疾类型", "脱贫年份"}.intersection(map(str, head))


def test_counts_by_point(spread: Cast, sign_in: Any) -> None:
    found = points_of(Student.objects.for_school(spread.school))
    assert [(p.campus, p.classes, p.present, p.boarders, p.suspended) for p in found] == [
        (EAST, 1, 2, 1, 0),
        (WEST, 1, 0, 0, 1),
        ("", 1, 1, 0, 0),
    ]
    page = sign_in(spread.operator).get(reverse("students:classes")).content.decode()
    assert f"?campus={campus_key(EAST)}" in page
    with acting_for(spread.b.school):
        page = sign_in(spread.b.operator).get(reverse("students:classes")).content.decode()
    assert "校区和教学点" not in page


def test_the_list_asks_the_same_for_one_point_and_thirty(spread: Cast, sign_in: Any) -> None:
    client = sign_in(spread.operator)
    counts = []
    for more in (0, 30):
        for i in range(more):
            student(spread.a.school_class, "己示例", campus=f"第{i}教学点")
        for name in (ROSTER, "students:classes"):
            client.get(reverse(name))
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse(name))
            counts.append(len(asked))
    assert counts[:2] == counts[2:]
