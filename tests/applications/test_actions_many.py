"""Applying for many at once."""

from datetime import date

import pytest

from applications import actions
from applications.models import Application, Programme, Round
from audit.models import Event
from audit.refusal import Refused
from audit.verify import broken_links
from schools import clock
from tests import cast as people
from tests.cast import Cast


@pytest.fixture
def round_(cast: Cast) -> Round:
    return actions.open_programme_round(
        school=cast.school,
        term=cast.term,
        programme=Programme.objects.get(code="senior_grant"),
        by=cast.operator,
    )


def test_those_who_can_t_are_held_with_counted_reasons(cast: Cast, round_: Round) -> None:
    suspended, there, free = cast.a.students
    suspended.status = "suspended"
    suspended.save()
    actions.draft_application(round_=round_, student=there, by=cast.operator)
    applied = actions.apply_for_many(
        round_=round_, students=[*cast.a.students, *cast.b.students], by=cast.operator
    )
    assert applied.count == 1
    assert {(r.text, r.count) for r in applied.held} == {
        ("学籍状态是休学", 1),
        ("本批次已有申请", 1),
    }
    row = Application.objects.get(student=free)
    assert (row.status, row.number, row.channel) == ("submitted", "2026-1-GZZX-0002", "office")
    assert row.submit_by == cast.operator.person
    assert Event.objects.filter(verb="application.submit", about_id=free.pk).count() == 1
    assert list(broken_links(cast.school.pk)) == []


def test_a_second_click_changes_nothing(cast: Cast, round_: Round) -> None:
    for expected in (3, 0):
        applied = actions.apply_for_many(round_=round_, students=cast.a.students, by=cast.operator)
        assert applied.count == expected
    assert [(r.text, r.count) for r in applied.held] == [("本批次已有申请", 3)]


def test_recognition_is_entered_one_by_one(cast: Cast) -> None:
    recognition = actions.open_recognition_round(
        school=cast.school, term=cast.term, by=cast.operator
    )
    with pytest.raises(Refused, match="认定申请要逐人填写家庭情况"):
        actions.apply_for_many(round_=recognition, students=cast.a.students, by=cast.operator)


def test_who_and_when(cast: Cast, round_: Round) -> None:
    with pytest.raises(Refused, match="成批申请由资助专干办理"):
        actions.apply_for_many(round_=round_, students=cast.a.students, by=cast.head_teacher)
    with clock.at(date(2026, 9, 9)):
        with pytest.raises(Refused, match="申请期已过"):
            actions.apply_for_many(round_=round_, students=cast.a.students, by=cast.operator)
        applied = actions.apply_for_many(
            round_=round_,
            students=cast.a.students,
            by=cast.operator,
            late_reason="认定公示9月8日才结束",
            late_by=cast.reviewer,
        )
    assert applied.count == 3
    assert Application.objects.filter(late_by=cast.reviewer.person).count() == 3


def test_queries_do_not_grow_with_students(
    cast: Cast, round_: Round, django_assert_max_num_queries: object
) -> None:
    more = [people.student(cast.a.school_class, f"学生{n}") for n in range(30)]
    with django_assert_max_num_queries(24):  # type: ignore[operator]
        applied = actions.apply_for_many(round_=round_, students=more, by=cast.operator)
    assert applied.count == 30
