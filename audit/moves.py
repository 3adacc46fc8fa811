"""Status changes: a move table on the model, a row lock, and one function that makes the move."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar, cast

from django.db import connection, models
from django.db.transaction import TransactionManagementError

from audit.events import Actor, record
from audit.refusal import Reason, Refused


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed change of status: `verb` leads from any of `sources` to `target`."""

    verb: str
    label: str
    sources: frozenset[str]
    target: str


def move(verb: str, label: str, sources: str | tuple[str, ...], target: str) -> Move:
    """Shorter spelling of `Move` for the tables on the models."""
    found = (sources,) if isinstance(sources, str) else sources
    return Move(verb, label, frozenset(str(s) for s in found), str(target))


class Moving(Protocol):
    """A model with a status and a table of moves."""

    MOVES: ClassVar[tuple[Move, ...]]
    status: str


Row = TypeVar("Row", bound=models.Model)


def lock(row: Row) -> Row:
    """Read the row again under a lock that lasts until the transaction ends.

    Raises `TransactionManagementError` outside a transaction and `DoesNotExist` when the row is
    gone or outside the scope.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("lock() needs a transaction")
    manager = row.__class__._default_manager
    fresh = manager.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
    fresh.__dict__["_locked"] = True
    return fresh


def allowed(row: models.Model, verb: str) -> Move | None:
    """The move named `verb` when the row's present status permits it."""
    moving = cast(Moving, row)
    return next((m for m in moving.MOVES if m.verb == verb and moving.status in m.sources), None)


def why_not(row: models.Model, verb: str) -> list[Reason]:
    """Reasons, empty when the row's status permits the move."""
    if allowed(row, verb):
        return []
    label = next((m.label for m in cast(Moving, row).MOVES if m.verb == verb), verb)
    now = status_label(row)
    return [Reason(f"现在是“{now}”，不能{label}", "请刷新页面，查看最新状态")]


def status_label(row: models.Model) -> str:
    """The status as people read it."""
    display = getattr(row, "get_status_display", None)
    return str(display()) if display else cast(Moving, row).status


def make(
    row: Row,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    about_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Row:
    """Make one move on a locked row: check the table, save status, stamps and changes, record.

    Stamps `<verb>_at` and `<verb>_by_id` are filled when the model has them. Raises `Refused`
    when the table does not allow the move, `TransactionManagementError` when the row was not
    read by `lock()`.
    """
    return make_for(
        None, row, verb, changes, by=by, at=at, reason=reason, about_id=about_id, facts=facts
    )


def make_for(
    organisation_id: int | None,
    row: Row,
    verb: str,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    about_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Row:
    """As `make`, in the chain of an organisation to which the row does not belong."""
    if not row.__dict__.get("_locked"):
        raise TransactionManagementError("make() needs a row read by lock()")
    chosen = allowed(row, verb)
    if chosen is None:
        raise Refused(why_not(row, verb))
    before = cast(Moving, row).status
    fields = {f.attname for f in row._meta.concrete_fields}
    written = {**changes, "status": chosen.target}
    if f"{verb}_at" in fields:
        written.setdefault(f"{verb}_at", at)
    if f"{verb}_by_id" in fields:
        written.setdefault(f"{verb}_by_id", by.actor_person_id)
    for name, value in written.items():
        setattr(row, name, value)
    row.save(update_fields=list(written))
    record(
        by=by,
        verb=f"{row._meta.model_name}.{verb}",
        label=chosen.label,
        subject=row,
        at=at,
        organisation_id=organisation_id,
        about_id=about_id,
        facts={"from": before, "to": chosen.target, **(facts or {})},
        reason=reason,
    )
    return row
