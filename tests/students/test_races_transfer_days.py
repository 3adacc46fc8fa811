"""更正转出日期 by many at once: one wins, and each guard has its control."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import Any

import pytest

from audit.models import Event
from schools import clock
from schools.models import Organisation
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
from students.models import EnrolmentChange, Student, TransferDay
from tests.cast import Cast
from tests.database import owner, without
from tests.racing import overtaken, race, unguarded
from tests.students.test_list_locks import at_chain_of
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
    refused,
    there,
)

pytestmark = pytest.mark.race
Act = Callable[[int], object]
Arranged = tuple[Organisation, Act]


def proposing(cast: Cast) -> Arranged:
    accepted(cast)
    return cast.school, lambda _: proposed(cast)


def agreeing(cast: Cast) -> Arranged:
    made = proposed(cast)
    return cast.b.school, lambda _: agree_transfer_day(day=made, by=cast.b.operator)


def declining(cast: Cast) -> Arranged:
    made = proposed(cast)
    return cast.b.school, lambda _: decline_transfer_day(
        day=made, reason="没有错", by=cast.b.operator
    )


def withdrawing(cast: Cast) -> Arranged:
    made = proposed(cast)
    return cast.school, lambda _: withdraw_transfer_day(day=made, by=cast.operator)


def signing(cast: Cast) -> Arranged:
    made = agreed(cast)
    return cast.school, lambda _: sign_transfer_day(day=made, by=cast.reviewer)


def refusing(cast: Cast) -> Arranged:
    made = agreed(cast)
    return cast.school, lambda _: refuse_transfer_day(day=made, reason="再核对", by=cast.reviewer)


def restoring(cast: Cast) -> Arranged:
    made = refused(cast)
    return cast.b.school, lambda _: restore_transfer_day(day=made, by=cast.b.operator)


CASES = [proposing, agreeing, declining, withdrawing, signing, refusing, restoring]


def arranged(cast: Cast, arrange: Callable[[Cast], Arranged]) -> Arranged:
    with clock.at(clock.office_opens(TODAY)):
        return arrange(cast)


@contextmanager
def unwalled() -> Iterator[None]:
    """No key, no trigger and no policy on the corrections: what is left is the lock."""
    with ExitStack() as off:
        off.enter_context(without("students_transferday", "transferday_open_once", triggers=True))
        off.enter_context(without("students_transfer", triggers=True))
        with owner() as cursor:
            cursor.execute("ALTER TABLE students_transferday DISABLE ROW LEVEL SECURITY")
        try:
            yield
        finally:
            with owner() as cursor:
                cursor.execute("ALTER TABLE students_transferday ENABLE ROW LEVEL SECURITY")


@pytest.mark.parametrize("arrange", CASES)
def test_one_wins(committed: Cast, arrange: Callable[[Cast], Arranged]) -> None:
    whose, act = arranged(committed, arrange)
    with acting_for(whose):
        before = Event.objects.filter(subject="students.TransferDay").count()
    assert race(act, organisation=whose, on=TODAY) == {"won": 1, "Refused": 63}
    with acting_for(whose):
        assert Event.objects.filter(subject="students.TransferDay").count() == before + 1


@pytest.mark.parametrize("arrange", CASES)
def test_without_lock_key_and_wall_several_win(
    committed: Cast, no_locks: None, arrange: Callable[[Cast], Arranged]
) -> None:
    whose, act = arranged(committed, arrange)
    with unwalled():
        assert unguarded(act, organisation=whose, on=TODAY) > 1


@pytest.mark.parametrize("arrange", CASES)
def test_without_the_lock_the_wall_still_takes_one(
    committed: Cast, no_locks: None, arrange: Callable[[Cast], Arranged]
) -> None:
    whose, act = arranged(committed, arrange)
    assert unguarded(act, organisation=whose, on=TODAY) == 1


def both(cast: Cast, made: TransferDay, one: Act, other: Act) -> Any:
    """Each school's half of 64."""

    def act(i: int) -> object:
        with acting_for(cast.b.school if i % 2 else cast.school):
            return (other if i % 2 else one)(i)

    return race(act, organisation=cast.school, on=TODAY)


def test_it_is_taken_back_or_agreed_to_and_never_both(committed: Cast) -> None:
    with clock.at(clock.office_opens(TODAY)):
        made = proposed(committed)
    outcome = both(
        committed,
        made,
        lambda _: withdraw_transfer_day(day=made, by=committed.operator),
        lambda _: agree_transfer_day(day=made, by=committed.b.operator),
    )
    assert outcome == {"won": 1, "Refused": 63}
    row = TransferDay.objects.get()
    assert there(committed).left_other_on == (EARLIER if row.status == "agreed" else LEFT)


def test_it_is_signed_or_refused_and_never_both(committed: Cast) -> None:
    with clock.at(clock.office_opens(TODAY)):
        made = agreed(committed)

    def act(i: int) -> object:
        if i % 2:
            return sign_transfer_day(day=made, by=committed.reviewer)
        return refuse_transfer_day(day=made, reason="再核对", by=committed.a.leader)

    assert race(act, organisation=committed.school, on=TODAY) == {"won": 1, "Refused": 63}
    done = TransferDay.objects.get().status == "signed"
    assert here(committed) == ((EARLIER,) * 3 if done else (LEFT,) * 3)


def agreeing_or_coming(cast: Cast) -> Act:
    """One says he left on 3 November, the other that he came on 25 October."""
    with clock.at(clock.office_opens(TODAY)):
        made, coming = proposed(cast, LATER), there(cast)

    def act(i: int) -> object:
        with acting_for(cast.b.school):
            if i % 2:
                return agree_transfer_day(day=made, by=cast.b.operator)
            return correct_change_day(
                change=coming, on=date(2026, 10, 25), seen=CAME, reason="早就到校了",
                by=cast.b.operator,
            )  # fmt: skip

    return act


def test_he_is_agreed_to_have_left_or_dated_before_and_never_both(committed: Cast) -> None:
    act = agreeing_or_coming(committed)
    outcome = race(act, organisation=committed.b.school, on=TODAY)
    assert outcome == {"won": 1, "Refused": 63}
    its = there(committed)
    assert (its.left_other_on, its.on) in {(LATER, CAME), (LEFT, date(2026, 10, 25))}


OCTOBER = date(2026, 10, 1)


def dated_while_restored(cast: Cast) -> tuple[str, str]:
    """The receiver dates the coming before the day in force, and restores that day meanwhile.

    Until then his record says that he left earlier, and the correction under way bounds the day.
    """
    with clock.at(clock.office_opens(TODAY)):
        made, coming = refused(cast), there(cast)
    return overtaken(
        lambda: correct_change_day(
            change=coming, on=OCTOBER, seen=CAME, reason="早就到校了", by=cast.b.operator
        ),
        lambda: restore_transfer_day(day=made, by=cast.b.operator),
        at=lambda sql, _: 'FROM "students_transferday"' in sql,
        organisation=cast.b.school,
        on=TODAY,
    )


def test_nobody_came_before_the_day_that_is_restored(committed: Cast) -> None:
    assert dated_while_restored(committed) == ("Refused", "won")
    its = there(committed)
    assert (its.on, its.left_other_on) == (CAME, LEFT)


def test_without_the_lock_he_would_come_before_he_left(committed: Cast, no_locks: None) -> None:
    """Only the table's own check is left, which tells nobody why."""
    assert dated_while_restored(committed) == ("IntegrityError", "won")


def restored_while_dated(cast: Cast) -> None:
    """One who came before the day in force, as it was told of old, is dated after it."""
    before = date(2026, 10, 10)
    with clock.at(clock.office_opens(TODAY)):
        accepted(cast)
        with acting_for(cast.b.school):
            coming = EnrolmentChange.objects.filter(pk=there(cast).pk)
            coming.update(on=before, left_other_on=None)
            Student.objects.filter(pk=coming.get().student_id).update(entered_on=before)
        made = refused(cast)
    outcome = overtaken(
        lambda: correct_change_day(
            change=there(cast), on=CAME, seen=before, reason="报到那天才算", by=cast.b.operator
        ),
        lambda: restore_transfer_day(day=made, by=cast.b.operator),
        at=at_chain_of(cast.b.school.pk),
        organisation=cast.b.school,
        on=TODAY,
    )
    assert outcome == ("won", "won")
    assert there(cast).on == CAME


def test_who_is_dated_after_it_is_told_it_again(committed: Cast) -> None:
    """The day of his coming is read anew under the lock, not as it was before."""
    restored_while_dated(committed)
    assert there(committed).left_other_on == LEFT


def test_without_the_lock_he_is_told_none(committed: Cast, no_locks: None) -> None:
    restored_while_dated(committed)
    assert there(committed).left_other_on is None
