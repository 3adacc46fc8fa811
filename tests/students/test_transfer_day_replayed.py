"""A signed 更正转出日期 is carried out once: what another one put right since stays right."""

import pytest
from django.db import transaction

from students.actions import sign_transfer_day
from students.models import Transfer, TransferDay
from tests.cast import Cast
from tests.database import without
from tests.students.test_transfer_day_walls import (
    DAY,
    SIGN,
    TRANSFER,
    insert,
    november,
    says,
    update,
)
from tests.students.transfer_days import EARLIER, LATER, LEFT, accepted, agreed

REPLAY = f"{TRANSFER} \"on\" = '{EARLIER}'"


def there_and_back(cast: Cast) -> Transfer:
    """Put to an earlier day, and back to the first one, by two persons and both schools."""
    with november():
        for on in (EARLIER, LEFT):
            sign_transfer_day(day=agreed(cast, on), by=cast.reviewer)
    return Transfer.objects.get()


def test_what_was_put_back_is_not_put_there_again(cast: Cast) -> None:
    transfer = there_and_back(cast)
    assert (transfer.on, transfer.days.filter(status="signed").count()) == (LEFT, 2)
    assert says(cast, cast.school, REPLAY) == "the sender of a transfer does not answer it"


def test_signed_anew_it_may(cast: Cast) -> None:
    there_and_back(cast)
    with november():
        day = agreed(cast, EARLIER)
    # Not before the second person has signed.
    assert "does not answer" in says(cast, cast.school, REPLAY)
    with november():
        sign_transfer_day(day=day, by=cast.reviewer)
    assert Transfer.objects.get().on == EARLIER


@pytest.mark.parametrize("status", ["proposed", "withdrawn", "agreed", "signed"])
def test_no_correction_is_taken_off_the_record(cast: Cast, status: str) -> None:
    """Without the one that put it back, the one before would be the last word again."""
    there_and_back(cast)
    with november():
        if status in ("agreed", "signed"):
            agreed(cast, LATER)
        if status == "signed":
            assert says(cast, cast.school, f"{update(SIGN)} WHERE status = 'agreed'") == "1"
        if status in ("proposed", "withdrawn"):
            assert says(cast, cast.school, insert()) == "1"
        if status == "withdrawn":
            taken_back = "status = 'withdrawn', withdraw_at = now(), withdraw_by_id = %(a)s"
            assert says(cast, cast.school, f"{update(taken_back)} WHERE status = 'proposed'") == "1"
    before = TransferDay.objects.count()
    for whose, answer in ((cast.school, "stays on record"), (cast.b.school, "0")):
        assert answer in says(cast, whose, f"DELETE FROM {DAY} WHERE status = '{status}'")
    assert TransferDay.objects.count() == before


def test_a_later_one_is_not_written_as_an_earlier_one(cast: Cast) -> None:
    """It is the last word that counts, and which is the last one goes by its number."""
    with november():
        accepted(cast)
        sign_transfer_day(day=agreed(cast, EARLIER), by=cast.reviewer)
    first = TransferDay.objects.get().pk
    for number in (first - 1, first):
        sql = insert(id=str(number), **{'"on"': f"'{LEFT}'"})
        assert "as it stands" in says(cast, cast.school, sql)
    assert says(cast, cast.school, insert(id=str(first + 1), **{'"on"': f"'{LEFT}'"})) == "1"


@pytest.mark.race
def test_without_the_triggers_it_is_carried_out_again(committed: Cast) -> None:
    there_and_back(committed)
    with without("students_transfer", triggers=True):
        assert says(committed, committed.school, REPLAY) == "1"


@pytest.mark.race
def test_without_the_triggers_it_goes_off_the_record(committed: Cast) -> None:
    transfer = there_and_back(committed)
    last = transfer.days.order_by("pk").last()
    assert last is not None
    with without(DAY, triggers=True):
        assert says(committed, committed.school, f"DELETE FROM {DAY} WHERE id = {last.pk}") == "1"
        # Then the one before is the last word: this is what the record is kept for.
        with transaction.atomic():
            assert says(committed, committed.school, REPLAY) == "1"


@pytest.mark.race
def test_without_the_triggers_a_later_one_is_written_as_an_earlier_one(committed: Cast) -> None:
    with november():
        accepted(committed)
        sign_transfer_day(day=agreed(committed, EARLIER), by=committed.reviewer)
    first = TransferDay.objects.get().pk
    back = insert(id=str(first - 1), **{'"on"': f"'{LEFT}'"})
    with without(DAY, triggers=True):
        assert says(committed, committed.school, back) == "1"
