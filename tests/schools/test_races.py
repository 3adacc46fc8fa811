"""Races about people and terms, each with a control in which the guard is off."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Model, QuerySet

from privacy.fields import blind_id
from schools import actions, almanac, clock
from schools.models import (
    Account,
    Appointment,
    CalendarDay,
    Organisation,
    Person,
    Term,
)
from schools.roles import Role
from tests import database
from tests.cast import Cast, appoint, next_id
from tests.racing import meanwhile, race, unguarded
from tests.schools.test_actions import year

pytestmark = pytest.mark.race
DAY = date(2026, 9, 1)
Act = Callable[[int], object]


def unlock(monkeypatch: pytest.MonkeyPatch, *models: type[Model]) -> None:
    """Rows of these models are read without locks."""
    locking = QuerySet.select_for_update

    def plain(rows: Any, **options: Any) -> Any:
        return rows if rows.model in models else locking(rows, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", plain)


# --- one person, one account ---


def entering(number: str) -> Act:
    return lambda _: actions.enter_person(name="陈例清", id_number=number)


def test_a_person_is_entered_once(committed: Cast) -> None:
    number = next_id()
    assert race(entering(number), organisation=committed.school) == {"won": 64}
    assert Person.objects.filter(id_blind=blind_id(number)).count() == 1


def test_without_the_constraint_a_person_is_entered_often(committed: Cast) -> None:
    number = next_id()
    with database.without("schools_person", unique_of("schools_person", "id_blind")):
        unguarded(entering(number), organisation=committed.school)
        assert Person.objects.filter(id_blind=blind_id(number)).count() > 1


def unique_of(table: str, column: str) -> str:
    """The name of the constraint that Django made up."""
    with database.owner() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'"
            " AND pg_get_constraintdef(oid) = %s",
            [table, f"UNIQUE ({column})"],
        )
        (name,) = cursor.fetchone()
    return str(name)


def employing(cast: Cast) -> Act:
    """The same person as reviewer and as committee member."""
    number = next_id()
    actions.enter_person(name="陈例清", id_number=number)
    roles = (Role.REVIEWER, Role.COMMITTEE)
    return lambda i: actions.employ(
        name="陈例清",
        id_number=number,
        organisation=cast.school,
        role=roles[i % 2],
        since=DAY,
        by=cast.a.leader,
    )


def accounts() -> int:
    return Account.objects.filter(person__name="陈例清").count()


def test_employed_in_two_roles_at_once_a_person_has_one_account(committed: Cast) -> None:
    outcome = race(employing(committed), organisation=committed.school)
    assert outcome == {"won": 2, "Refused": 62}
    assert accounts() == 1


def test_without_the_locks_a_person_has_two_accounts(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    employ = employing(committed)
    unlock(monkeypatch, Person)
    # Events of one organisation stand in line too.
    monkeypatch.setattr(actions, "record", lambda **event: None)
    passwords = iter(["one-time-1", "one-time-2"])

    def password() -> str:
        """The other employment runs from end to end after this one has looked for an account."""
        chosen = next(passwords)
        if chosen == "one-time-1":
            meanwhile(lambda: employ(1), organisation=committed.school, on=DAY)
        return chosen

    monkeypatch.setattr(actions, "one_time_password", password)
    with clock.at(DAY):
        employ(0)
    assert accounts() == 2


# --- who may appoint ---


def dismissing(cast: Cast) -> tuple[tuple[Appointment, Appointment], Act]:
    second = appoint("王样宁", cast.school, Role.LEADER, "leader-2")
    both = (cast.a.leader, second)
    return both, lambda i: actions.dismiss(
        appointment=both[i % 2], last_day=DAY, by=both[1 - i % 2]
    )


def test_without_the_lock_managers_dismiss_each_other(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, act = dismissing(committed)
    unlock(monkeypatch, Organisation)
    assert unguarded(act, organisation=committed.school, threads=2) == 2
    left = Appointment.objects.valid_on(DAY + timedelta(days=1)).filter(pk__in=[a.pk for a in both])
    assert left.count() == 0


# --- terms and the calendar ---


def moving_terms(cast: Cast) -> Act:
    """The autumn is made longer while the spring begins earlier."""
    autumn = Term.objects.get(code="2026-1")
    spring = Term.objects.get(code="2026-2")
    middle = spring.starts_on - timedelta(days=5)

    def act(i: int) -> object:
        dates = (
            {"term": autumn, "starts_on": autumn.starts_on, "ends_on": middle}
            if i % 2
            else {
                "term": spring,
                "starts_on": middle - timedelta(days=5),
                "ends_on": spring.ends_on,
            }
        )
        return almanac.set_term(**dates, by=cast.admin)  # type: ignore[arg-type]

    return act


def overlap() -> bool:
    autumn, spring = Term.objects.filter(code__in=("2026-1", "2026-2")).order_by("code")
    return bool(autumn.ends_on >= spring.starts_on)


def test_terms_moved_at_once_do_not_overlap(committed: Cast) -> None:
    outcome = race(moving_terms(committed), organisation=committed.city)
    # Whoever is first may say the same again.
    assert outcome == {"won": 32, "Refused": 32}
    assert not overlap()


def test_without_the_lock_terms_overlap(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    act = moving_terms(committed)
    unlock(monkeypatch, Term)
    assert unguarded(act, organisation=committed.city, threads=2) == 2
    assert overlap()


def adding(cast: Cast) -> Act:
    return lambda _: almanac.add_term(
        starts_on=date(2027, 9, 1), ends_on=date(2028, 1, 31), by=cast.admin
    )


def test_a_term_is_added_once(committed: Cast) -> None:
    outcome = race(adding(committed), organisation=committed.city)
    assert outcome == {"won": 1, "Refused": 63}


def test_without_the_lock_and_the_keys_a_term_is_there_often(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(monkeypatch, Term)
    keys = (unique_of("schools_term", "code"), "term_once")
    with database.without("schools_term", *keys):
        assert unguarded(adding(committed), organisation=committed.city) > 1
        assert Term.objects.filter(code="2027-1").count() > 1


def loading(cast: Cast) -> Act:
    return lambda _: almanac.load_year(year=2027, days=year(), source="通知", by=cast.admin)


def test_a_year_is_loaded_once(committed: Cast) -> None:
    outcome = race(loading(committed), organisation=committed.city)
    assert outcome == {"won": 1, "Refused": 63}


def test_without_the_constraint_a_year_is_loaded_often(committed: Cast) -> None:
    days = CalendarDay.objects.filter(day__year=2027)
    with database.without("schools_calendarday", unique_of("schools_calendarday", "day")):
        assert unguarded(loading(committed), organisation=committed.city) > 1
        assert days.count() > days.values("day").distinct().count()
