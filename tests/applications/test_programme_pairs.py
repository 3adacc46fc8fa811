"""What can't be enjoyed together stays so, however the two are renewed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from applications import actions, queue
from applications.actions import programmes
from applications.actions.programmes import copied
from applications.models import Programme
from applications.queue.programmes import binding_exclusions
from audit.models import Event
from schools import clock
from schools.tenancy import set_scope
from tests.applications.policy import enacted, facts, seen
from tests.cast import Cast
from tests.racing import race, unguarded

NEXT_YEAR, LATER = date(2027, 9, 1), date(2028, 9, 1)


def pair(cast: Cast) -> tuple[Programme, Programme]:
    """Two of the district's own that can't be had together."""
    first = enacted(cast.bureau_operator, cast.bureau_reviewer)
    second = enacted(
        cast.bureau_operator, cast.bureau_reviewer, name="东区雨露补助", exclusive=(first.pk,)
    )
    return first, second


def renewal(cast: Cast, of: Programme, **changes: Any) -> Programme:
    """A draft of the version after it."""
    set_scope(cast.district.pk)
    told = replace(copied(of, NEXT_YEAR, cast.district), **changes)
    return actions.draft_programme(facts=told, by=cast.bureau_operator, follows=of)


def enact(cast: Cast, draft: Programme, day: date = NEXT_YEAR) -> Programme:
    set_scope(cast.district.pk)
    row = Programme.objects.get(pk=draft.pk)
    return actions.enact_programme(
        programme=row, valid_from=day, seen=seen(row), by=cast.bureau_reviewer
    )


def excludes(one: Programme, other: Programme) -> bool:
    both = (
        binding_exclusions(one).filter(pk=other.pk).exists(),
        binding_exclusions(other).filter(pk=one.pk).exists(),
    )
    assert both[0] == both[1]
    return both[0]


@pytest.mark.parametrize("turn", [0, 1])
def test_both_renewed_at_the_same_time_stay_apart(cast: Cast, turn: int) -> None:
    first, second = pair(cast)
    drafts = [renewal(cast, first), renewal(cast, second)]
    with clock.at(clock.now() + timedelta(hours=1)):
        early = enact(cast, drafts[turn])
    with clock.at(clock.now() + timedelta(hours=2)):
        late = enact(cast, drafts[1 - turn])
    assert excludes(early, late)
    told = Event.objects.filter(verb="programme.enact").latest("pk").facts
    assert told["also_excludes"] == [early.pk]


def test_a_draft_written_anew_after_the_others_renewal_keeps_the_pair(cast: Cast) -> None:
    first, second = pair(cast)
    drafts = [renewal(cast, first), renewal(cast, second)]
    with clock.at(clock.now() + timedelta(hours=1)):
        early = enact(cast, drafts[0])
    with clock.at(clock.now() + timedelta(hours=2)):
        told = replace(queue.facts_of(drafts[1]), name="东区雨露补助（新）")
        actions.edit_programme(
            programme=drafts[1], facts=told, seen=seen(drafts[1]), by=cast.bureau_operator
        )
        late = enact(cast, drafts[1])
    assert excludes(early, late)


def test_a_new_one_keeps_apart_from_what_was_renewed_meanwhile(cast: Cast) -> None:
    first = enacted(cast.bureau_operator, cast.bureau_reviewer)
    set_scope(cast.district.pk)
    new = actions.draft_programme(
        facts=facts(name="东区新补助", exclusive=(first.pk,), valid_from=NEXT_YEAR),
        by=cast.bureau_operator,
    )
    draft = renewal(cast, first)
    with clock.at(clock.now() + timedelta(hours=1)):
        renewed = enact(cast, draft)
    with clock.at(clock.now() + timedelta(hours=2)):
        made = enact(cast, new)
    assert excludes(made, renewed)


def test_a_new_one_keeps_apart_from_all_that_was_renewed_meanwhile(cast: Cast) -> None:
    first = enacted(cast.bureau_operator, cast.bureau_reviewer)
    set_scope(cast.district.pk)
    new = actions.draft_programme(
        facts=facts(name="东区新补助", exclusive=(first.pk,), valid_from=NEXT_YEAR),
        by=cast.bureau_operator,
    )
    with clock.at(clock.now() + timedelta(hours=1)):
        second = enact(cast, renewal(cast, first))
        third = enact(cast, renewal(cast, second, valid_from=LATER), LATER)
    with clock.at(clock.now() + timedelta(hours=2)):
        made = enact(cast, new)
    assert [excludes(made, one) for one in (first, second, third)] == [True] * 3


def test_a_pair_that_was_given_up_is_not_put_back(cast: Cast) -> None:
    first, second = pair(cast)
    drafts = [renewal(cast, first), renewal(cast, second, exclusive=())]
    with clock.at(clock.now() + timedelta(hours=1)):
        free = enact(cast, drafts[1])
    with clock.at(clock.now() + timedelta(hours=2)):
        late = enact(cast, drafts[0])
    assert not excludes(late, free)
    assert excludes(late, second)


def test_what_was_enacted_before_the_draft_is_its_drafters_choice(cast: Cast) -> None:
    first, second = pair(cast)
    with clock.at(clock.now() + timedelta(hours=1)):
        renewed = enact(cast, renewal(cast, first))
    with clock.at(clock.now() + timedelta(hours=2)):
        draft = renewal(cast, second, exclusive=(first.pk,))
    with clock.at(clock.now() + timedelta(hours=3)):
        made = enact(cast, draft)
    assert not excludes(made, renewed)
    assert Event.objects.filter(verb="programme.enact").latest("pk").facts["also_excludes"] == []


def test_the_page_tells_what_joined(cast: Cast, sign_in: Any) -> None:
    first, second = pair(cast)
    drafts = [renewal(cast, first), renewal(cast, second)]
    with clock.at(clock.now() + timedelta(hours=1)):
        enact(cast, drafts[0])
    address = reverse("applications:enact_programme", args=[drafts[1].pk])
    answer = sign_in(cast.bureau_reviewer).post(
        address, {"valid_from": NEXT_YEAR, "seen": seen(drafts[1])}, follow=True
    )
    told = answer.content.decode()
    assert "起草之后启用的“东区高中助学金”也与它不能同时享受，已一并写入。" in told


# --- both enacted at once ---


def both(cast: Cast) -> tuple[list[Programme], Callable[[int], None]]:
    drafts = [renewal(cast, one) for one in pair(cast)]
    marks, begun = [seen(draft) for draft in drafts], clock.now()

    def act(n: int) -> None:
        with clock.at(begun + timedelta(hours=1)):
            actions.enact_programme(
                programme=Programme.objects.get(pk=drafts[n % 2].pk),
                valid_from=NEXT_YEAR,
                seen=marks[n % 2],
                by=cast.bureau_reviewer,
            )

    return drafts, act


def test_two_renewals_at_once_stay_apart(committed: Cast) -> None:
    drafts, act = both(committed)
    assert race(act, organisation=committed.district)["won"] == 2
    set_scope(committed.district.pk)
    assert excludes(*Programme.objects.filter(pk__in=[d.pk for d in drafts]))


def test_without_turns_the_pair_is_lost(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts, act = both(committed)
    monkeypatch.setattr(programmes, "in_turn", lambda: None)
    assert unguarded(act, organisation=committed.district) > 1
    set_scope(committed.district.pk)
    assert not excludes(*Programme.objects.filter(pk__in=[d.pk for d in drafts]))
