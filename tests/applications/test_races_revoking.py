"""A version that many ask to take back, sign or keep: once; a round opens or it is revoked."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction

from applications import actions, queue
from applications.models import Programme, Round
from audit.models import Event
from schools.models import Term
from schools.scope import acting_for
from tests.applications.policy import enacted
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded

pytestmark = pytest.mark.race
Act = Callable[[int], object]
TABLE = "applications_programme"
AHEAD = date(2027, 1, 1)


def ahead(cast: Cast, *, asked: bool) -> Programme:
    with acting_for(cast.district), transaction.atomic():
        programme = enacted(cast.bureau_operator, cast.bureau_reviewer, AHEAD)
        if not asked:
            return programme
        return actions.ask_revoke(programme=programme, reason="写错", by=cast.bureau_operator)


def asking(cast: Cast) -> Act:
    programme = ahead(cast, asked=False)
    return lambda _: actions.ask_revoke(
        programme=Programme.objects.get(pk=programme.pk), reason="写错", by=cast.bureau_operator
    )


def signing(cast: Cast) -> Act:
    programme = ahead(cast, asked=True)
    return lambda _: actions.confirm_revoke(
        programme=Programme.objects.get(pk=programme.pk), by=cast.bureau_reviewer
    )


def keeping(cast: Cast) -> Act:
    programme = ahead(cast, asked=True)
    return lambda _: actions.retain_programme(
        programme=Programme.objects.get(pk=programme.pk), reason="没有错", by=cast.bureau_reviewer
    )


DEEDS: dict[str, Callable[[Cast], Act]] = {
    "ask_revoke": asking,
    "revoke": signing,
    "retain": keeping,
}


@pytest.mark.parametrize("verb", DEEDS)
def test_one_of_many(committed: Cast, verb: str) -> None:
    outcome = race(DEEDS[verb](committed), organisation=committed.district)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.parametrize("verb", DEEDS)
def test_without_the_lock_several(committed: Cast, no_locks: None, verb: str) -> None:
    act = DEEDS[verb](committed)
    with without(TABLE, triggers=True):
        assert unguarded(act, organisation=committed.district) > 1
        with acting_for(committed.district):
            assert Event.objects.filter(verb=f"programme.{verb}").count() > 1


def opening_or_asking(cast: Cast) -> Act:
    """A school opens its round of spring, while the bureau asks to take the version back."""
    programme = ahead(cast, asked=False)
    spring = Term.objects.get(code="2026-2")

    def act(n: int) -> object:
        found = Programme.objects.get(pk=programme.pk)
        if n % 2:
            with acting_for(cast.district):
                return actions.ask_revoke(programme=found, reason="写错", by=cast.bureau_operator)
        with acting_for(cast.school):
            return actions.open_programme_round(
                school=cast.school, term=spring, programme=found, by=cast.operator
            )

    return act


def opened(cast: Cast) -> bool:
    with acting_for(cast.school):
        return Round.objects.exists()


def test_a_round_is_opened_or_the_version_taken_back_never_both(committed: Cast) -> None:
    won = race(opening_or_asking(committed), organisation=committed.school)
    assert won["won"] == 1
    asked = Programme.objects.filter(status="revoking").exists()
    assert opened(committed) != asked


def test_without_guards_a_round_hangs_on_what_is_taken_back(
    committed: Cast, no_locks: None
) -> None:
    act = opening_or_asking(committed)
    with without("applications_round", triggers=True):
        # Both look before either writes.
        assert unguarded(act, organisation=committed.school, threads=2) == 2
        assert opened(committed)
        with acting_for(committed.district):
            programme = Programme.objects.get(status="revoking")
            assert queue.hanging_on(programme).rounds == 1
