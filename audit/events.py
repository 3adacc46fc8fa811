"""Write one event at the end of its organisation's chain, inside the caller's transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from django.db import connection, models, transaction
from django.db.transaction import TransactionManagementError

from audit.models import Chain, Event


class Actor(Protocol):
    """Who acts: a person in one role of one organisation."""

    @property
    def actor_person_id(self) -> int | None: ...
    @property
    def actor_name(self) -> str: ...
    @property
    def actor_organisation_id(self) -> int: ...
    @property
    def role(self) -> str: ...


@dataclass(frozen=True, slots=True)
class SystemActor:
    """The clock or a scheduled task acting for one organisation."""

    organisation_id: int
    role: str = "system"
    actor_name: str = "系统"
    actor_person_id: int | None = None

    @property
    def actor_organisation_id(self) -> int:
        """The organisation whose chain takes the event."""
        return self.organisation_id


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to be written; see `audit.models.Event` for the meaning of each part."""

    verb: str
    label: str
    subject: models.Model
    about_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


def record(
    *,
    by: Actor,
    verb: str,
    label: str,
    subject: models.Model,
    at: datetime,
    organisation_id: int | None = None,
    about_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Event:
    """Append one event; the chain is the subject's school when it has one, else the actor's.

    `at` is the business time of the deed (`schools.clock.now()`).
    """
    entry = Entry(verb, label, subject, about_id, facts or {}, reason)
    return record_many(by=by, entries=[entry], at=at, organisation_id=organisation_id)[0]


def record_many(
    *, by: Actor, entries: Iterable[Entry], at: datetime, organisation_id: int | None = None
) -> list[Event]:
    """Append several events of one deed under one lock of the chain."""
    wanted = list(entries)
    if not wanted:
        return []
    chain_id = organisation_id or _chain_of(wanted[0].subject, by)
    with transaction.atomic():
        chain = _lock_chain(chain_id)
        events = []
        for entry in wanted:
            event = _event(chain, by, entry, at)
            chain.seq, chain.head = event.seq, event.digest
            events.append(event)
        Event.objects.bulk_create(events, batch_size=1000)
        chain.save(update_fields=["seq", "head"])
    return events


def hold_chains(organisation_ids: Iterable[int]) -> None:
    """Lock the chains of several organisations until the transaction ends, lowest id first.

    Whoever writes into more than one chain in one transaction calls this before the first event,
    and after the last lock on a row: taken one by one, in the order in which things happen, two
    such deeds wait for each other until the database ends one of them. Raises
    `TransactionManagementError` outside a transaction.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("hold_chains() needs a transaction")
    for chain_id in sorted(set(organisation_ids)):
        _lock_chain(chain_id)


def _chain_of(subject: models.Model, by: Actor) -> int:
    for name in ("school_id", "organisation_id"):
        value = getattr(subject, name, None)
        if isinstance(value, int):
            return value
    return by.actor_organisation_id


def _lock_chain(chain_id: int) -> Chain:
    with connection.cursor() as cursor:
        # ON CONFLICT makes two first events of one organisation wait instead of one failing.
        cursor.execute(
            "INSERT INTO audit_chain (organisation_id, seq, head) VALUES (%s, 0, '')"
            " ON CONFLICT (organisation_id) DO NOTHING",
            [chain_id],
        )
    return Chain.objects.select_for_update().get(organisation_id=chain_id)


def _event(chain: Chain, by: Actor, entry: Entry, at: datetime) -> Event:
    event = Event(
        organisation_id=chain.organisation_id,
        seq=chain.seq + 1,
        at=at.astimezone(UTC),
        person_id=by.actor_person_id,
        person_name=by.actor_name,
        role=str(by.role),
        verb=entry.verb,
        label=entry.label,
        subject=entry.subject._meta.label,
        subject_id=entry.subject.pk,
        about_id=entry.about_id,
        facts=dict(entry.facts),
        reason=entry.reason,
        previous=chain.head,
    )
    event.digest = event.computed_digest()
    return event
