"""Without its lock or its constraint the chain of an organisation forks, and that is seen."""

import time

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from audit import events
from audit.events import hold_chains, record
from audit.models import Chain, Event
from audit.verify import broken_links
from tests import database
from tests.audit.test_events import AT
from tests.cast import Cast
from tests.racing import race, unguarded

pytestmark = pytest.mark.race


def write(cast: Cast) -> Event:
    return record(by=cast.operator, verb="x", label="x", subject=cast.school, at=AT)


@pytest.fixture
def no_chain_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers read the head of the chain without waiting for each other."""
    monkeypatch.setattr(events, "_lock_chain", lambda pk: Chain.objects.get(organisation_id=pk))


def test_without_lock_and_constraint_the_chain_forks(committed: Cast, no_chain_lock: None) -> None:
    with database.without("audit_event", "event_seq_once"):
        assert unguarded(lambda _: write(committed), organisation=committed.school) == 16
        assert list(broken_links(committed.school.pk)) != []


def test_the_constraint_alone_keeps_the_chain_whole(committed: Cast, no_chain_lock: None) -> None:
    outcome = race(lambda _: write(committed), organisation=committed.school, patience=20)
    assert outcome["won"] >= 1
    assert outcome["won"] + outcome["IntegrityError"] == 64
    assert list(broken_links(committed.school.pk)) == []


def _write_to_both(cast: Cast, i: int, *, hold: bool) -> None:
    """Half of them begin with the one school, half with the other."""
    with transaction.atomic():
        if hold:
            hold_chains({cast.b.school.pk, cast.a.school.pk})
        for school in (cast.a.school, cast.b.school)[:: 1 if i % 2 else -1]:
            record(
                by=cast.operator,
                verb="x",
                label="x",
                subject=school,
                at=AT,
                organisation_id=school.pk,
            )
            # The other one has begun too.
            time.sleep(0.2)


def test_who_holds_all_chains_first_waits_for_nobody_who_waits_for_him(committed: Cast) -> None:
    def act(i: int) -> None:
        _write_to_both(committed, i, hold=True)

    assert race(act, organisation=committed.district, threads=4) == {"won": 4}


def test_who_takes_them_as_they_come_is_ended_by_the_database(committed: Cast) -> None:
    def act(i: int) -> None:
        _write_to_both(committed, i, hold=False)

    assert race(act, organisation=committed.district, threads=2)["OperationalError"] == 1


def test_chains_are_held_in_a_transaction_alone(committed: Cast) -> None:
    with pytest.raises(TransactionManagementError):
        hold_chains({committed.school.pk})
