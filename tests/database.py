"""The tests' database: made and migrated by the owner, used by the application's role."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from aidadmin.launch import cluster, databases, roles
from tests import template

APPEND_ONLY = ("audit_event", "disbursement_ledgerentry", "disbursement_ledgerposting")
KEPT = {"django_migrations", "django_content_type", "auth_permission"}
# Known for the server that the tests start themselves, unknown for one that was named to them.
SUPERUSER_PASSWORD = "TEST_SUPERUSER_PASSWORD"
EMPTIED = count(1)
# Deletes what few rows a test left, which takes a tenth of the time of new files for 250 tables.
# It is the superuser's, since foreign keys, walls and append-only guards must all be silent.
EMPTYING = f"""
    CREATE SCHEMA tests;
    CREATE FUNCTION tests.emptied(kept text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET session_replication_role = replica AS $$
    DECLARE
        name text;
    BEGIN
        FOR name IN SELECT tablename FROM pg_tables
                    WHERE schemaname = 'public' AND NOT tablename = ANY (kept) LOOP
            EXECUTE format('DELETE FROM %I', name);
        END LOOP;
        PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
    END $$;
    REVOKE ALL ON FUNCTION tests.emptied(text[]) FROM PUBLIC;
    GRANT USAGE ON SCHEMA tests TO {roles.OWNER};
    GRANT EXECUTE ON FUNCTION tests.emptied(text[]) TO {roles.OWNER};
"""


@contextmanager
def owner(name: str | None = None) -> Iterator[Any]:
    """A cursor of the owning role, outside Django, each statement committed at once."""
    server = settings.DATABASES["owner"]
    with databases.owner_of(server, name or server["NAME"]) as cursor:
        yield cursor


def create(name: str) -> None:
    """A new database with every table and no school's rows; all connections then lead to it."""
    template.copy(name, _migrate)
    if password := os.environ.get(SUPERUSER_PASSWORD):
        server = settings.DATABASES["owner"] | {"USER": cluster.SUPERUSER, "PASSWORD": password}
        with databases.owner_of(server, name) as cursor:
            cursor.execute(EMPTYING)
    use(name)


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


def empty() -> None:
    """Every row gone, after tests that commit; reference data are loaded again by the caller."""
    with owner() as cursor:
        cursor.execute("SELECT to_regproc('tests.emptied') IS NOT NULL")
        (quick,) = cursor.fetchone()
        # Deleting leaves dead rows behind, so every now and then the files themselves are new.
        if quick and next(EMPTIED) % 25:
            cursor.execute("SELECT tests.emptied(%s)", [sorted(KEPT)])
        else:
            _truncate(cursor)


def _truncate(cursor: Any) -> None:
    """New files for every table and index: a second or two, whatever they held."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    tables = [f'"{t}"' for (t,) in cursor.fetchall() if t not in KEPT]
    # The owner may silence the guards of append-only tables; the application may not.
    for table in APPEND_ONLY:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_never_emptied")
    cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
    for table in APPEND_ONLY:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_never_emptied")


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
        empty()
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
