"""What the desk tells whom."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import actions, navigation
from applications.models import Programme, Round
from schools import clock
from schools.models import Appointment
from students.models import SpecialGroup, SpecialGroupTag
from tests.applications import scenes
from tests.cast import Cast


def told(by: Appointment) -> list[tuple[str, str]]:
    return [(t.title, t.text) for t in navigation.todos(by)]


def test_without_a_round_the_officer_opens_one(cast: Cast) -> None:
    assert [t.title for t in navigation.todos(cast.operator)] == ["开2026—2027学年的认定批次"]
    assert told(cast.head_teacher) == told(cast.reviewer) == told(cast.a.finance) == []


def test_a_head_teacher_is_told_until_the_window_closes(cast: Cast, round_: Round) -> None:
    scenes.handed_in(round_, cast.a.students[0], cast.head_teacher)
    scenes.entered(round_, cast.a.students[1], cast.head_teacher)
    (todo,) = navigation.todos(cast.head_teacher)
    assert todo.title == "录入家庭经济困难认定 2026—2027学年申请"
    assert (todo.text, todo.due_on) == ("已提交1份，填写中1份。", date(2026, 9, 8))
    with clock.at(date(2026, 9, 9)):
        assert len(told(cast.head_teacher)) == 1
        assert told(cast.operator)[0][0].endswith("1份申请还没提交")


def test_what_was_returned_comes_first(cast: Cast, round_: Round) -> None:
    application = scenes.handed_in(round_, cast.a.students[0], cast.head_teacher)
    actions.send_back(application=application, reason="补签", by=cast.reviewer)
    (todo,) = navigation.todos(cast.head_teacher)
    assert (todo.action, todo.text) == ("去补正", "已提交0份，退回补正1份。")


def test_the_officer_is_told_before_it_closes(cast: Cast, round_: Round) -> None:
    assert told(cast.operator) == []
    with clock.at(date(2026, 9, 4)):
        assert told(cast.operator)[0][0].endswith("申请即将截止")


def test_checkers_are_told_of_late_ones(cast: Cast, round_: Round) -> None:
    application = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    with clock.at(date(2026, 9, 9)):
        assert told(cast.reviewer) == []
        actions.explain_late(application=application, reason="住院", by=cast.head_teacher)
        for checker in (cast.reviewer, cast.a.leader):
            assert told(checker)[0][0] == "1份逾期申请等待同意"
        actions.allow_late(application=application, by=cast.reviewer)
        assert told(cast.reviewer) == []


def test_missed_students_do_not_look_right(cast: Cast, round_: Round) -> None:
    SpecialGroupTag.objects.create(
        school=cast.school,
        student=cast.a.students[0],
        group=SpecialGroup.objects.get(code="orphan"),
        source="名单",
        valid_from=date(2026, 1, 1),
        recorded_at=clock.now(),
    )
    for who in (cast.operator, cast.head_teacher):
        assert [a.count for a in navigation.anomalies(who)] == [1]
    assert navigation.anomalies(cast.reviewer) == []
    scenes.handed_in(round_, cast.a.students[0], cast.head_teacher)
    assert [a.count for a in navigation.anomalies(cast.operator)] == [0]


@pytest.mark.parametrize("role", ["operator", "head_teacher", "reviewer", "finance"])
def test_the_shell_asks_little(cast: Cast, round_: Round, role: str) -> None:
    actions.open_programme_round(
        school=cast.school,
        term=cast.term,
        programme=Programme.objects.get(code="senior_grant"),
        by=cast.operator,
    )
    by = getattr(cast.a, role)
    with CaptureQueriesContext(connection) as counted:
        navigation.todos(by)
    assert len(counted) <= 4
