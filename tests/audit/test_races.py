"""Without its lock or its constraint the chain of an organisation forks, and that is seen."""

import pytest

from audit import events
from audit.events import record
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
