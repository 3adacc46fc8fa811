"""The read-only API: scoped as the pages are, masked, counted, and documented."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from schools import clock
from schools.models import Term
from schools.scope import acting_for
from screening.models import Screening
from students.models import Student
from tests.aidadmin import scenes
from tests.cast import Cast, school_class, student

PATHS = {
    "students": "/api/v1/students/",
    "rounds": "/api/v1/rounds/",
    "payment-batches": "/api/v1/payment-batches/",
    "screening-totals": "/api/v1/screening-totals/",
}


@pytest.mark.parametrize("url", [*PATHS.values(), "/api/schema/", "/api/docs/"])
def test_the_door_is_the_pages_door(cast: Cast, sign_in: Any, url: str) -> None:
    signed_out = Client().get(url)
    assert signed_out.status_code == 302
    client = sign_in(cast.operator)
    assert client.get(url).status_code == 200
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(url).status_code == 405


def test_roles_without_a_reason_are_kept_out(cast: Cast, sign_in: Any) -> None:
    admin = sign_in(cast.admin)
    assert [admin.get(url).status_code for url in PATHS.values()] == [403] * 4
    # No bulk personal data for a bureau.
    assert sign_in(cast.bureau_operator).get(PATHS["students"]).status_code == 403
    assert sign_in(cast.head_teacher).get(PATHS["payment-batches"]).status_code == 403


def test_students_are_the_own_schools_and_masked(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.operator).get(PATHS["students"]).json()
    assert {row["name"] for row in answer["results"]} == {s.name for s in cast.a.students}
    text = str(answer)
    for pupil in cast.a.students:
        assert pupil.id_number.reveal() not in text
        assert pupil.enrolment_no.reveal() not in text
    assert answer["results"][0]["id_number"].startswith("990****")
    assert set(answer["results"][0]) == {
        "id", "name", "class_name", "sex", "student_no", "id_number", "enrolment_no", "boarding",
        "status", "entered_on", "left_on",
    }  # fmt: skip


def test_a_head_teacher_reads_the_own_classes(cast: Cast, sign_in: Any) -> None:
    other = school_class(cast.school, cast.a.operator, number=2)
    student(other, "别班学生")
    rows = sign_in(cast.head_teacher).get(PATHS["students"]).json()["results"]
    assert {row["class_name"] for row in rows} == {cast.a.school_class.name}
    assert len(sign_in(cast.operator).get(PATHS["students"]).json()["results"]) == len(rows) + 1


def test_pages_follow_a_cursor_to_the_end(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    url, seen = f"{PATHS['students']}?page_size=2", []
    while url:
        answer = client.get(url).json()
        seen += [row["id"] for row in answer["results"]]
        url = answer["next"]
    assert sorted(seen) == sorted(s.pk for s in cast.a.students)
    assert len(client.get(f"{PATHS['students']}?page_size=9999").json()["results"]) == 3


def test_students_are_found_by_name(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    rows = client.get(PATHS["students"], {"q": "李样宁"}).json()["results"]
    assert [row["name"] for row in rows] == ["李样宁"]
    assert client.get(PATHS["students"], {"q": "\x00"}).status_code == 200


def test_a_bureau_reads_totals_of_its_schools_only(cast: Cast, sign_in: Any) -> None:
    near = scenes.school(cast.district, cast.district, 61, progress=scenes.AWARDED)
    scenes.screen(near, checked=3)
    far = scenes.school(cast.other_district, cast.other_district, 62, progress=scenes.APPLIED)
    client = sign_in(cast.bureau_operator)
    rounds = client.get(PATHS["rounds"]).json()["results"]
    assert {row["school"] for row in rounds} == {near.school.code}
    recognition = next(row for row in rounds if row["kind"] == "recognition")
    assert (recognition["submitted"], recognition["programme"]) == (2, None)
    [totals] = client.get(PATHS["screening-totals"]).json()["results"]
    assert (totals["students"], totals["checked"], totals["unaided"]) == (4, 3, 0)
    assert totals["due_on"] == date(2026, 12, 15).isoformat()
    assert client.get(PATHS["rounds"], {"term": "2025-1"}).json()["results"] == []
    assert sign_in(cast.city_operator).get(PATHS["rounds"]).json()["results"][0]["school"] == (
        far.school.code
    )


def test_totals_are_each_rows_own_and_of_who_is_here(cast: Cast, sign_in: Any) -> None:
    """The same numbers as on the bureau's pages; two terms of a school are not mixed."""
    placed = scenes.school(cast.district, cast.district, 61, progress=scenes.AWARDED)
    other = scenes.school(cast.district, cast.district, 63, progress=scenes.APPRAISED, pupils=2)
    scenes.screen(placed, checked=3)
    scenes.screen(other, checked=1)
    with acting_for(placed.school):
        gone = placed.students[3]
        Student.objects.filter(pk=gone.pk).update(status="left", left_on=date(2026, 12, 1))
        earlier = Term.objects.get(code="2025-2")
        Screening.objects.create(
            school=placed.school,
            term=earlier,
            due_on=date(2026, 6, 15),
            opened_by=placed.operator.person,
            opened_at=clock.now(),
        )
    client = sign_in(cast.bureau_operator)
    told = {
        (row["school"], row["term"]): (row["students"], row["checked"])
        for row in client.get(PATHS["screening-totals"]).json()["results"]
    }
    assert told == {
        (placed.school.code, "2026-1"): (3, 3),
        (placed.school.code, "2025-2"): (0, 0),
        (other.school.code, "2026-1"): (2, 1),
    }
    submitted = {
        row["school"]: row["submitted"]
        for row in client.get(PATHS["rounds"]).json()["results"]
        if row["kind"] == "recognition"
    }
    assert submitted == {placed.school.code: 2, other.school.code: 2}


def test_a_school_reads_its_own(cast: Cast, sign_in: Any) -> None:
    scenes.school(cast.district, cast.district, 61, progress=scenes.APPLIED)
    assert sign_in(cast.a.finance).get(PATHS["rounds"]).json()["results"] == []


def test_as_many_queries_for_thirty_students(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    client.get(PATHS["students"])

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PATHS["students"])
        return len(queries)

    few = count()
    with acting_for(cast.school):
        for n in range(30):
            student(cast.a.school_class, f"学生{n}")
    assert count() == few


def test_the_description_names_every_address_and_the_docs_run_no_inline_script(
    cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.operator)
    text = client.get("/api/schema/").content.decode()
    for path in PATHS.values():
        assert path in text
    page = client.get("/api/docs/").content.decode()
    assert "<script>" not in page
    script = client.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
