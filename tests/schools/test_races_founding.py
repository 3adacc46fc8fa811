"""Organisations founded by several at once: one stands; without the key several do."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.db import connections

from audit.models import Event
from schools import clock, founding
from schools.models import Organisation
from schools.scope import acting_for
from tests import rows
from tests.cast import Cast, next_id
from tests.database import owner, without
from tests.racing import race, unguarded
from tests.schools.test_founding import add_school, begin
from tests.schools.test_races import unlock

pytestmark = pytest.mark.race
Act = Callable[[int], object]


def code_key() -> str:
    """The name that the database gave the unique code."""
    with owner() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'u'"
            " AND conrelid = 'schools_organisation'::regclass"
        )
        ((name,),) = cursor.fetchall()
    return str(name)


def a_school(cast: Cast) -> Act:
    return lambda _: add_school(cast)


def a_district(cast: Cast) -> Act:
    return lambda _: founding.add_district(code="990104", name="北区教育局", by=cast.admin)


@pytest.mark.parametrize("arrange", [a_school, a_district])
def test_one_is_founded(committed: Cast, arrange: Callable[[Cast], Act]) -> None:
    before = Organisation.objects.count()
    found = race(arrange(committed), organisation=committed.city)
    assert found == {"won": 1, "Refused": 63}
    assert Organisation.objects.count() == before + 1


@pytest.mark.parametrize("arrange", [a_school, a_district])
def test_without_the_key_several_are(committed: Cast, arrange: Callable[[Cast], Act]) -> None:
    with without("schools_organisation", code_key()):
        assert unguarded(arrange(committed), organisation=committed.city) > 1


# --- the first bureau of an installation ---


@pytest.fixture
def nobody(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """An installation that has not begun."""
    with django_db_blocker.unblock():
        try:
            with clock.at(date(2026, 9, 1)):
                yield
        finally:
            connections["default"].close()
            rows.empty()


def beginning() -> Act:
    """Everybody begins with a bureau and an administrator of his own."""
    numbers = [next_id() for _ in range(64)]
    return lambda i: begin(code=f"9900{i:02d}", username=f"chen{i}", admin_id=numbers[i])


NOWHERE = Organisation(pk=0)


@pytest.mark.usefixtures("nobody")
def test_an_installation_begins_once() -> None:
    assert race(beginning(), organisation=NOWHERE) == {"won": 1, "Refused": 63}
    assert Organisation.objects.count() == 1


@pytest.mark.usefixtures("nobody")
def test_without_the_lock_it_begins_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(founding, "connection", MagicMock())
    assert unguarded(beginning(), organisation=NOWHERE) > 1
    assert Organisation.objects.count() > 1


# --- what is said about an organisation ---


def renaming(cast: Cast) -> Act:
    return lambda _: founding.change(
        organisation=cast.school, name="示范实验中学", by=cast.bureau_reviewer
    )


def changes() -> int:
    return Event.objects.filter(verb="organisation.change").count()


def test_a_school_is_renamed_once(committed: Cast) -> None:
    assert race(renaming(committed), organisation=committed.district) == {"won": 64}
    with acting_for(committed.school):
        assert changes() == 1


def test_without_the_lock_it_is_renamed_several_times(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(monkeypatch, Organisation)
    unguarded(renaming(committed), organisation=committed.district)
    with acting_for(committed.school):
        assert changes() > 1
