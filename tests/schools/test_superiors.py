"""No organisation stands above itself: said by the database, to several at once too."""

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from schools import hierarchy
from schools.models import Bureau, Organisation
from tests.cast import Cast
from tests.database import owner, without
from tests.racing import race

ORGANISATION = "schools_organisation"
REFUSED = "an organisation is not above itself"
LOCK = "pg_advisory_xact_lock"


def put_under(one: Organisation, other: Organisation) -> None:
    """Raw SQL as the application's role."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {ORGANISATION} SET superior_id = %s WHERE id = %s", [other.pk, one.pk]
        )


def another(code: str, superior: Bureau) -> Bureau:
    return Bureau.objects.create(
        code=code, name=code, kind="district", region_code=code, superior=superior
    )


def superiors() -> dict[int, int | None]:
    return dict(Organisation.objects.values_list("pk", "superior_id"))


def test_none_is_put_under_itself_or_under_one_below_it(cast: Cast) -> None:
    below = another("990199", cast.district)
    before = superiors()
    for one, other in (
        (cast.city, cast.city),
        (cast.city, cast.district),
        (cast.city, below),
        (cast.city, cast.school),
        (cast.district, below),
        (cast.district, cast.school),
    ):
        with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
            put_under(one, other)
    assert superiors() == before


def test_every_other_one_may_be_above(cast: Cast) -> None:
    below = another("990199", cast.district)
    put_under(below, cast.other_district)
    put_under(cast.district, cast.other_district)
    put_under(cast.school, below)
    assert hierarchy.line_of(cast.school.pk) == [
        cast.school.pk,
        below.pk,
        cast.other_district.pk,
        cast.city.pk,
    ]


def insert(key: int, superior: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {ORGANISATION} (id, code, name, kind, superior_id, contact_name,"
            " contact_phone, contact_email, address)"
            " VALUES (%s, %s, 'x', 'district', %s, '', '', '', '')",
            [key, str(key), superior],
        )


@pytest.mark.django_db
def test_none_is_entered_under_itself_or_under_one_entered_after_it() -> None:
    with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
        insert(990_001, 990_001)
    # Keys are looked up at the end of the transaction alone.
    with transaction.atomic():
        insert(990_001, 990_002)
        with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
            insert(990_002, 990_001)
        insert(990_002, 990_003)
        insert(990_003, None)


def test_two_are_not_put_under_each_other_in_one_statement(cast: Cast) -> None:
    with (
        pytest.raises(IntegrityError, match=REFUSED),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"UPDATE {ORGANISATION} SET superior_id = %(both)s - id WHERE id IN (%(a)s, %(b)s)",
            {
                "both": cast.district.pk + cast.other_district.pk,
                "a": cast.district.pk,
                "b": cast.other_district.pk,
            },
        )


def test_none_takes_the_number_of_the_one_above_it(cast: Cast) -> None:
    with (
        pytest.raises(IntegrityError, match=REFUSED),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"UPDATE {ORGANISATION} SET id = superior_id WHERE id = %s", [cast.district.pk]
        )


def each_under_the_next(ring: list[Bureau]) -> Callable[[int], object]:
    """Every thread puts one under the next and stays a while, so that nobody sees another's."""
    written = Barrier(len(ring))

    def act(i: int) -> None:
        with transaction.atomic():
            put_under(ring[i], ring[(i + 1) % len(ring)])
            with suppress(BrokenBarrierError):
                written.wait(timeout=2)

    return act


def ring_of(cast: Cast, size: int) -> list[Bureau]:
    return [another(f"99015{n}", cast.city) for n in range(size)]


@pytest.mark.race
@pytest.mark.parametrize("size", [2, 3])
def test_several_at_once_close_no_circle(committed: Cast, size: int) -> None:
    ring = ring_of(committed, size)
    found = race(each_under_the_next(ring), organisation=committed.city, threads=size)
    assert found == {"won": size - 1, "IntegrityError": 1}
    assert max(len(hierarchy.line_of(one.pk)) for one in ring) == size + 1


@pytest.mark.race
def test_without_the_trigger_they_do(committed: Cast) -> None:
    with without(ORGANISATION, triggers=True):
        ring = ring_of(committed, 2)
        found = race(each_under_the_next(ring), organisation=committed.city, threads=2)
        assert found == {"won": 2}
        put_under(committed.city, committed.city)


@pytest.mark.race
def test_without_its_lock_they_do_at_once(committed: Cast) -> None:
    ring = ring_of(committed, 2)
    with owner() as cursor:
        cursor.execute("SELECT pg_get_functiondef('schools_organisation_above'::regproc)")
        ((guarded,),) = cursor.fetchall()
        assert LOCK in guarded
        cursor.execute(guarded.replace(f"{LOCK}(", "abs(").replace(f"{LOCK}_shared(", "abs("))
    try:
        found = race(each_under_the_next(ring), organisation=committed.city, threads=2)
        assert found == {"won": 2}
    finally:
        with owner() as cursor:
            cursor.execute(guarded)
