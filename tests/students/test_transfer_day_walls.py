"""更正转出日期 in raw SQL: who reads it, who moves it, and that each guard is what holds it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.db.utils import Error

from schools import clock
from schools.models import Organisation
from schools.scope import acting_for
from students.actions import decline_transfer_day, sign_transfer_day, withdraw_transfer_day
from students.models import Transfer, TransferDay
from tests.cast import Cast
from tests.database import owner, without
from tests.students.transfer_days import (
    EARLIER,
    LATER,
    LEFT,
    TODAY,
    accepted,
    agreed,
    proposed,
    refused,
    signed,
)

DAY = "students_transferday"
NOW = "'2026-11-27T09:00+08:00'"
AGREE = f"status = 'agreed', agree_at = {NOW}, agree_by_id = %(b)s, taken = 1"
DECLINE = f"status = 'declined', decline_at = {NOW}, decline_by_id = %(b)s, answer = '没有错'"
RESTORE = f"status = 'restored', restore_at = {NOW}, restore_by_id = %(b)s"
WITHDRAW = f"status = 'withdrawn', withdraw_at = {NOW}, withdraw_by_id = %(a)s"
SIGN = f"status = 'signed', sign_at = {NOW}, sign_by_id = %(second)s"
REFUSE = f"status = 'refused', refuse_at = {NOW}, refuse_by_id = %(second)s, refusal = '再核'"


@contextmanager
def november() -> Iterator[None]:
    with clock.at(clock.office_opens(TODAY)):
        yield


def at(cast: Cast, status: str) -> TransferDay:
    """A correction in this status, the way that people bring it there."""
    with november():
        if status in ("proposed", "withdrawn", "declined"):
            made = proposed(cast)
            if status == "withdrawn":
                withdraw_transfer_day(day=made, by=cast.operator)
            if status == "declined":
                with acting_for(cast.b.school):
                    decline_transfer_day(day=made, reason="没有错", by=cast.b.operator)
            return made
        if status == "refused":
            return refused(cast)
        made = agreed(cast)
        return sign_transfer_day(day=made, by=cast.reviewer) if status == "signed" else made


def people(cast: Cast) -> dict[str, int]:
    return {
        "a": cast.operator.person_id,
        "second": cast.reviewer.person_id,
        "b": cast.b.operator.person_id,
    }


def says(cast: Cast, whose: Organisation, sql: str) -> str:
    """What the database says to this statement of a school: how many rows, or the error."""
    with acting_for(whose), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(sql, people(cast))
                return str(cursor.rowcount)
        except Error as error:
            return str(error).splitlines()[0]


def update(changes: str) -> str:
    return f"UPDATE {DAY} SET {changes}"


def test_both_schools_read_it_and_no_third_one(cast: Cast) -> None:
    at(cast, "proposed")
    for whose, rows in ((cast.school, 1), (cast.b.school, 1), (cast.c.school, 0)):
        with acting_for(whose):
            assert TransferDay.objects.count() == rows
    with acting_for(cast.other_district):
        assert not TransferDay.objects.exists()


MOVES = {"A": (WITHDRAW, SIGN, REFUSE), "B": (AGREE, DECLINE, RESTORE)}
ALLOWED = {
    ("proposed", WITHDRAW), ("proposed", AGREE), ("proposed", DECLINE), ("agreed", SIGN),
    ("agreed", REFUSE), ("refused", RESTORE),
}  # fmt: skip


@pytest.mark.parametrize(
    "status", ["proposed", "agreed", "signed", "declined", "withdrawn", "refused"]
)
def test_each_school_makes_its_own_moves_alone(cast: Cast, status: str) -> None:
    at(cast, status)
    for whose, mine in ((cast.school, "A"), (cast.b.school, "B"), (cast.c.school, "C")):
        for change in (*MOVES["A"], *MOVES["B"]):
            with transaction.atomic():
                answer = says(cast, whose, update(change))
                fair = (status, change) in ALLOWED and change in MOVES.get(mine, ())
                assert (answer == "1") is fair, (mine, change, answer)
                transaction.set_rollback(True)


@pytest.mark.parametrize(("whose", "change"), [("b", AGREE), ("b", DECLINE), ("a", WITHDRAW)])
def test_nothing_else_is_written_with_a_move(cast: Cast, whose: str, change: str) -> None:
    at(cast, "proposed")
    school = getattr(cast, whose).school
    for more in (
        "\"on\" = '2026-10-01'",
        "before = '2026-10-01'",
        "reason = 'x'",
        "proposed_by_id = %(b)s",
        "refusal = 'x'",
        "away_since = '2026-09-07'",
    ):
        assert "does not change" in says(cast, school, update(f"{change}, {more}"))
    assert "does not change" in says(cast, school, update("reason = 'x'"))


def insert(**changed: str) -> str:
    """Into the corrections, of the accepted transfer."""
    told = {
        "school_id": "t.school_id", "transfer_id": "t.id", "to_school_id": "t.to_school_id",
        "before": 't."on"', '"on"': "'2026-09-28'", "reason": "'写错了'", "answer": "''",
        "refusal": "''", "status": "'proposed'", "proposed_by_id": "%(a)s", "proposed_at": NOW,
    } | changed  # fmt: skip
    return (
        f"INSERT INTO {DAY} ({', '.join(told)})"
        f" SELECT {', '.join(told.values())} FROM students_transfer t"
    )


AGREED = {"status": "'agreed'", "agree_at": NOW, "agree_by_id": "%(b)s", "taken": "1"}


def test_it_begins_as_a_proposal_for_an_accepted_transfer_as_it_stands(cast: Cast) -> None:
    with november():
        accepted(cast)
    for changed in (
        AGREED,
        {"before": "'2026-10-01'"},
        {"to_school_id": str(cast.c.school.pk)},
        {"transfer_id": "t.id + 1"},
    ):
        assert "as it stands" in says(cast, cast.school, insert(**changed))
    # Nor does the receiver propose, for itself or for the other one.
    assert "row-level security" in says(cast, cast.b.school, insert())
    mine = insert(school_id="t.to_school_id", to_school_id="t.school_id")
    assert "as it stands" in says(cast, cast.b.school, mine)
    assert says(cast, cast.school, insert()) == "1"


def test_what_is_on_the_way_has_no_correction(cast: Cast) -> None:
    with november():
        signed(cast)
    assert "as it stands" in says(cast, cast.school, insert())


TRANSFER = "UPDATE students_transfer SET"


@pytest.mark.parametrize("status", ["proposed", "agreed", "refused", "declined", "withdrawn"])
def test_an_accepted_transfer_keeps_its_day_until_both_have_signed(cast: Cast, status: str) -> None:
    at(cast, status)
    for change in (f"\"on\" = '{EARLIER}'", "away_since = '2026-09-07'", "reason = 'x'"):
        answer = says(cast, cast.school, f"{TRANSFER} {change}")
        assert answer == "the sender of a transfer does not answer it"
        assert says(cast, cast.b.school, f"{TRANSFER} {change}") == "0"


def test_and_moves_to_the_signed_day_alone(cast: Cast) -> None:
    made = at(cast, "agreed")
    with transaction.atomic(), acting_for(cast.school):
        assert says(cast, cast.school, update(SIGN)) == "1"
        for change in (
            f"\"on\" = '{LATER}'",
            f"\"on\" = '{EARLIER}', away_since = '2026-09-07'",
            f"\"on\" = '{EARLIER}', reason = 'x'",
            f"\"on\" = '{EARLIER}', status = 'declined'",
        ):
            assert "does not answer" in says(cast, cast.school, f"{TRANSFER} {change}")
        assert says(cast, cast.school, f"{TRANSFER} \"on\" = '{EARLIER}'") == "1"
        back = says(cast, cast.school, f"{TRANSFER} \"on\" = '{LEFT}'")
        assert "does not answer" in back
    assert Transfer.objects.get(pk=made.transfer_id).on == EARLIER


# What the table itself refuses, with the constraint that does.
BROKEN = [
    ("transferday_moved", insert(**{'"on"': 't."on"'})),
    ("transferday_away", insert(away_since="'2026-09-29'")),
    ("transferday_said", insert(reason="''")),
    ("transferday_said", insert(answer="'x'")),
    ("transferday_said", insert(refusal="'x'")),
    ("transferday_answered", insert(agree_at=NOW)),
    ("transferday_answered", insert(agree_by_id="%(b)s")),
    ("transferday_answered", insert(decline_at=NOW)),
    ("transferday_answered", insert(decline_by_id="%(b)s")),
    ("transferday_answered", insert(restore_at=NOW)),
    ("transferday_answered", insert(restore_by_id="%(b)s")),
    ("transferday_answered", insert(taken="1")),
    ("transferday_stamps", insert(sign_at=NOW)),
    ("transferday_stamps", insert(sign_by_id="%(second)s")),
    ("transferday_stamps", insert(refuse_at=NOW)),
    ("transferday_stamps", insert(refuse_by_id="%(second)s")),
    ("transferday_stamps", insert(withdraw_at=NOW)),
    ("transferday_stamps", insert(withdraw_by_id="%(a)s")),
    # Whole stamps, of a step that the status has not made.
    ("transferday_answered", insert(agree_at=NOW, agree_by_id="%(b)s")),
    ("transferday_answered", insert(decline_at=NOW, decline_by_id="%(b)s")),
    ("transferday_answered", insert(restore_at=NOW, restore_by_id="%(b)s")),
    ("transferday_stamps", insert(sign_at=NOW, sign_by_id="%(second)s")),
    ("transferday_stamps", insert(refuse_at=NOW, refuse_by_id="%(second)s")),
    ("transferday_stamps", insert(withdraw_at=NOW, withdraw_by_id="%(a)s")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "sql"), BROKEN)
def test_a_row_that_contradicts_itself_is_not_taken(cast: Cast, name: str, sql: str) -> None:
    with november():
        accepted(cast)
    assert f'"{name}"' in says(cast, cast.school, sql)


MOVED = [
    ("proposed", "b", "transferday_answered", "status = 'agreed'"),
    ("proposed", "b", "transferday_answered", f"status = 'agreed', taken = 1, agree_at = {NOW}"),
    ("proposed", "b", "transferday_answered",
     f"status = 'agreed', agree_by_id = %(b)s, agree_at = {NOW}"),
    ("proposed", "b", "transferday_answered",
     f"status = 'declined', answer = '没有', decline_at = {NOW}"),
    ("proposed", "b", "transferday_said",
     f"status = 'declined', decline_by_id = %(b)s, decline_at = {NOW}"),
    ("proposed", "a", "transferday_stamps", f"status = 'withdrawn', withdraw_at = {NOW}"),
    ("agreed", "a", "transferday_stamps", f"status = 'signed', sign_at = {NOW}"),
    ("agreed", "a", "transferday_stamps", "status = 'signed', sign_by_id = %(second)s"),
    ("agreed", "a", "transferday_said",
     f"status = 'refused', refuse_by_id = %(second)s, refuse_at = {NOW}"),
    ("agreed", "a", "transferday_stamps", f"status = 'refused', refusal = '再', refuse_at = {NOW}"),
    ("agreed", "a", "transferday_second_person", SIGN.replace("second", "a")),
    ("agreed", "a", "transferday_second_person", REFUSE.replace("second", "a")),
    ("refused", "b", "transferday_answered", f"status = 'restored', restore_at = {NOW}"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "whose", "name", "change"), MOVED)
def test_a_move_takes_its_stamps_and_words(
    cast: Cast, status: str, whose: str, name: str, change: str
) -> None:
    at(cast, status)
    assert f'"{name}"' in says(cast, getattr(cast, whose).school, update(change))


def test_a_second_proposal_is_one_too_many(cast: Cast) -> None:
    for status in ("proposed", "agreed", "refused"):
        with transaction.atomic():
            at(cast, status)
            assert '"transferday_open_once"' in says(cast, cast.school, insert())
            transaction.set_rollback(True)
    at(cast, "withdrawn")
    assert says(cast, cast.school, insert()) == "1"


def test_no_transfer_from_a_school_to_itself_is_dated(cast: Cast) -> None:
    with november():
        accepted(cast)
    sql = insert(to_school_id="t.school_id")
    # The trigger is the first to say so; the constraint is what is left without it.
    assert "as it stands" in says(cast, cast.school, sql)


@pytest.mark.race
@pytest.mark.parametrize(
    ("name", "status", "sql"),
    [
        ("transferday_moved", "declined", BROKEN[0][1]),
        ("transferday_away", "declined", BROKEN[1][1]),
        ("transferday_said", "declined", BROKEN[2][1]),
        ("transferday_answered", "declined", BROKEN[5][1]),
        ("transferday_stamps", "declined", BROKEN[12][1]),
        ("transferday_second_person", "agreed", update(SIGN.replace("second", "a"))),
        ("transferday_open_once", "proposed", insert()),
    ],
)
def test_without_the_constraint_it_is_taken(
    committed: Cast, name: str, status: str, sql: str
) -> None:
    at(committed, status)
    assert f'"{name}"' in says(committed, committed.school, sql)
    with without(DAY, name):
        assert says(committed, committed.school, sql) == "1"


@pytest.mark.race
def test_without_the_triggers_anything_is_written(committed: Cast) -> None:
    at(committed, "proposed")
    itself = insert(to_school_id="t.school_id")
    with without(DAY, triggers=True), without("students_transfer", triggers=True):
        assert '"transferday_two_schools"' in says(committed, committed.school, itself)
        assert says(committed, committed.school, update(AGREE)) == "1"
        assert says(committed, committed.school, update("reason = 'x'")) == "1"
        assert says(committed, committed.school, f"{TRANSFER} \"on\" = '{EARLIER}'") == "1"
        # What the policy holds, it holds without them.
        assert says(committed, committed.b.school, update(RESTORE)) == "0"
        assert says(committed, committed.c.school, update(DECLINE)) == "0"


@pytest.mark.race
def test_without_the_policies_a_third_school_reads_and_writes(committed: Cast) -> None:
    at(committed, "proposed")
    third = committed.c.school
    assert says(committed, third, f"SELECT 1 FROM {DAY}") == "0"
    with without(DAY, triggers=True), owner() as cursor:
        cursor.execute(f"ALTER TABLE {DAY} DISABLE ROW LEVEL SECURITY")
        try:
            assert says(committed, third, f"SELECT 1 FROM {DAY}") == "1"
            assert says(committed, third, update(DECLINE)) == "1"
        finally:
            cursor.execute(f"ALTER TABLE {DAY} ENABLE ROW LEVEL SECURITY")
