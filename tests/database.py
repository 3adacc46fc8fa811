"""The tests' database: made and migrated by the owner, used by the application's role."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from aidadmin.launch import databases
from tests import rows, template


@contextmanager
def owner(name: str | None = None) -> Iterator[Any]:
    """A cursor of the owning role, outside Django, each statement committed at once."""
    server = settings.DATABASES["owner"]
    with databases.owner_of(server, name or server["NAME"]) as cursor:
        yield cursor


def create(name: str) -> None:
    """A new database with reference data and no school's rows; all connections then lead to it."""
    template.copy(name, _migrate)
    use(name)
    rows.prepare(name)
    # Cleaned of a crowd that a test rolled back, the table would count as nearly empty: the next
    # test's crowd would be read along any index, whichever there is.
    with owner(name) as cursor:
        cursor.execute("ALTER TABLE students_student SET (autovacuum_enabled = off)")


def _migrate(name: str) -> None:
    use(name)
    call_command("migrate", database="owner", verbosity=0)
    connections["owner"].close()


def use(name: str) -> None:
    """Both roles' connections lead to this database from now on."""
    for alias in ("default", "owner"):
        connections[alias].close()
        settings.DATABASES[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name


def drop(name: str) -> None:
    """Remove the database, whoever still holds a connection."""
    databases.drop(settings.DATABASES["owner"], name)


@contextmanager
def without(table: str, *keys: str, triggers: bool = False) -> Iterator[None]:
    """The table without these constraints or unique indexes, for the control of a race.

    With `triggers` its own triggers are silent too. Afterwards the database is emptied, since
    rows may be left that the guards forbid, and all of them are put back.
    """
    put_back = []
    with owner() as cursor:
        for key in keys:
            put_back.append(_dropped(cursor, table, key))
        if triggers:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        rows.empty()
        with owner() as cursor:
            for statement in put_back:
                cursor.execute(statement)
            if triggers:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _dropped(cursor: Any, table: str, key: str) -> str:
    """Drop one constraint or index; returns the statement that puts it back."""
    cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [key])
    if found := cursor.fetchone():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{key}"')
        return f'ALTER TABLE {table} ADD CONSTRAINT "{key}" {found[0]}'
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [key])
    (definition,) = cursor.fetchone()
    cursor.execute(f'DROP INDEX "{key}"')
    return str(definition)
