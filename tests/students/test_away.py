"""Away or not: the database tells it as the rules do, whatever was recorded in whatever order."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schools import clock
from schools.scope import acting_for
from students.models import EnrolmentChange, Student
from students.rules.enrolment import RESUMES, STOPS, absences_of
from tests.cast import Cast

FIRST = date(2026, 9, 1)
KINDS = sorted({*STOPS, *RESUMES, "held_back", "boards"})
days = st.integers(0, 40).map(lambda n: FIRST + timedelta(days=n))
told = st.lists(st.tuples(st.sampled_from(KINDS), days), max_size=6)


def asked(someone: Student, first: date, last: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT aid_was_away(%s, %s, %s, %s, %s)",
            [someone.school_id, someone.pk, someone.entered_on, first, last],
        )
        return bool(cursor.fetchone()[0])


def record(someone: Student, changes: list[tuple[str, date]], cast: Cast) -> None:
    EnrolmentChange.objects.bulk_create(
        EnrolmentChange(
            school_id=someone.school_id, student=someone, kind=kind, on=on,
            to_class=someone.school_class, recorded_by=cast.operator.person,
            recorded_at=clock.now(),
        )
        for kind, on in changes
    )  # fmt: skip


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=told, entered=st.none() | days, first=days, length=st.integers(0, 20))
def test_sql_and_rules_agree(
    cast: Cast, changes: list[tuple[str, date]], entered: date | None, first: date, length: int
) -> None:
    someone = cast.a.students[0]
    someone.entered_on = entered
    last = first + timedelta(days=length)
    with transaction.atomic():
        record(someone, changes, cast)
        found = asked(someone, first, last)
        transaction.set_rollback(True)
    moves = sorted((c for c in changes if c[0] in STOPS | RESUMES), key=lambda c: c[1])
    away = absences_of(moves, entered)
    assert found == any(one.covers(first, last) for one in away), (changes, away)


@pytest.mark.parametrize(("on", "away"), [(5, False), (4, True), (1, True)])
def test_from_the_day_of_going(cast: Cast, on: int, away: bool) -> None:
    someone = cast.a.students[0]
    record(someone, [("suspend", date(2026, 10, on))], cast)
    assert asked(someone, date(2026, 10, 4), date(2026, 10, 31)) is away


def test_who_does_not_reach_the_school_is_told_nothing(cast: Cast) -> None:
    someone = cast.a.students[0]
    record(someone, [("suspend", FIRST)], cast)
    assert asked(someone, FIRST, FIRST)
    someone.entered_on = None
    with acting_for(cast.b.school):
        assert not asked(someone, FIRST, FIRST)


def test_what_was_recorded_of_another_is_not_his(cast: Cast) -> None:
    someone, other = cast.a.students[:2]
    record(other, [("suspend", FIRST)], cast)
    assert not asked(someone, FIRST, FIRST)
    record(someone, [("suspend", FIRST)], cast)
    record(other, [("resume", FIRST)], cast)
    assert asked(someone, FIRST, FIRST)
    assert not asked(other, FIRST, FIRST)
