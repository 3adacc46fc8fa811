"""Races of programmes as policy: one enacts, saves, follows, ends; a round opens or an end holds.

Each with its control, which shows what would happen without the lock and the guards.
"""

from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction

from applications import actions
from applications.actions import programmes
from applications.models import Programme, Round
from audit.models import Event
from schools.models import Term
from schools.scope import acting_for
from tests.applications.policy import AUTUMN, enacted, facts, seen
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded

NEXT_YEAR = date(2027, 9, 1)
TABLE = "applications_programme"


def drafted(cast: Cast) -> tuple[Programme, str]:
    with acting_for(cast.district), transaction.atomic():
        draft = actions.draft_programme(facts=facts(), by=cast.bureau_operator)
        return draft, seen(draft)


def enact(cast: Cast, draft: Programme, mark: str) -> None:
    actions.enact_programme(
        programme=Programme.objects.get(pk=draft.pk),
        valid_from=AUTUMN,
        seen=mark,
        by=cast.bureau_reviewer,
    )


def events(cast: Cast, verb: str) -> int:
    with acting_for(cast.district):
        return Event.objects.filter(verb=verb).count()


def test_one_of_many_enacts(committed: Cast) -> None:
    draft, mark = drafted(committed)
    won = race(lambda _: enact(committed, draft, mark), organisation=committed.district)
    assert won["won"] == 1
    assert events(committed, "programme.enact") == 1


def test_without_the_lock_it_is_enacted_twice(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programmes, "in_turn", lambda: None)
    draft, mark = drafted(committed)
    parts = ("applications_tier", "applications_programmequota", "applications_paperrule")
    with (
        without(TABLE, triggers=True),
        without(parts[0], "tier_once", triggers=True),
    ):
        won = unguarded(lambda _: enact(committed, draft, mark), organisation=committed.district)
        assert won > 1
        assert events(committed, "programme.enact") > 1


def save(cast: Cast, draft: Programme, mark: str, n: int) -> None:
    actions.edit_programme(
        programme=Programme.objects.get(pk=draft.pk),
        facts=replace(facts(), name=f"第{n}稿"),
        seen=mark,
        by=cast.bureau_operator,
    )


def test_one_of_many_saves_what_it_saw(committed: Cast) -> None:
    draft, mark = drafted(committed)
    won = race(lambda n: save(committed, draft, mark, n), organisation=committed.district)
    assert won["won"] == 1


def test_without_the_lock_saves_overwrite_each_other(committed: Cast, no_locks: None) -> None:
    draft, mark = drafted(committed)
    with without("applications_tier", "tier_once", triggers=True):
        won = unguarded(lambda n: save(committed, draft, mark, n), organisation=committed.district)
        assert won > 1
        assert events(committed, "programme.edit") > 1


def ending(cast: Cast) -> Programme:
    with acting_for(cast.district), transaction.atomic():
        programme = enacted(cast.bureau_operator, cast.bureau_reviewer)
        return actions.ask_end(
            programme=programme, last_day=NEXT_YEAR, reason="停办", by=cast.bureau_operator
        )


def confirm(cast: Cast, programme: Programme) -> None:
    actions.confirm_end(programme=Programme.objects.get(pk=programme.pk), by=cast.bureau_reviewer)


def test_one_of_many_ends_it(committed: Cast) -> None:
    programme = ending(committed)
    won = race(lambda _: confirm(committed, programme), organisation=committed.district)
    assert won["won"] == 1
    assert events(committed, "programme.end") == 1


def test_without_the_lock_it_ends_twice(committed: Cast, no_locks: None) -> None:
    programme = ending(committed)
    with without(TABLE, triggers=True):
        won = unguarded(lambda _: confirm(committed, programme), organisation=committed.district)
        assert won > 1
        assert events(committed, "programme.end") > 1


def follow(cast: Cast, first: Programme, n: int) -> None:
    told = replace(facts(), valid_from=NEXT_YEAR, name=f"新版{n}")
    actions.draft_programme(
        facts=told, by=cast.bureau_operator, follows=Programme.objects.get(pk=first.pk)
    )


def followed(cast: Cast) -> Programme:
    with acting_for(cast.district), transaction.atomic():
        return enacted(cast.bureau_operator, cast.bureau_reviewer)


def test_one_version_follows_another(committed: Cast) -> None:
    first = followed(committed)
    won = race(lambda n: follow(committed, first, n), organisation=committed.district)
    assert won["won"] == 1
    assert Programme.objects.filter(follows=first).count() == 1


def test_without_the_lock_and_the_key_many_follow(committed: Cast, no_locks: None) -> None:
    first = followed(committed)
    code = "applications_programme_code_key"
    with without(TABLE, "programme_followed_once", code, triggers=True):
        won = unguarded(lambda n: follow(committed, first, n), organisation=committed.district)
        assert won > 1
        assert Programme.objects.filter(follows=first).count() > 1


def test_a_round_is_opened_or_its_term_is_cut_off_never_both(committed: Cast) -> None:
    """A round of spring, and an end before spring: whoever comes second is refused."""
    last = date(2026, 12, 31)
    with acting_for(committed.district), transaction.atomic():
        programme = enacted(committed.bureau_operator, committed.bureau_reviewer)
        actions.ask_end(
            programme=programme, last_day=last, reason="停办", by=committed.bureau_operator
        )
    spring = Term.objects.get(code="2026-2")

    def act(n: int) -> None:
        if n % 2:
            with acting_for(committed.district):
                confirm(committed, programme)
        else:
            with acting_for(committed.school):
                actions.open_programme_round(
                    school=committed.school,
                    term=spring,
                    programme=Programme.objects.get(pk=programme.pk),
                    by=committed.operator,
                )

    won = race(act, organisation=committed.school)
    assert won["won"] == 1
    with acting_for(committed.school):
        opened = Round.objects.filter(programme=programme).exists()
    programme.refresh_from_db()
    assert opened != (programme.status == "ended")
