"""Days of one who is handed over, put right while another of them is written: in either order."""

from datetime import date

import pytest

from schools import clock
from students.actions import (
    change_enrolment,
    correct_change_day,
    propose_transfer,
    sign_transfer,
    sign_transfer_day,
)
from students.models import EnrolmentChange, Student, Transfer, TransferDay
from tests.cast import Cast
from tests.racing import overtaken, race
from tests.students.transfer_days import LATER, LEFT, OUT, TODAY, agreed

pytestmark = pytest.mark.race
RESTED, MEANT = date(2026, 10, 12), date(2026, 9, 7)
BACK, BEFORE = date(2026, 11, 20), date(2026, 11, 1)


def recorded(cast: Cast, kind: str, on: date) -> EnrolmentChange:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    made: EnrolmentChange = change_enrolment(
        student=row, kind=kind, on=on, reason="因病", by=cast.operator
    )
    return made


def dated(cast: Cast, change: EnrolmentChange, on: date) -> EnrolmentChange:
    made: EnrolmentChange = correct_change_day(
        change=change, on=on, seen=change.on, reason="以病历为准", by=cast.operator
    )
    return made


def resting(cast: Cast) -> tuple[EnrolmentChange, Transfer]:
    """Suspended since 12 October, and proposed to be handed over."""
    with clock.at(clock.office_opens(TODAY)):
        rests = recorded(cast, "suspend", RESTED)
        made = propose_transfer(
            student=Student.objects.get(pk=cast.a.students[0].pk), to_school=cast.b.school,
            on=LEFT, reason="随父母迁居", by=cast.operator,
        )  # fmt: skip
    return rests, made


def told() -> tuple[date | None, date]:
    """Since when he rested: what the other school reads, and what is recorded."""
    return Transfer.objects.get().away_since, EnrolmentChange.objects.get(kind="suspend").on


def test_signed_and_dated_by_many_it_is_told_as_it_stands(committed: Cast) -> None:
    rests, made = resting(committed)

    def act(i: int) -> object:
        if i % 2:
            return sign_transfer(transfer=made, by=committed.reviewer)
        return dated(committed, rests, MEANT)

    assert race(act, organisation=committed.school, on=TODAY) == {"won": 2, "Refused": 62}
    assert told() == (MEANT, MEANT)


def dated_while_signed(cast: Cast) -> tuple[str, str]:
    """Since when he rested is put right while his papers are being handed over."""
    rests, made = resting(cast)
    return overtaken(
        lambda: sign_transfer(transfer=made, by=cast.reviewer),
        lambda: dated(cast, rests, MEANT),
        at=lambda sql, _: sql.startswith('UPDATE "students_transfer"'),
        organisation=cast.school,
        on=TODAY,
    )


def test_what_is_put_right_meanwhile_is_told_afterwards(committed: Cast) -> None:
    assert dated_while_signed(committed) == ("won", "won")
    assert told() == (MEANT, MEANT)


def test_without_the_lock_the_other_school_is_told_the_day_before(
    committed: Cast, no_locks: None
) -> None:
    assert dated_while_signed(committed) == ("won", "won")
    assert told() == (RESTED, MEANT)


def returned(cast: Cast) -> tuple[EnrolmentChange, TransferDay]:
    """Back at the sender since 20 November, and agreed to have left it on 3 November."""
    with clock.at(clock.office_opens(TODAY)):
        made = agreed(cast, LATER)
        back = recorded(cast, "enter", BACK)
    return back, made


def days() -> list[date]:
    return list(EnrolmentChange.objects.order_by("pk").values_list("on", flat=True))


def test_he_left_then_or_was_back_before_and_never_both(committed: Cast) -> None:
    back, made = returned(committed)

    def act(i: int) -> object:
        if i % 2:
            return sign_transfer_day(day=made, by=committed.reviewer)
        return dated(committed, back, BEFORE)

    assert race(act, organisation=committed.school, on=TODAY) == {"won": 1, "Refused": 63}
    assert days() in ([LATER, BACK], [LEFT, BEFORE])


def back_while_signed(cast: Cast) -> tuple[str, str]:
    """The return is dated before the day that is being signed."""
    back, made = returned(cast)
    return overtaken(
        lambda: sign_transfer_day(day=made, by=cast.reviewer),
        lambda: dated(cast, back, BEFORE),
        at=lambda sql, _: sql.startswith('UPDATE "students_enrolmentchange"'),
        organisation=cast.school,
        on=TODAY,
    )


def test_nobody_is_back_before_the_day_that_is_signed(committed: Cast) -> None:
    assert back_while_signed(committed) == ("won", "Refused")
    assert days() == [LATER, BACK]


def test_without_the_lock_he_is_back_before_he_left(committed: Cast, no_locks: None) -> None:
    assert back_while_signed(committed) == ("won", "won")
    assert days() == [LATER, BEFORE]
    assert EnrolmentChange.objects.get(kind=OUT).on == LATER
