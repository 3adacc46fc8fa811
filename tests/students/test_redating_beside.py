"""更正异动日期: which other changes bound a day, and what of the student goes by it."""

from collections.abc import Iterator
from datetime import date

import pytest

from audit.models import Event
from schools import clock
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    agree_transfer_day,
    correct_change_day,
    propose_transfer,
    propose_transfer_day,
    sign_transfer,
)
from students.models import EnrolmentChange, Student, Transfer
from tests.cast import Cast, school_class
from tests.students.test_redating import (
    BACK,
    ENTERED,
    MEANT,
    SUSPENDED,
    TODAY,
    K,
    correct,
    days,
    record,
    said,
)

BETWEEN = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def november(cast: Cast) -> Iterator[None]:
    with clock.at(clock.office_opens(TODAY)):
        yield


def standing(cast: Cast) -> tuple[str, date | None]:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    return row.status, row.left_on


def moved_class(cast: Cast, on: date) -> EnrolmentChange:
    room = school_class(cast.school, cast.head_teacher, 2)
    return record(cast, K.CLASS_CHANGED, on, to_class=room)


def test_who_left_twice_left_on_the_second_day(cast: Cast) -> None:
    first = record(cast, K.WITHDRAW, BETWEEN)
    record(cast, K.ENTER, SUSPENDED)
    record(cast, K.WITHDRAW, BACK)
    correct(cast, first, MEANT)
    assert standing(cast) == ("left", BACK)


def test_a_class_is_changed_on_a_day_of_its_own(cast: Cast) -> None:
    """No move bounds it, it bounds none, and nobody leaves by it."""
    room = moved_class(cast, BETWEEN)
    rests = record(cast, K.SUSPEND, SUSPENDED)
    correct(cast, rests, MEANT)
    record(cast, K.WITHDRAW, BACK)
    correct(cast, room, ENTERED)
    correct(cast, room, BACK, seen=ENTERED)
    assert days(cast) == [(K.SUSPEND, MEANT), (K.CLASS_CHANGED, BACK), (K.WITHDRAW, BACK)]
    assert standing(cast) == ("left", BACK)


def test_nobody_leaves_by_resting(cast: Cast) -> None:
    """Who is away for good by another way than a change of his own keeps that day."""
    rests = record(cast, K.SUSPEND, SUSPENDED)
    mine = Student.objects.filter(pk=cast.a.students[0].pk)
    mine.update(status="left", left_on=BACK)
    correct(cast, rests, MEANT)
    assert standing(cast) == ("left", BACK)


def test_it_is_on_the_record_of_the_student(cast: Cast) -> None:
    made = record(cast, K.SUSPEND, SUSPENDED)
    correct(cast, made, MEANT, reason=f" 写错{'了' * 130} ")
    event = Event.objects.get(verb="student.redate")
    assert (event.about_id, event.reason) == (cast.a.students[0].pk, f"写错{'了' * 118}")


def test_only_the_day_on_which_he_was_handed_over_is_the_other_schools_too(cast: Cast) -> None:
    """He rested from the day on which he left, and had been handed over once before."""
    rests = record(cast, K.SUSPEND, SUSPENDED)
    on_the_way(cast, SUSPENDED)
    correct(cast, rests, MEANT)
    gone = EnrolmentChange.objects.get(kind=K.TRANSFER_OUT)
    handed = ["异动日期已随转学移交对方学校，不能单方更正"]
    assert said(cast, gone, BETWEEN) == handed
    # Back since, and gone to a school outside: that day is nobody else's.
    record(cast, K.ENTER, BACK)
    outside = record(cast, K.TRANSFER_OUT, BACK)
    assert standing(cast) == ("left", BACK)
    later = date(2026, 11, 26)
    correct(cast, outside, later)
    assert standing(cast) == ("left", later)


def test_the_day_on_which_another_was_handed_over_is_not_his(cast: Cast) -> None:
    outside = record(cast, K.TRANSFER_OUT, SUSPENDED)
    on_the_way(cast, SUSPENDED, 1)
    correct(cast, outside, MEANT)
    assert standing(cast) == ("left", MEANT)


def test_of_several_changes_the_nearest_bound_it(cast: Cast) -> None:
    first = record(cast, K.SUSPEND, MEANT)
    second = record(cast, K.RESUME, BETWEEN)
    third = record(cast, K.SUSPEND, SUSPENDED)
    record(cast, K.RESUME, BACK)
    assert said(cast, third, date(2026, 11, 1)) == ["异动日期早于前一次异动的日期2026年11月2日"]
    # Written again, the second lies behind the others.
    correct(cast, second, date(2026, 11, 3))
    assert said(cast, first, date(2026, 11, 4)) == ["异动日期晚于后一次异动的日期2026年11月3日"]


@pytest.mark.parametrize("status", ["signed", "accepted", "declined"])
def test_what_the_other_school_declined_is_dated_again(cast: Cast, status: str) -> None:
    made = on_the_way(cast, SUSPENDED)
    gone = EnrolmentChange.objects.get(kind=K.TRANSFER_OUT)
    with acting_for(cast.b.school):
        if status == "accepted":
            accept_transfer(
                transfer=made, school=cast.b.school, to_class=cast.b.school_class,
                by=cast.b.operator,
            )  # fmt: skip
        if status == "declined":
            Transfer.objects.filter(pk=made.pk).update(
                status=status, answer="没有来", decline_at=clock.now(),
                decline_by=cast.b.operator.person,
            )  # fmt: skip
    if status == "declined":
        correct(cast, gone, MEANT)
        assert standing(cast) == ("left", MEANT)
    else:
        assert len(said(cast, gone, MEANT)) == 1


def on_the_way(cast: Cast, on: date, whose: int = 0) -> Transfer:
    made = propose_transfer(
        student=Student.objects.get(pk=cast.a.students[whose].pk), to_school=cast.b.school, on=on,
        reason="随父母迁居", by=cast.operator,
    )  # fmt: skip
    return sign_transfer(transfer=made, by=cast.reviewer)


def test_only_his_own_transfer_bounds_the_day_of_coming(cast: Cast) -> None:
    """Two came from A; of one the day of leaving there is being put right."""
    came = []
    for whose in (0, 1):
        made = on_the_way(cast, BETWEEN, whose)
        with acting_for(cast.b.school):
            its = accept_transfer(
                transfer=made, school=cast.b.school, to_class=cast.b.school_class,
                by=cast.b.operator, on=SUSPENDED,
            )  # fmt: skip
            came.append(EnrolmentChange.objects.get(student=its))
    asked = propose_transfer_day(
        transfer=Transfer.objects.order_by("pk")[0], on=MEANT, seen=BETWEEN, reason="写错了一天",
        by=cast.operator,
    )  # fmt: skip
    with acting_for(cast.b.school):
        agree_transfer_day(day=asked, by=cast.b.operator)
        # Told nothing of when he left there, as those accepted long ago.
        EnrolmentChange.objects.filter(pk=came[1].pk).update(left_other_on=None)
        dated = correct_change_day(
            change=came[1], on=MEANT, seen=SUSPENDED, reason="写错了", by=cast.b.operator
        )
    assert dated.on == MEANT


def test_who_rested_from_his_first_day_came_on_it_all_the_same(cast: Cast) -> None:
    rests = record(cast, K.SUSPEND, ENTERED)
    correct(cast, rests, MEANT)
    assert Student.objects.get(pk=cast.a.students[0].pk).entered_on == ENTERED


def test_who_left_and_came_back_on_his_first_day_came_on_it_all_the_same(cast: Cast) -> None:
    record(cast, K.WITHDRAW, ENTERED)
    back = record(cast, K.ENTER, ENTERED)
    Student.objects.filter(pk=cast.a.students[0].pk).update(entered_on=ENTERED)
    correct(cast, back, MEANT)
    assert Student.objects.get(pk=cast.a.students[0].pk).entered_on == ENTERED


def test_who_was_here_before_he_was_entered_again_came_then(cast: Cast) -> None:
    """His record begins with a return, but not his 入学日期."""
    row = cast.a.students[0]
    made = EnrolmentChange.objects.create(
        school=cast.school, student=row, kind=K.ENTER, on=BETWEEN,
        recorded_by=cast.operator.person, recorded_at=clock.now(),
    )  # fmt: skip
    correct(cast, made, TODAY)
    assert Student.objects.get(pk=row.pk).entered_on == ENTERED
    assert days(cast) == [(K.ENTER, TODAY)]


def test_two_changes_may_be_of_one_day(cast: Cast) -> None:
    first = record(cast, K.SUSPEND, MEANT)
    record(cast, K.RESUME, BETWEEN)
    correct(cast, first, BETWEEN)
    assert days(cast) == [(K.SUSPEND, BETWEEN), (K.RESUME, BETWEEN)]
