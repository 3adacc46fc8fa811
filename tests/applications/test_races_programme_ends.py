"""An end that many ask for or refuse, a draft that many give up: once, each with its control."""

from collections.abc import Callable

import pytest
from django.db import transaction

from applications import actions
from applications.models import Programme
from schools.scope import acting_for
from tests.applications.policy import enacted
from tests.applications.test_races_programmes import NEXT_YEAR, TABLE, drafted, ending
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded

pytestmark = pytest.mark.race
Act = Callable[[int], object]


def asking(cast: Cast) -> Act:
    with acting_for(cast.district), transaction.atomic():
        programme = enacted(cast.bureau_operator, cast.bureau_reviewer)
    return lambda _: actions.ask_end(
        programme=Programme.objects.get(pk=programme.pk),
        last_day=NEXT_YEAR,
        reason="停办",
        by=cast.bureau_operator,
    )


def keeping(cast: Cast) -> Act:
    programme = ending(cast)
    return lambda _: actions.keep_programme(
        programme=Programme.objects.get(pk=programme.pk), reason="继续办", by=cast.bureau_reviewer
    )


def discarding(cast: Cast) -> Act:
    draft, _ = drafted(cast)
    return lambda _: actions.discard_programme(
        programme=Programme.objects.get(pk=draft.pk), by=cast.bureau_operator
    )


DEEDS: tuple[Callable[[Cast], Act], ...] = (asking, keeping, discarding)


@pytest.mark.parametrize("arrange", DEEDS)
def test_one_of_many(committed: Cast, arrange: Callable[[Cast], Act]) -> None:
    outcome = race(arrange(committed), organisation=committed.district)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.parametrize("arrange", DEEDS)
def test_without_the_lock_several(
    committed: Cast, no_locks: None, arrange: Callable[[Cast], Act]
) -> None:
    act = arrange(committed)
    with without(TABLE, triggers=True):
        assert unguarded(act, organisation=committed.district) > 1
