"""更正转出日期: proposed by one school, agreed by the other, signed by a second person."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from audit.models import Event
from audit.refusal import Refused
from schools import clock
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    agree_transfer_day,
    change_enrolment,
    correct_change_day,
    propose_transfer,
    propose_transfer_day,
    refuse_transfer_day,
    restore_transfer_day,
    sign_transfer,
    sign_transfer_day,
    withdraw_transfer_day,
)
from students.models import EnrolmentChange, Student, Transfer, TransferDay
from students.rules.enrolment import words_of
from tests.cast import Cast
from tests.students.transfer_days import (
    CAME,
    EARLIER,
    IN,
    LATER,
    LEFT,
    OUT,
    TODAY,
    accepted,
    agreed,
    here,
    proposed,
    signed,
    there,
    why,
)


@pytest.fixture(autouse=True)
def november(cast: Cast) -> Iterator[None]:
    with clock.at(clock.office_opens(TODAY)):
        yield


@pytest.mark.parametrize("on", [EARLIER, LATER, CAME])
def test_both_schools_end_with_the_same_day(cast: Cast, on: date) -> None:
    made = proposed(cast, on)
    assert (here(cast), there(cast).left_other_on) == ((LEFT, LEFT, LEFT), LEFT)
    with acting_for(cast.b.school):
        made = agree_transfer_day(day=made, by=cast.b.operator)
    assert (here(cast), there(cast).left_other_on) == ((LEFT, LEFT, LEFT), on)
    done = sign_transfer_day(day=made, by=cast.a.leader)
    assert (done.status, here(cast)) == ("signed", (on, on, on))
    assert (there(cast).on, there(cast).left_other_on) == (CAME, on)


def test_each_school_has_the_events_of_its_own_people(cast: Cast) -> None:
    made = sign_transfer_day(day=agreed(cast), by=cast.reviewer)
    rows = Event.objects.filter(subject="students.TransferDay").order_by("seq")
    mine = [(e.verb, e.about_id, e.facts["before"], e.facts["on"]) for e in rows]
    days = (LEFT.isoformat(), EARLIER.isoformat())
    student = cast.a.students[0].pk
    assert mine == [
        ("transferday.propose", student, *days), ("transferday.sign", student, *days),
    ]  # fmt: skip
    assert (rows[0].reason, rows[0].subject_id) == ("转学证明上是另一天", made.pk)
    with acting_for(cast.b.school):
        (its,) = Event.objects.filter(subject="students.TransferDay")
        assert (its.verb, its.organisation_id) == ("transferday.agree", cast.b.school.pk)
        assert its.about_id == there(cast).student_id
        assert (its.facts["from"], its.facts["to"], its.facts["on"]) == (
            "proposed", "agreed", EARLIER.isoformat(),
        )  # fmt: skip


def test_what_each_school_pays_follows(cast: Cast) -> None:
    gone = EnrolmentChange.objects.filter(kind=OUT)
    sign_transfer_day(day=agreed(cast, LATER), by=cast.reviewer)
    assert words_of(gone.get()) == "按月发放的资助从2026年12月起停发"
    assert words_of(there(cast)) == (
        "按月发放的资助2026年11月由转出学校发，本校从2026年12月起续发"
    )  # fmt: skip
    with acting_for(cast.b.school):
        its = there(cast)
        text = "异动日期早于离开原校的日期2026年11月3日"
        told: dict[str, Any] = {"change": its, "seen": CAME, "by": cast.b.operator}
        assert why(correct_change_day, on=LEFT, reason="写错了", **told) == [text]


def test_since_when_he_was_suspended_goes_along(cast: Cast) -> None:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    stop = change_enrolment(
        student=row, kind="suspend", on=date(2026, 10, 12), reason="因病", by=cast.operator
    )
    accepted(cast)
    assert Transfer.objects.get().away_since == date(2026, 10, 12)
    # Put right at home since: the other school has it at once, and with the next correction.
    correct_change_day(
        change=stop, on=date(2026, 9, 7), seen=stop.on, reason="写错了", by=cast.operator
    )
    made = agreed(cast)
    assert made.away_since == Transfer.objects.get().away_since == date(2026, 9, 7)
    sign_transfer_day(day=made, by=cast.reviewer)
    assert Transfer.objects.get().away_since == date(2026, 9, 7)


def test_a_proposal_is_refused_with_every_reason(cast: Cast) -> None:
    transfer = accepted(cast)
    assert why(proposed, cast=cast, on=date(2027, 1, 1), reason=" ") == [
        "没有写明更正的原因", "转出日期晚于今天",
    ]  # fmt: skip
    assert why(proposed, cast=cast, on=LEFT, reason="错") == [
        "转出日期没有变", "更正的原因写得太短，只有1个字",
    ]  # fmt: skip
    assert why(proposed, cast=cast, seen=CAME) == ["转出日期刚刚更正过"]
    assert why(proposed, cast=cast, on=date(2026, 8, 31)) == ["转出日期早于入学日期2026年9月1日"]
    born = cast.a.students[0].birth_date
    assert "转出日期早于出生日期" in why(proposed, cast=cast, on=born)
    for someone in (cast.reviewer, cast.head_teacher, cast.b.operator):
        (text,) = why(proposed, cast=cast, by=someone)
        assert text == "转出日期的更正由本校资助专干（经办）提请"
    assert not TransferDay.objects.exists()
    assert transfer.on == LEFT


def test_the_change_before_it_bounds_it(cast: Cast) -> None:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    change_enrolment(
        student=row, kind="suspend", on=date(2026, 10, 12), reason="因病", by=cast.operator
    )
    accepted(cast)
    text = "转出日期早于前一次异动的日期2026年10月12日"
    assert why(proposed, cast=cast, on=EARLIER) == [text]
    assert proposed(cast, date(2026, 10, 12)).away_since == date(2026, 10, 12)


def test_what_is_not_accepted_has_no_day_to_put_right(cast: Cast) -> None:
    signed(cast)
    assert why(proposed, cast=cast) == ["对方学校还没有接收，不在这里更正转出日期"]


def test_one_correction_at_a_time(cast: Cast) -> None:
    first = proposed(cast)
    assert why(proposed, cast=cast, on=LATER) == ["张示远的转出日期正在更正"]
    withdraw_transfer_day(day=first, by=cast.operator)
    with acting_for(cast.b.school):
        second = agree_transfer_day(day=_again(cast), by=cast.b.operator)
    assert why(proposed, cast=cast) == ["张示远的转出日期正在更正"]
    third = refuse_transfer_day(day=second, reason="证明没有盖章", by=cast.reviewer)
    assert why(proposed, cast=cast) == ["张示远的转出日期正在更正"]
    with acting_for(cast.b.school):
        restore_transfer_day(day=third, by=cast.b.operator)
    sign_transfer_day(day=agreed(cast), by=cast.reviewer)
    # The day that the form showed is another one now.
    assert "转出日期刚刚更正过" in why(proposed, cast=cast, on=LATER, seen=LEFT)
    proposed(cast, LATER)


def _again(cast: Cast) -> TransferDay:
    with acting_for(cast.school):
        return proposed(cast, LATER)


def test_nobody_leaves_after_he_has_come(cast: Cast) -> None:
    late = date(2026, 11, 11)
    made = proposed(cast, late)
    with acting_for(cast.b.school):
        its = there(cast)
        with pytest.raises(Refused) as found:
            agree_transfer_day(day=made, by=cast.b.operator)
        (reason,) = found.value.reasons
        assert reason.text == "更正后的转出日期2026年11月11日晚于到校日期2026年11月10日"
        assert reason.url.endswith(f"/changes/{its.pk}/day/")
        correct_change_day(
            change=its, on=late, seen=CAME, reason="那天才到校", by=cast.b.operator
        )  # fmt: skip
        made = agree_transfer_day(day=made, by=cast.b.operator)
    sign_transfer_day(day=made, by=cast.reviewer)
    assert (here(cast)[0], there(cast).left_other_on, there(cast).on) == (late, late, late)


def test_what_changed_at_home_meanwhile_is_not_signed(cast: Cast) -> None:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    stop = change_enrolment(
        student=row, kind="suspend", on=date(2026, 9, 7), reason="因病", by=cast.operator
    )
    made = agreed(cast)
    correct_change_day(
        change=stop, on=date(2026, 10, 12), seen=stop.on, reason="写错了", by=cast.operator
    )
    assert why(sign_transfer_day, day=made, by=cast.reviewer) == [
        "提请之后，本校登记的日期有变动", "转出日期早于前一次异动的日期2026年10月12日",
    ]  # fmt: skip
    assert here(cast)[0] == LEFT


def test_the_second_of_two_transfers_is_the_one_that_is_dated(cast: Cast) -> None:
    """There, back and there again: each has changes of its own at either school."""
    first = accepted(cast)
    with clock.at(clock.office_opens(date(2026, 11, 28))):
        with acting_for(cast.b.school):
            its = Student.objects.get(pk=there(cast).student_id)
            back = propose_transfer(
                student=its, to_school=cast.school, on=CAME, reason="迁回", by=cast.b.operator
            )
            back = sign_transfer(transfer=back, by=cast.b.reviewer)
        accept_transfer(
            transfer=back, school=cast.school, to_class=cast.a.school_class, by=cast.operator,
            on=CAME,
        )  # fmt: skip
    with clock.at(clock.office_opens(date(2026, 11, 30))):
        row = Student.objects.get(pk=cast.a.students[0].pk)
        again = propose_transfer(
            student=row, to_school=cast.b.school, on=date(2026, 11, 20), reason="再迁",
            by=cast.operator,
        )  # fmt: skip
        again = sign_transfer(transfer=again, by=cast.reviewer)
        with acting_for(cast.b.school):
            accept_transfer(
                transfer=again, school=cast.b.school, to_class=cast.b.school_class,
                by=cast.b.operator, on=date(2026, 11, 25),
            )  # fmt: skip
        told: dict[str, Any] = {"reason": "写错了一天", "by": cast.operator}

        def days() -> tuple[list[date], list[date]]:
            with acting_for(cast.b.school):
                comings = EnrolmentChange.objects.filter(kind=IN).order_by("pk")
                left = [c.left_other_on for c in comings]
            goings = EnrolmentChange.objects.filter(kind=OUT).order_by("pk")
            return left, [c.on for c in goings]

        for which, on, seen in (
            (again, date(2026, 11, 23), date(2026, 11, 20)), (first, EARLIER, LEFT),
        ):  # fmt: skip
            made = propose_transfer_day(transfer=which, on=on, seen=seen, **told)
            with acting_for(cast.b.school):
                made = agree_transfer_day(day=made, by=cast.b.operator)
            sign_transfer_day(day=made, by=cast.reviewer)
            now = [EARLIER if which == first else LEFT, date(2026, 11, 23)]
            assert days() == (now, now)
