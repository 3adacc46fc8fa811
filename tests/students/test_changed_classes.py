"""留级, 调班, 转专业: which classes they lead to; who comes back from death says why."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from audit.refusal import Refused
from students.actions import add_class, change_enrolment
from students.models import EnrolmentChange, SchoolClass, Student
from tests.cast import Cast, student

K = EnrolmentChange.Kind
TODAY = date(2026, 9, 1)
PLACES = (("senior", 1), ("senior", 2), ("senior", 3), ("junior", 1), ("junior", 2))


def a_class(cast: Cast, grade: int, stage: str = "senior", **facts: str) -> SchoolClass:
    number = SchoolClass.objects.filter(stage=stage, grade=grade).count() + 1
    return add_class(
        school=cast.school, stage=stage, grade=grade, number=number,
        name=f"{stage}-{grade}-{number}", by=cast.operator, **facts,
    )  # fmt: skip


def change(cast: Cast, row: Student, kind: str, **facts: Any) -> EnrolmentChange:
    told: dict[str, Any] = {"on": TODAY, "reason": "因故"} | facts
    return change_enrolment(student=row, kind=kind, by=cast.operator, **told)


def said(cast: Cast, row: Student, kind: str, **facts: Any) -> list[str]:
    """Why the change is refused; nothing may have been written."""
    before = EnrolmentChange.objects.count()
    with pytest.raises(Refused) as refused:
        change(cast, row, kind, **facts)
    assert EnrolmentChange.objects.count() == before
    assert all(r.mend for r in refused.value.reasons)
    return [r.text for r in refused.value.reasons]


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        (K.CLASS_CHANGED, [("senior", 2)]),
        (K.HELD_BACK, [("senior", 1), ("senior", 2)]),
        (K.MAJOR_CHANGED, [("senior", 1), ("senior", 2)]),
        (K.RESUME, [("senior", 1), ("senior", 2)]),
    ],
)
def test_each_kind_leads_to_its_grades_alone(
    cast: Cast, kind: str, taken: list[tuple[str, int]]
) -> None:
    home = a_class(cast, 2)
    for stage, grade in PLACES:
        row, there = student(home, "孙示安"), a_class(cast, grade, stage)
        if kind == K.RESUME:
            change(cast, row, K.SUSPEND)
        if (stage, grade) in taken:
            change(cast, row, kind, to_class=there)
        else:
            (text,) = said(cast, row, kind, to_class=there)
            assert text.endswith(f"不能登记{K(kind).label}")
        row.refresh_from_db()
        assert row.school_class == (there if (stage, grade) in taken else home)


def test_who_rested_for_years_begins_as_low_as_he_must(cast: Cast) -> None:
    row, low = student(a_class(cast, 3), "孙示安"), a_class(cast, 1)
    change(cast, row, K.SUSPEND)
    change(cast, row, K.RESUME, to_class=low)
    row.refresh_from_db()
    assert row.school_class == low


def test_two_grades_down_is_no_held_back(cast: Cast) -> None:
    row = student(a_class(cast, 3), "孙示安")
    low = a_class(cast, 1)
    assert said(cast, row, K.HELD_BACK, to_class=low) == [
        f"{low}不是高三或低一个年级的班级，不能登记留级"
    ]


@pytest.mark.parametrize("kind", [K.HELD_BACK, K.MAJOR_CHANGED])
def test_who_was_put_lower_by_mistake_goes_back_with_a_reason(cast: Cast, kind: str) -> None:
    home, beside = a_class(cast, 2, major="畜牧兽医"), a_class(cast, 2, major="畜牧兽医")
    low = a_class(cast, 1, major="计算机应用")
    other = a_class(cast, 1, major="计算机应用")
    row = student(home, "孙示安")
    change(cast, row, kind, to_class=low)
    change(cast, row, K.CLASS_CHANGED, to_class=other)
    row.refresh_from_db()
    (text,) = said(cast, row, K.CLASS_CHANGED, to_class=beside)
    assert text == f"{beside}不是高一的班级，不能登记调班"
    assert said(cast, row, K.CLASS_CHANGED, to_class=home, reason=" ") == [f"换回{home}要写明原因"]
    change(cast, row, K.CLASS_CHANGED, to_class=home, reason="登错了人")
    row.refresh_from_db()
    assert row.school_class == home


def test_two_grades_up_is_no_way_back(cast: Cast) -> None:
    home, low = a_class(cast, 2), a_class(cast, 1)
    row = student(home, "孙示安")
    change(cast, row, K.HELD_BACK, to_class=low)
    SchoolClass.objects.filter(pk=home.pk).update(grade=3)
    row.refresh_from_db()
    home.refresh_from_db()
    (text,) = said(cast, row, K.CLASS_CHANGED, to_class=home)
    assert text.endswith("不能登记调班")


def test_another_major_is_a_class_of_another_major(cast: Cast) -> None:
    home = a_class(cast, 1, major="计算机应用")
    same, new, bare = (
        a_class(cast, 1, major="计算机应用"),
        a_class(cast, 1, major="畜牧兽医"),
        cast.a.school_class,
    )
    row = student(home, "周示安")
    assert said(cast, row, K.MAJOR_CHANGED) == ["登记转专业要选择新专业的班级"]
    assert said(cast, row, K.MAJOR_CHANGED, to_class=same) == [f"{same}也是计算机应用专业"]
    assert said(cast, row, K.MAJOR_CHANGED, to_class=bare) == [f"{bare}没有登记专业"]
    change(cast, row, K.MAJOR_CHANGED, to_class=new)
    row.refresh_from_db()
    assert row.school_class == new


def test_where_the_only_majors_are_of_classes_that_graduated_none_is_asked_for(
    cast: Cast,
) -> None:
    SchoolClass.objects.filter(pk=a_class(cast, 3, major="畜牧兽医").pk).update(closed_on=TODAY)
    change(cast, cast.a.students[0], K.MAJOR_CHANGED)


@pytest.mark.parametrize("kind", [K.ENTER, K.TRANSFER_IN])
@pytest.mark.parametrize("gone", [K.DEATH, K.CANCEL])
def test_back_from_death_with_a_reason_alone(cast: Cast, gone: str, kind: str) -> None:
    row = cast.a.students[0]
    change(cast, row, gone)
    text = f"上次登记的是{K(gone).label}，恢复学籍要写明原因"
    assert said(cast, row, kind, reason=" ") == [text]
    change(cast, row, kind, reason="登记错误")
    row.refresh_from_db()
    assert row.status == "enrolled"


def test_who_left_otherwise_since_needs_none(cast: Cast) -> None:
    row = cast.a.students[0]
    change(cast, row, K.DEATH)
    change(cast, row, K.ENTER)
    change(cast, row, K.TRANSFER_OUT)
    change(cast, row, K.ENTER, reason="")
    row.refresh_from_db()
    assert row.status == "enrolled"


def test_the_page_says_why_and_what_is_needed(cast: Cast, sign_in: Any) -> None:
    high = a_class(cast, 3)
    client = sign_in(cast.operator)
    url = reverse("students:change", kwargs={"student_id": cast.a.students[0].pk})
    assert "调班、留级、转专业必须选择" in client.get(url).content.decode()
    posted = {"kind": "class_changed", "on": "2026-09-01", "to_class": high.pk}
    shown = client.post(url, posted).content.decode()
    assert "不是高一的班级，不能登记调班" in shown
    assert "更正班级" in shown
