"""Functions that look over a wall to say yes or no: afterwards it stands, whatever comes next."""

import pytest
from django.db import connection

from tests.cast import Cast

FOUR = "(%(school)s, 1, 1, '{}'::bytea[])"
CALLS = {
    "aid_awarded_elsewhere": FOUR,
    "aid_cards_elsewhere": "(%(school)s)",
    "aid_enrolled_elsewhere": "(%(school)s, '{}'::bytea[])",
    "aid_exclusive_elsewhere": FOUR,
    "aid_list_replaced": "(1)",
    "aid_months_elsewhere": FOUR,
    "aid_stages_of": "(%(school)s)",
}


def asking_after(name: str, school: int) -> str:
    """Which question stays open once this one was answered."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {name}{CALLS[name]}", {"school": school})
        cursor.execute("SELECT coalesce(current_setting('aid.asking', true), '')")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_every_function_of_the_owner_is_asked_here() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
            " AND prorettype <> 'trigger'::regtype"
        )
        assert {name for (name,) in cursor.fetchall()} == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_in_one_transaction_no_question_stays_open(cast: Cast, name: str) -> None:
    assert asking_after(name, cast.school.pk) == ""


def test_no_question_outlives_its_transaction(committed: Cast) -> None:
    # One connection for all: what one leaves open, the next request would find.
    assert [name for name in CALLS if asking_after(name, committed.school.pk)] == []
