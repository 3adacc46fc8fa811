"""The grants' own forms as Word: blank, filled from the year's recognition, a whole class."""

from typing import Any

import pytest

from applications import actions
from applications.models import Programme, Round
from audit.models import Event
from office.files import content_of
from office.jobs import run
from office.models import Job
from schools.models import Stage
from schools.tenancy import set_scope
from tests.applications import scenes
from tests.applications.test_paper_forms import words
from tests.cast import Cast, Staffed


def granting(staffed: Staffed, cast: Cast, code: str) -> Round:
    """A grant's round for which the class has applied, after its recognition."""
    scenes.recognition(staffed, cast.term)
    round_ = actions.open_programme_round(
        school=staffed.school,
        term=cast.term,
        programme=Programme.objects.get(code=code),
        by=staffed.operator,
    )
    actions.apply_for_many(
        round_=round_, students=staffed.students, by=staffed.operator, reason="收入低"
    )
    return round_


@pytest.mark.parametrize(
    ("code", "title", "only"),
    [
        ("senior_grant", "普通高中国家助学金申请表", "学籍号"),
        ("vocational_grant", "中等职业学校国家助学金申请表", "专业"),
    ],
)
def test_blank_for_each_stage(cast: Cast, sign_in: Any, code: str, title: str, only: str) -> None:
    staffed = cast.a if code == "senior_grant" else cast.b
    set_scope(staffed.school.pk)
    round_ = granting(staffed, cast, code)
    blank = sign_in(staffed.operator).get(f"/applications/rounds/{round_.pk}/form/")
    told = words(blank.content)
    assert title in told
    assert only in told
    assert "学校审核意见及公示结果" in told
    assert "示范镇" not in told


def test_filled_from_the_years_recognition_with_a_reason(cast: Cast, sign_in: Any) -> None:
    round_ = granting(cast.a, cast, "senior_grant")
    row = round_.applications.select_related("student").order_by("pk")[0]
    client, url = sign_in(cast.head_teacher), f"/applications/entries/{row.pk}/form/"
    assert client.post(url, {"reason": " "}).status_code == 409
    told = words(client.post(url, {"reason": "存档"}).content)
    for part in (row.student.name, row.number, "样例村1号", "13,333.33元", "刘样可", "收入低"):
        assert part in told
    set_scope(cast.school.pk)
    read = Event.objects.filter(verb="application.read_household", about_id=row.student_id)
    assert [e.reason for e in read] == ["存档"]


def test_a_class_in_one_file(cast: Cast, sign_in: Any) -> None:
    round_ = granting(cast.a, cast, "senior_grant")
    client = sign_in(cast.head_teacher)
    assert "打印一个班的申请表" in client.get(f"/applications/rounds/{round_.pk}/").text
    client.post(
        f"/applications/rounds/{round_.pk}/forms/",
        {"class": cast.a.school_class.pk, "reason": "存档"},
    )
    set_scope(cast.school.pk)
    job = Job.objects.get()
    run(job.pk, cast.school.pk)
    set_scope(cast.school.pk)
    job.refresh_from_db()
    assert job.result is not None
    assert words(content_of(job.result)).count("普通高中国家助学金申请表") == 3


def test_what_has_no_form_is_not_found(cast: Cast, sign_in: Any) -> None:
    programme = Programme.objects.get(code="senior_grant")
    programme.kind = Programme.Kind.RELIEF
    programme.save(update_fields=["kind"])
    assert programme.stage == Stage.SENIOR
    round_ = granting(cast.a, cast, "senior_grant")
    client = sign_in(cast.operator)
    assert client.get(f"/applications/rounds/{round_.pk}/form/").status_code == 404
    answer = client.post(f"/applications/rounds/{round_.pk}/forms/", {"class": "1"})
    assert answer.status_code == 404
