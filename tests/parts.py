"""A row's status and what belongs to it: no part of the whole may be wanting or stand alone.

Written as the columns are, past the actions: what is tried is the table's own check.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from django.db import IntegrityError, connection, transaction


@dataclass(frozen=True)
class Stand:
    """One status of a table as SQL by column, and the constraint that keeps it together.

    `extra` belongs to other statuses and is refused beside it. `spare` the constraint does not
    ask for, and `free` it lets stand alone. Where `loose` everything may stand without the status.
    """

    table: str
    constraint: str
    whole: Mapping[str, str]
    extra: Mapping[str, str] = field(default_factory=dict)
    spare: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    loose: bool = False

    def wrong(self) -> list[dict[str, str]]:
        """Each way in which one part is wanting, too many or alone."""
        asked = [c for c in self.whole if c not in self.spare and not (self.loose and c == STATUS)]
        found = [{c: v for c, v in self.whole.items() if c != part} for part in asked]
        found += [{**self.whole, column: value} for column, value in self.extra.items()]
        alone = set() if self.loose else self.whole.keys() - self.free - {STATUS}
        alone |= {STATUS} & (self.whole.keys() - self.spare)
        return found + [{column: self.whole[column]} for column in sorted(alone)]


STATUS = "status"


def other_than(*columns: str) -> str:
    """A person who is none of those in these columns of the row."""
    known = ", ".join(f"coalesce({column}, 0)" for column in columns)
    return f"(SELECT min(id) FROM schools_person WHERE id NOT IN ({known}))"


def try_each_part(stand: Stand) -> None:
    """The last row of the table can stand so, and in none of the wrong ways."""
    with transaction.atomic():
        assert _written(stand.table, stand.whole) == 1
        transaction.set_rollback(True)
    for changes in stand.wrong():
        with pytest.raises(IntegrityError, match=f'"{stand.constraint}"'):
            _tried(stand.table, changes)


def _tried(table: str, changes: Mapping[str, str]) -> None:
    with transaction.atomic():
        _written(table, changes)
        transaction.set_rollback(True)
        pytest.fail(f"it stands: {changes}")


def _written(table: str, changes: Mapping[str, str]) -> int:
    told = ", ".join(f"{column} = {value}" for column, value in changes.items())
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {told} WHERE id = (SELECT max(id) FROM {table})")
        return int(cursor.rowcount)


@dataclass(frozen=True)
class Once:
    """A unique index that holds for some statuses: `same` copies are refused, `beside` stand.

    `base` is written to the table's last row first. Each copy is that row with other columns.
    """

    table: str
    index: str
    same: tuple[Mapping[str, str], ...]
    beside: tuple[Mapping[str, str], ...]
    base: Mapping[str, str] = field(default_factory=dict)


def try_copies(once: Once) -> None:
    """No second row of those that the index keeps apart, and each of the others."""
    if once.base:
        assert _written(once.table, once.base) == 1
    for changes in once.same:
        with pytest.raises(IntegrityError, match=f'"{once.index}"'), transaction.atomic():
            _copied(once.table, changes)
    for changes in once.beside:
        with transaction.atomic():
            _copied(once.table, changes)
            transaction.set_rollback(True)


def _copied(table: str, changes: Mapping[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = '' AND attidentity = ''",
            [table],
        )
        columns = [name for (name,) in cursor.fetchall()]
        assert changes.keys() <= set(columns)
        into = ", ".join(f'"{name}"' for name in columns)
        told = ", ".join(changes.get(name, f'"{name}"') for name in columns)
        cursor.execute(
            f"INSERT INTO {table} ({into}) SELECT {told} FROM {table}"
            f" WHERE id = (SELECT max(id) FROM {table})"
        )
