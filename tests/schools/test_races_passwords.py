"""Passwords changed, reset and given by many at once: one counts. Each race has its control.

Of two passwords told at the same moment only one could open the account; whoever was told the
other would stand before a closed door, or an old session would undo a reset.
"""

from collections.abc import Callable
from typing import Any

import pytest

from schools import actions, clock, founding
from schools.actions import Employed
from schools.models import Account, AccountManager, Appointment, Bureau
from schools.passwords import mark_of
from schools.roles import Role
from schools.scope import acting_for
from tests import database
from tests.cast import Cast, next_id
from tests.racing import meanwhile, race, unguarded
from tests.schools.test_founding import add_school, appoint_first
from tests.schools.test_races import DAY, unique_of, unlock

pytestmark = pytest.mark.race
Act = Callable[[int], object]
Arrange = Callable[[Cast], Act]
OWN = "own-choice-2026"


def account_of(appointment: Appointment) -> Account:
    return Account.objects.get(person=appointment.person)


def changing(cast: Cast) -> Act:
    """The same form sent from many tabs."""
    account = account_of(cast.operator)
    return lambda i: actions.choose_password(
        account=account, password=f"{OWN}-{i}", by=cast.operator
    )


def resetting(cast: Cast) -> Act:
    """Several managers whom the same person rang up."""
    mark = mark_of(account_of(cast.a.committee))
    return lambda _: actions.reset_password(
        appointment=cast.a.committee, by=cast.a.leader, mark=mark
    )


def changing_and_resetting(cast: Cast) -> Act:
    """An old session changes what a manager resets."""
    account = account_of(cast.a.committee)
    acts = (
        resetting(cast),
        lambda i: actions.choose_password(account=account, password=OWN, by=cast.a.committee),
    )
    return lambda i: acts[i % 2](i)


DEEDS: tuple[Arrange, ...] = (changing, resetting, changing_and_resetting)


@pytest.mark.parametrize("arrange", DEEDS)
def test_one_of_many(committed: Cast, arrange: Arrange) -> None:
    outcome = race(arrange(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.parametrize("arrange", DEEDS)
def test_without_the_lock_several(
    committed: Cast, monkeypatch: pytest.MonkeyPatch, arrange: Arrange
) -> None:
    act = arrange(committed)
    unlock(monkeypatch, Account)
    assert unguarded(act, organisation=committed.school) > 1


# --- the first password, given from above ---


def first(cast: Cast) -> tuple[Bureau, Employed]:
    with acting_for(cast.district):
        return cast.district, appoint_first(add_school(cast), cast.bureau_reviewer)


def giving(cast: Cast, employed: Employed, mark: str = "") -> Act:
    return lambda _: founding.give_first_password(
        appointment=employed.appointment, by=cast.bureau_reviewer, mark=mark
    )


def test_a_first_password_is_given_once(committed: Cast) -> None:
    district, employed = first(committed)
    mark = mark_of(account_of(employed.appointment))
    outcome = race(giving(committed, employed, mark), organisation=district)
    assert outcome == {"won": 1, "Refused": 63}


def test_without_the_lock_it_is_given_several_times(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    district, employed = first(committed)
    mark = mark_of(account_of(employed.appointment))
    unlock(monkeypatch, Account)
    assert unguarded(giving(committed, employed, mark), organisation=district) > 1


def choosing_meanwhile(cast: Cast, employed: Employed) -> Act:
    """One chooses a password while all others would give a first one."""
    account, give = account_of(employed.appointment), giving(cast, employed)

    def act(i: int) -> object:
        if i:
            return give(i)
        with acting_for(employed.appointment.organisation):
            return actions.choose_password(account=account, password=OWN, by=employed.appointment)

    return act


def test_who_has_chosen_keeps_the_own_password(committed: Cast) -> None:
    district, employed = first(committed)
    outcome = race(choosing_meanwhile(committed, employed), organisation=district)
    kept = account_of(employed.appointment).check_password(OWN)
    # Given first, it is given again and again, and the choice is refused.
    assert (outcome["won"], kept) in ((1, True), (63, False))


def test_without_the_lock_it_is_chosen_and_given(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    district, employed = first(committed)
    act = choosing_meanwhile(committed, employed)
    unlock(monkeypatch, Account)
    assert unguarded(act, organisation=district, threads=2) == 2


# --- accounts of people of one name ---


def employing(cast: Cast) -> Act:
    numbers = [next_id() for _ in range(64)]
    return lambda i: actions.employ(
        name="陈例清",
        id_number=numbers[i],
        organisation=cast.school,
        role=Role.COMMITTEE,
        since=DAY,
        by=cast.a.leader,
    )


def usernames() -> list[str]:
    rows = Account.objects.filter(person__name="陈例清")
    return list(rows.values_list("username", flat=True))


def test_people_of_one_name_have_accounts_of_their_own(committed: Cast) -> None:
    assert race(employing(committed), organisation=committed.school) == {"won": 64}
    assert len(set(usernames())) == 64


def test_without_the_key_they_share_a_username(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    employ, create = employing(committed), Account.objects.create_user
    # Events of one organisation stand in line too.
    monkeypatch.setattr(actions, "record", lambda **event: None)
    looked = iter([True])

    def created(*told: Any, **more: Any) -> Account:
        """The other's account is opened after this one has looked whether the name is free."""
        if next(looked, False):
            meanwhile(lambda: employ(1), organisation=committed.school, on=DAY)
        return create(*told, **more)

    monkeypatch.setattr(AccountManager, "create_user", lambda _, *a, **k: created(*a, **k))
    with database.without("schools_account", unique_of("schools_account", "username")):
        with clock.at(DAY):
            employ(0)
        assert usernames() == ["chenliqing", "chenliqing"]
