"""更正转出日期: what each step writes down, and each thing that it asks, tried alone."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from audit.models import Event
from schools import clock
from schools.scope import acting_for
from students.actions import (
    agree_transfer_day,
    change_enrolment,
    decline_transfer_day,
    propose_transfer_day,
    refuse_transfer_day,
    restore_transfer_day,
    sign_transfer_day,
    withdraw_transfer_day,
)
from students.models import EnrolmentChange, Student, TransferDay
from students.rules.enrolment import money_words
from students.rules.redating import Beside
from students.rules.transfer_days import money_there, why_not_sign
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
    proposed,
    refused,
    there,
    why,
)

LONG = f" 证明{'写' * 130} "
KEPT = f"证明{'写' * 118}"
SUSPENDED = date(2026, 9, 14)


@pytest.fixture(autouse=True)
def november(cast: Cast) -> Iterator[None]:
    with clock.at(clock.office_opens(TODAY)):
        yield


def test_every_step_tells_of_whom_which_days_and_why(cast: Cast) -> None:
    mine, transfer = cast.a.students[0].pk, accepted(cast).pk
    proposed(cast, reason=LONG)
    withdraw_transfer_day(day=TransferDay.objects.get(), by=cast.operator)
    made = refuse_transfer_day(day=agreed(cast), reason=LONG, by=cast.reviewer)
    assert made.refusal == KEPT
    days = {"transfer": transfer, "before": LEFT.isoformat(), "on": EARLIER.isoformat()}
    steps = Event.objects.filter(subject="students.TransferDay").order_by("seq")
    proposal, withdrawal, again, refusal = steps
    for event in (proposal, withdrawal, again, refusal):
        assert event.about_id == mine
    assert (proposal.reason, refusal.reason) == (KEPT, KEPT)
    assert (proposal.facts, again.facts) == (days, days)
    assert refusal.facts == days | {"from": "agreed", "to": "refused"}
    with acting_for(cast.b.school):
        restore_transfer_day(day=made, by=cast.b.operator)
        for event in Event.objects.filter(subject="students.TransferDay"):
            assert event.facts.items() >= days.items()
    made = proposed(cast)
    with acting_for(cast.b.school):
        done = decline_transfer_day(day=made, reason=LONG, by=cast.b.operator)
        assert done.answer == Event.objects.get(verb="transferday.decline").reason == KEPT


def test_the_receiver_does_not_propose(cast: Cast) -> None:
    made = accepted(cast)
    told: dict[str, Any] = {"on": EARLIER, "seen": LEFT, "reason": "写错了一天"}
    with acting_for(cast.b.school):
        assert why(propose_transfer_day, transfer=made, by=cast.b.operator, **told) == [
            "转出日期的更正由本校资助专干（经办）提请"
        ]


def test_what_was_answered_is_not_taken_back_by_whoever_it_is(cast: Cast) -> None:
    made = withdraw_transfer_day(day=proposed(cast), by=cast.operator)
    assert why(withdraw_transfer_day, day=made, by=cast.reviewer) == [
        "现在是“已撤回”，不能撤回转出日期的更正", "转出日期的更正由本校资助专干（经办）撤回",
    ]  # fmt: skip


def test_of_several_corrections_the_one_is_answered(cast: Cast) -> None:
    withdraw_transfer_day(day=proposed(cast), by=cast.operator)
    made = agreed(cast, LATER)
    with acting_for(cast.b.school):
        assert why(agree_transfer_day, day=made, by=cast.b.operator) == [
            "现在是“待转出学校审核”，不能同意更正转出日期"
        ]
    sign_transfer_day(day=made, by=cast.reviewer)
    found = TransferDay.objects.order_by("pk").values_list("status", flat=True)
    assert list(found) == ["withdrawn", "signed"]


def _suspended_before(cast: Cast) -> None:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    change_enrolment(student=row, kind="suspend", on=SUSPENDED, reason="因病", by=cast.operator)
    accepted(cast)


def _restored(cast: Cast) -> date | None:
    """What the receiver's record says of the other school after a correction that was refused."""
    made = refused(cast)
    with acting_for(cast.b.school):
        # Not by this change, which came after it, does he have days elsewhere.
        someone = Student.objects.get(pk=there(cast).student_id)
        change_enrolment(
            student=someone, kind="suspend", on=TODAY, reason="因病", by=cast.b.operator
        )
        restore_transfer_day(day=made, by=cast.b.operator)
        assert not EnrolmentChange.objects.exclude(kind=IN).exclude(left_other_on=None).exists()
        return there(cast).left_other_on


@pytest.mark.parametrize(
    ("came", "known"),
    [(None, True), (LEFT, True), (date(2026, 10, 19), False)],
    ids=["as recorded", "on the day itself", "before it"],
)
def test_the_day_at_the_other_school_is_told_again(
    cast: Cast, came: date | None, known: bool
) -> None:
    _suspended_before(cast)
    if came:
        with acting_for(cast.b.school):
            EnrolmentChange.objects.filter(kind=IN).update(left_other_on=None, on=came)
    assert _restored(cast) == (LEFT if known else None)


def test_it_is_sent_back_where_no_coming_is_on_record(cast: Cast) -> None:
    made = proposed(cast)
    with acting_for(cast.b.school):
        EnrolmentChange.objects.filter(kind=IN).delete()
        assert why(agree_transfer_day, day=made, by=cast.b.operator) == ["没有找到本校登记的转入"]
        done = decline_transfer_day(day=made, reason="没有登记转入", by=cast.b.operator)
        assert Event.objects.get(verb="transferday.decline").about_id is None
    assert done.status == "declined"


def test_every_reason_of_an_answer_at_once(cast: Cast) -> None:
    made = refused(cast)
    receives, now = "转出日期的更正由本校资助专干（经办）", "现在是“审核未同意，待恢复”，不能"
    with acting_for(cast.b.school):
        told: dict[str, Any] = {"day": made, "by": cast.b.reviewer}
        assert why(agree_transfer_day, **told) == [
            f"{now}同意更正转出日期", f"{receives}同意",
        ]  # fmt: skip
        texts = why(decline_transfer_day, **told, reason=" ")
        assert texts[1:] == [f"{receives}退回", "没有写明退回的原因"]
        assert texts[0].startswith(now)
    told = {"day": made, "by": cast.a.finance}
    texts = why(refuse_transfer_day, **told, reason=" ")
    assert texts[1:] == ["转出日期的更正由本校审核人或分管领导审核", "没有写明不同意的原因"]
    assert texts[0].startswith(now)


def test_a_day_that_is_not_the_one_proposed_about_is_not_signed(cast: Cast) -> None:
    made = agreed(cast)
    change = EnrolmentChange.objects.get(kind=OUT)
    told: dict[str, Any] = {
        "day": made, "change": change, "student": change.student, "beside": Beside(),
        "away_since": None, "today": TODAY, "by": cast.reviewer,
    }  # fmt: skip
    assert why_not_sign(**told) == []
    made.transfer.on = LATER
    assert [r.text for r in why_not_sign(**told)] == ["提请之后，本校登记的日期有变动"]


@pytest.mark.parametrize(("gone", "since"), [(None, LATER), (SUSPENDED, SUSPENDED)])
def test_the_receiver_is_told_what_it_pays_by_when_he_was_gone(
    gone: date | None, since: date
) -> None:
    assert money_there(gone or LATER, CAME, None) == money_words(IN, CAME, since)
    assert money_words(IN, CAME, LATER) != money_words(IN, CAME, SUSPENDED)
