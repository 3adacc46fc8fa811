"""Schools founded from one table and reminders sent by many at once, each with its control."""

from collections.abc import Callable
from datetime import date

import pytest

from aidadmin import school_lists
from aidadmin.overview.notify import TITLE, urge_late
from aidadmin.overview.regional import overview_of
from office.models import Message
from schools import clock
from schools.models import Organisation, School
from schools.official import calendar
from schools.scope import acting_for
from tests.aidadmin import scenes
from tests.aidadmin.scenes import CLASSES
from tests.aidadmin.test_school_lists import row, table
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded
from tests.schools.test_races import unlock
from tests.schools.test_races_founding import code_key

pytestmark = pytest.mark.race
Act = Callable[[int], object]
LATE = date(2026, 10, 30)


def founding(cast: Cast) -> Act:
    """The same table, whose rows stand in either order."""
    rows = [row(1), row(2)]
    read = [
        school_lists.read(table(*order), "学校.xlsx", top=cast.district)[0]
        for order in (rows, rows[::-1])
    ]
    return lambda i: school_lists.found_all(lines=read[i % 2], by=cast.bureau_reviewer)


def test_a_table_is_founded_once(committed: Cast) -> None:
    before = School.objects.count()
    outcome = race(founding(committed), organisation=committed.district)
    assert outcome == {"won": 1, "Refused": 63}
    assert School.objects.count() == before + 2


def test_without_the_key_it_is_founded_several_times(committed: Cast) -> None:
    act = founding(committed)
    with without("schools_organisation", code_key()):
        assert unguarded(act, organisation=committed.district) > 1


def urging(cast: Cast) -> Act:
    scenes.school(cast.district, cast.district, 11, name="某校", progress=CLASSES)
    with acting_for(cast.district), clock.at(LATE):
        seen = overview_of(cast.district, cast.term, calendar(), LATE)
    return lambda _: urge_late(standings=seen.standings, today=LATE, by=cast.bureau_operator)


def reminded(cast: Cast) -> list[tuple[int, int]]:
    with acting_for(cast.district):
        rows = Message.objects.filter(title=TITLE)
        return list(rows.values_list("organisation_id", "person_id"))


def test_a_school_is_reminded_once_a_day(committed: Cast) -> None:
    outcome = race(urging(committed), organisation=committed.district, on=LATE)
    assert outcome == {"won": 64}
    found = reminded(committed)
    assert found
    assert len(found) == len(set(found))


def test_without_the_lock_it_is_reminded_often(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = urging(committed)
    unlock(monkeypatch, Organisation)
    unguarded(act, organisation=committed.district, on=LATE)
    found = reminded(committed)
    assert len(found) > len(set(found))
