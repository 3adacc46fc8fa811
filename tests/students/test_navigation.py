"""What the students floor puts on the desk, and how cheaply."""

from datetime import date
from typing import Any

import pytest

from schools.models import Appointment
from schools.scope import acting_for
from students.actions import (
    add_class,
    apply_roster,
    approve_roster,
    assign_head_teacher,
    stage_roster,
    upload_list,
)
from students.models import SpecialGroup, Student
from students.navigation import anomalies, todos
from tests.cast import Cast, next_id, student
from tests.students.rosters import roster
from tests.students.test_actions_lists import list_file


def fresh(appointment: Appointment) -> Appointment:
    """As a request has it: person, organisation and school already read."""
    return Appointment.objects.select_related("person", "organisation__school").get(
        pk=appointment.pk
    )


def test_head_teacher_owes_each_class_led(cast: Cast, django_assert_max_num_queries: Any) -> None:
    by = fresh(cast.head_teacher)
    second = add_class(
        school=cast.school, stage="senior", grade=1, number=2, name="高一（2）班", by=cast.operator
    )
    assign_head_teacher(school_class=second, person=by.person, by=cast.operator)
    assert [t.title for t in todos(by)] == ["核对高一（1）班的名册"]
    student(second, "新示生")
    with django_assert_max_num_queries(3):
        assert [t.title for t in todos(by)] == ["核对高一（1）班的名册", "核对高一（2）班的名册"]
    approve_roster(school_class=second, term=cast.term, by=by)
    approve_roster(school_class=cast.a.school_class, term=cast.term, by=by)
    assert todos(by) == []
    student(second, "又示生")
    (todo,) = todos(by)
    assert todo.text == "核对之后名册有变动，现在2人，请再看一遍"


def test_operator_is_reminded_of_a_file_and_told_what_nobody_vouches_for(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    by = fresh(cast.operator)
    # Their files are as old as the school.
    Student.objects.update(entered_on=date(2025, 9, 1))
    assert todos(by) == []
    staged = stage_roster(school=cast.school, content=roster(3), filename="名册.xlsx", by=by)
    with django_assert_max_num_queries(5):
        (todo,) = todos(by)
    assert todo.url.endswith(f"/import/{staged.pk}/")
    apply_roster(staged=staged, by=by)
    (todo,) = todos(by)
    assert todo.title == "补齐3名新生的电子档案"
    with django_assert_max_num_queries(3):
        (anomaly,) = anomalies(by)
    assert anomaly.count == 1
    approve_roster(school_class=cast.a.school_class, term=cast.term, by=cast.head_teacher)
    assert anomalies(by)[0].count == 0


def test_bureau_is_reminded_of_a_list(cast: Cast) -> None:
    with acting_for(cast.district):
        by = fresh(cast.bureau_operator)
        assert todos(by) == []
        upload_list(
            bureau=cast.district,
            group=SpecialGroup.objects.get(code="orphan"),
            content=list_file([("甲示", next_id())]),
            filename="孤儿.xlsx",
            issued_on=date(2026, 8, 1),
            valid_from=date(2026, 8, 1),
            valid_to=None,
            by=by,
        )
        assert [t.title for t in todos(by)] == ["比对孤儿名单"]
        assert [(a.title, a.count) for a in anomalies(by)] == [("失学，劝返中", 0)]


@pytest.mark.parametrize("role", ["reviewer", "leader", "finance", "committee"])
def test_others_owe_nothing_here(cast: Cast, role: str) -> None:
    assert todos(fresh(getattr(cast.a, role))) == []
