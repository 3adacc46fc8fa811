"""A school's own headings are remembered, used in the next reading, shown and forgotten."""

from typing import Any

from django.urls import reverse

from audit.models import Event
from schools.scope import acting_for
from students.actions import correct_columns, stage_roster
from students.actions.headings import remember_headings
from students.models import RosterHeading, RosterImport
from students.rules.roster.columns import KNOWN
from students.rules.roster.headings import known_at
from tests.cast import Cast
from tests.students.rosters import number, workbook

HEADERS = ("学生", "公民号码", "教学班", "电话")


def content() -> bytes:
    return workbook([["张示远", number(0), "高一1班", "13800000001"]], ("序", *HEADERS)[1:])


def stage(cast: Cast, data: bytes | None = None) -> RosterImport:
    data = data or workbook(
        [["张示远", number(0), "高一1班", "13800000001", "男"]], (*HEADERS, "性别")
    )
    return stage_roster(school=cast.school, content=data, filename="a.xlsx", by=cast.operator)


def fields(staged: RosterImport) -> list[str]:
    return [c["field"] for c in staged.layout[0]["columns"]]


def test_the_next_file_is_read_as_the_last_was_corrected(cast: Cast) -> None:
    first = stage(cast)
    assert fields(first) == ["", "", "", "phone", "sex"]
    columns = {"name": 0, "id_number": 1, "class_name": 2, "guardian_phone": 3, "sex": None}
    told = remember_headings(
        school=cast.school, sheet=first.layout[0], columns=columns, by=cast.operator
    )
    assert told == 5
    second = stage(cast)
    assert fields(second) == ["name", "id_number", "class_name", "guardian_phone", ""]
    assert second.counts["added"] == 1
    event = Event.objects.get(verb="roster.remember_headings")
    assert event.facts["columns"] == ["不导入", "姓名", "班级", "监护人电话", "身份证号"]


def test_a_correction_of_one_file_is_on_record(cast: Cast) -> None:
    columns = {"name": 0, "id_number": 1, "class_name": 2}
    correct_columns(staged=stage(cast), columns=columns, by=cast.operator)
    event = Event.objects.get(verb="roster.columns")
    assert (event.facts["columns"], event.person_id) == (columns, cast.operator.person_id)


def test_a_heading_that_is_usual_again_is_forgotten(cast: Cast) -> None:
    staged = stage(cast)
    remember_headings(
        school=cast.school, sheet=staged.layout[0], columns={"guardian_phone": 3}, by=cast.operator
    )
    usual = {"phone": 3, "sex": 4}
    remember_headings(school=cast.school, sheet=staged.layout[0], columns=usual, by=cast.operator)
    assert not RosterHeading.objects.exists()
    assert known_at(cast.school) == KNOWN


def test_other_schools_read_as_before(cast: Cast) -> None:
    staged = stage(cast)
    remember_headings(
        school=cast.school, sheet=staged.layout[0], columns={"name": 0}, by=cast.operator
    )
    with acting_for(cast.b.school):
        assert known_at(cast.b.school) == KNOWN
        assert not RosterHeading.objects.exists()


def test_on_the_pages(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    staged = stage(cast)
    client.post(
        reverse("students:import_columns", kwargs={"import_id": staged.pk}),
        {"column-0": "name", "column-1": "id_number", "column-2": "class_name"},
    )
    shown = client.get(reverse("students:import_new")).content.decode()
    assert "本校记住的表头" in shown
    assert "公民号码" in shown
    heading = RosterHeading.objects.get(heading="公民号码")
    client.post(reverse("students:import_new"), {"forget": heading.pk})
    assert not RosterHeading.objects.filter(heading="公民号码").exists()
    assert client.post(reverse("students:import_new"), {"forget": "x"}).status_code == 404
