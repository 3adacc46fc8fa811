"""Moves: the table, the lock, the stamps, the event; one winner of many, and the control."""

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from audit import moves
from audit.models import Event
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from students.models import Student
from tests.cast import Cast
from tests.racing import race, unguarded


def suspend(cast: Cast, student: Student) -> Student:
    with transaction.atomic():
        row = moves.lock(student)
        return moves.make(row, "suspend", by=cast.operator, at=clock.now(), about_id=row.pk)


def test_a_move_changes_the_status_and_is_recorded(cast: Cast) -> None:
    moved = suspend(cast, cast.a.students[0])
    assert Student.objects.get(pk=moved.pk).status == "suspended"
    event = Event.objects.get(verb="student.suspend")
    assert event.facts == {"from": "enrolled", "to": "suspended"}
    assert (event.label, event.about_id) == ("休学", moved.pk)


def test_a_move_that_the_table_does_not_know_is_refused_and_writes_nothing(cast: Cast) -> None:
    student = suspend(cast, cast.a.students[0])
    events = Event.objects.count()
    with pytest.raises(Refused, match="现在是“休学”，不能休学"):
        suspend(cast, student)
    assert Event.objects.count() == events


def test_why_not_is_empty_when_the_move_is_allowed(cast: Cast) -> None:
    student = cast.a.students[0]
    assert moves.why_not(student, "suspend") == []
    assert moves.why_not(student, "resume") == [
        Reason("现在是“在籍在校”，不能复学", "请刷新页面，查看最新状态")
    ]


def test_a_row_that_was_not_locked_cannot_move(cast: Cast) -> None:
    with pytest.raises(TransactionManagementError, match="lock"), transaction.atomic():
        moves.make(cast.a.students[0], "suspend", by=cast.operator, at=clock.now())


def test_the_lock_needs_a_transaction(committed: Cast) -> None:
    with pytest.raises(TransactionManagementError, match="transaction"):
        moves.lock(committed.a.students[0])


def test_all_reasons_are_told_at_once() -> None:
    with pytest.raises(Refused) as caught:
        refuse_if([Reason("缺材料", "请补交"), "不在窗口期"])
    assert str(caught.value) == "缺材料（请补交）；不在窗口期"
    refuse_if([])


@pytest.mark.race
def test_of_sixty_four_one_wins(committed: Cast) -> None:
    student = committed.a.students[0]
    outcome = race(lambda i: suspend(committed, student), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}
    assert Event.objects.filter(verb="student.suspend").count() == 1


@pytest.mark.race
def test_without_the_lock_several_win(committed: Cast, no_locks: None) -> None:
    student = committed.a.students[0]
    assert unguarded(lambda _: suspend(committed, student), organisation=committed.school) > 1
