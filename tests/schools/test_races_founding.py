"""Organisations founded by several at once: one stands; without the key several do."""

from collections.abc import Callable

import pytest

from schools import founding
from schools.models import Organisation
from tests.cast import Cast
from tests.database import owner, without
from tests.racing import race, unguarded
from tests.schools.test_founding import add_school

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
