"""Of several goings and comings on one day, which one a transfer is about."""

from collections.abc import Iterator
from datetime import date

import pytest

from schools import clock
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    change_enrolment,
    decline_transfer,
    propose_transfer,
    sign_transfer,
)
from students.actions.redating import beside_of
from students.models import EnrolmentChange, Student, Transfer
from students.transfer_queue import came_back, came_by, handed_by, left_again
from tests.cast import Cast
from tests.students.test_transfer_onward import BACK, ON, went
from tests.students.transfer_days import CAME, IN, LEFT, OUT, TODAY, accepted, signed

NEXT = date(2026, 11, 28)


@pytest.fixture(autouse=True)
def november(cast: Cast) -> Iterator[None]:
    with clock.at(clock.office_opens(TODAY)):
        yield


def record(cast: Cast, kind: str, on: date) -> EnrolmentChange:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    made: EnrolmentChange = change_enrolment(
        student=row, kind=kind, on=on, reason="核实之后登记", by=cast.operator
    )
    return made


def test_who_left_again_on_that_day_was_handed_over_once(cast: Cast) -> None:
    """Back on the day on which he had left, and gone on it to a school outside."""
    made = accepted(cast)
    with clock.at(clock.office_opens(NEXT)):
        record(cast, "enter", LEFT)
        outside = record(cast, OUT, LEFT)
    first = EnrolmentChange.objects.filter(kind=OUT).earliest("pk")
    assert (handed_by(first), handed_by(outside)) == (made, None)
    assert [beside_of(c).handed_over for c in (first, outside)] == [True, False]
    assert {pk: back.on for pk, back in came_back([made], cast.school).items()} == {made.pk: LEFT}


def test_who_was_sent_back_before_is_not_back_since(cast: Cast) -> None:
    sent = signed(cast)
    with acting_for(cast.b.school):
        decline_transfer(transfer=sent, school=cast.b.school, reason="没有学位", by=cast.b.operator)
    with clock.at(clock.office_opens(NEXT)):
        record(cast, IN, LEFT)
        made = accepted(cast)
        assert came_back([made], cast.school) == {}
    again = EnrolmentChange.objects.filter(kind=OUT).latest("pk")
    assert handed_by(again) == made


def test_who_came_again_has_not_left_since(cast: Cast) -> None:
    """There, back and there again."""
    first = accepted(cast)
    went(cast, cast.a)
    with clock.at(clock.office_opens(NEXT)):
        last = signed_again(cast)
        with acting_for(cast.b.school):
            came = came_by([first, last], cast.b.school)
            left = left_again(came.values(), cast.b.school)
            assert [left.get(came[t.pk].pk) for t in (first, last)] == [ON, None]
            assert [came[t.pk].on for t in (first, last)] == [CAME, NEXT]
        back = came_back([first, last], cast.school)
    assert {pk: (found.on, found.left_on) for pk, found in back.items()} == {first.pk: (BACK, ON)}


def signed_again(cast: Cast) -> Transfer:
    row = propose_transfer(
        student=Student.objects.get(pk=cast.a.students[0].pk), to_school=cast.b.school,
        on=NEXT, reason="再迁", by=cast.operator,
    )  # fmt: skip
    made = sign_transfer(transfer=row, by=cast.reviewer)
    with acting_for(cast.b.school):
        accept_transfer(
            transfer=made, school=cast.b.school, to_class=cast.b.school_class, by=cast.b.operator
        )
    found: Transfer = Transfer.objects.get(pk=made.pk)
    return found
