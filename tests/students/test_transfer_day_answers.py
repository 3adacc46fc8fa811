"""更正转出日期: who answers when, and how a correction that is refused comes to its end."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from audit.models import Event
from schools import clock
from schools.models import Appointment
from schools.scope import acting_for
from students.actions import (
    agree_transfer_day,
    correct_change_day,
    decline_transfer_day,
    refuse_transfer_day,
    restore_transfer_day,
    sign_transfer_day,
    withdraw_transfer_day,
)
from students.models import EnrolmentChange, TransferDay
from tests.cast import Cast
from tests.students.transfer_days import (
    CAME,
    EARLIER,
    LATER,
    LEFT,
    TODAY,
    accepted,
    agreed,
    here,
    proposed,
    there,
    why,
)


@pytest.fixture(autouse=True)
def november(cast: Cast) -> Iterator[None]:
    with clock.at(clock.office_opens(TODAY)):
        yield


def test_the_receiver_sends_it_back_with_a_reason(cast: Cast) -> None:
    made = proposed(cast)
    with acting_for(cast.b.school):
        told: dict[str, Any] = {"day": made, "by": cast.b.operator}
        assert why(decline_transfer_day, **told, reason=" ") == ["没有写明退回的原因"]
        assert why(decline_transfer_day, **told, reason="不") == ["退回的原因写得太短，只有1个字"]
        decline_transfer_day(**told, reason="证明上就是这一天")
        event = Event.objects.get(verb="transferday.decline")
        assert (event.reason, event.about_id) == ("证明上就是这一天", there(cast).student_id)
        (text,) = why(agree_transfer_day, **told)
        assert text == "现在是“转入学校已退回”，不能同意更正转出日期"
    row = TransferDay.objects.get()
    assert (row.status, row.answer, there(cast).left_other_on) == (
        "declined", "证明上就是这一天", LEFT,
    )  # fmt: skip


def test_it_is_taken_back_until_the_receiver_agreed(cast: Cast) -> None:
    made = proposed(cast)
    for someone in (cast.reviewer, cast.head_teacher):
        assert why(withdraw_transfer_day, day=made, by=someone) == [
            "转出日期的更正由本校资助专干（经办）撤回"
        ]  # fmt: skip
    assert withdraw_transfer_day(day=made, by=cast.operator).status == "withdrawn"
    with acting_for(cast.b.school):
        assert why(agree_transfer_day, day=made, by=cast.b.operator) == [
            "现在是“已撤回”，不能同意更正转出日期"
        ]
    made = agreed(cast)
    assert why(withdraw_transfer_day, day=made, by=cast.operator) == [
        "现在是“待转出学校审核”，不能撤回转出日期的更正"
    ]


def test_only_the_receivers_officer_answers(cast: Cast) -> None:
    made = proposed(cast)
    acts: list[tuple[Any, dict[str, Any]]] = [
        (agree_transfer_day, {}), (decline_transfer_day, {"reason": "不同意"}),
    ]  # fmt: skip
    for act, told in acts:
        (text,) = why(act, day=made, by=cast.operator, **told)
        assert text.startswith("转出日期的更正由转入学校")
        with acting_for(cast.b.school):
            for someone in (cast.b.reviewer, cast.b.head_teacher, cast.c.operator):
                (text,) = why(act, day=made, by=someone, **told)
                assert text.startswith("转出日期的更正由本校资助专干（经办）")
    assert TransferDay.objects.get().status == "proposed"


def test_the_second_person_is_another_one_of_the_sender(cast: Cast) -> None:
    made = agreed(cast)
    acts: list[tuple[Any, dict[str, Any]]] = [
        (sign_transfer_day, {}), (refuse_transfer_day, {"reason": "不同意"}),
    ]  # fmt: skip
    for act, told in acts:
        assert why(act, day=made, by=cast.operator, **told) == [
            "转出日期的更正由本校审核人或分管领导审核", "提请的人不能自己审核",
        ]  # fmt: skip
        for someone in (cast.a.finance, cast.a.committee, cast.b.reviewer):
            assert why(act, day=made, by=someone, **told) == [
                "转出日期的更正由本校审核人或分管领导审核"
            ]
        # One who proposed it, and was made 审核 since.
        both = Appointment(
            person=cast.operator.person, organisation=cast.school, role=cast.reviewer.role
        )
        assert why(act, day=made, by=both, **told) == ["提请的人不能自己审核"]
    with acting_for(cast.b.school):
        assert why(sign_transfer_day, day=made, by=cast.b.reviewer)
    assert here(cast) == (LEFT, LEFT, LEFT)


def test_nothing_is_signed_before_the_receiver_agreed(cast: Cast) -> None:
    made = proposed(cast)
    for act, told in ((sign_transfer_day, {}), (refuse_transfer_day, {"reason": "不同意"})):
        (text,) = why(act, day=made, by=cast.reviewer, **told)
        assert text.startswith("现在是“待转入学校同意”，不能审核")


def test_who_signs_a_second_time_is_told_that_it_is_done_and_nothing_else(cast: Cast) -> None:
    made = agreed(cast)
    sign_transfer_day(day=made, by=cast.reviewer)
    assert why(sign_transfer_day, day=made, by=cast.reviewer) == [
        "现在是“已更正”，不能审核同意更正转出日期"
    ]


def test_refused_by_the_second_person_the_receiver_goes_back(cast: Cast) -> None:
    made = agreed(cast, LATER)
    told: dict[str, Any] = {"day": made, "by": cast.reviewer}
    assert why(refuse_transfer_day, **told, reason="") == ["没有写明不同意的原因"]
    assert why(refuse_transfer_day, **told, reason="不") == ["不同意的原因写得太短，只有1个字"]
    refuse_transfer_day(**told, reason="证明没有盖章")
    assert Event.objects.get(verb="transferday.refuse").reason == "证明没有盖章"
    assert (here(cast)[0], there(cast).left_other_on) == (LEFT, LATER)
    assert why(restore_transfer_day, day=made, by=cast.operator)
    with acting_for(cast.b.school):
        for someone in (cast.b.reviewer, cast.b.head_teacher):
            (text,) = why(restore_transfer_day, day=made, by=someone)
            assert text == "转出日期的更正由本校资助专干（经办）恢复"
        done = restore_transfer_day(day=made, by=cast.b.operator)
        event = Event.objects.get(verb="transferday.restore")
        assert event.about_id == there(cast).student_id
        assert why(restore_transfer_day, day=made, by=cast.b.operator) == [
            "现在是“审核未同意，已恢复”，不能恢复原来的转出日期"
        ]
    assert (done.status, there(cast).left_other_on) == ("restored", LEFT)


def test_until_it_is_at_an_end_he_did_not_come_before_the_day_in_force(cast: Cast) -> None:
    text = "异动日期早于原校登记的转出日期2026年10月20日"
    made = agreed(cast)
    meant = date(2026, 10, 8)

    def come() -> EnrolmentChange:
        with acting_for(cast.b.school):
            return correct_change_day(
                change=there(cast), on=meant, seen=CAME, reason="早就到校了", by=cast.b.operator
            )

    assert why(come) == [text]
    refuse_transfer_day(day=made, reason="证明没有盖章", by=cast.reviewer)
    assert why(come) == [text]
    with acting_for(cast.b.school):
        restore_transfer_day(day=made, by=cast.b.operator)
    assert why(come) == ["异动日期早于离开原校的日期2026年10月20日"]
    sign_transfer_day(day=agreed(cast), by=cast.reviewer)
    assert come().on == meant


def test_one_whose_days_were_not_told_then_is_told_and_untold(cast: Cast) -> None:
    """Accepted before `left_other_on` was kept, and dated before the transfer since."""
    accepted(cast)
    with acting_for(cast.b.school):
        EnrolmentChange.objects.filter(pk=there(cast).pk).update(
            left_other_on=None, on=date(2026, 10, 8)
        )
    made = agreed(cast)
    assert there(cast).left_other_on == EARLIER
    refuse_transfer_day(day=made, reason="证明没有盖章", by=cast.reviewer)
    with acting_for(cast.b.school):
        restore_transfer_day(day=made, by=cast.b.operator)
    assert there(cast).left_other_on is None
