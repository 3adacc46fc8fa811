"""Rows that tests find, lose and find again: emptied, remembered and recalled by the superuser.

The cast takes 480 statements to found and thousands of tests ask for it. So it is founded once for
a database, remembered beside the public tables, and recalled by one statement. A server that was
named to the tests has no superuser for them: there everything is done the long way.
"""

import copy
import dataclasses
import os
from datetime import date
from itertools import count
from typing import Any

from django.conf import settings
from django.db import connection, models

from aidadmin import reference
from aidadmin.launch import cluster, databases, roles
from schools import clock
from tests.cast import Cast, build

APPEND_ONLY = ("audit_event", "disbursement_ledgerentry", "disbursement_ledgerposting")
KEPT = ["auth_permission", "django_content_type", "django_migrations"]
# Known for the server that the tests start themselves, unknown for one that was named to them.
SUPERUSER_PASSWORD = "TEST_SUPERUSER_PASSWORD"
EMPTIED = count(1)
# The cast as Python knows it, once it has been founded in this process's database.
FOUNDED: list[Cast] = []
# Every table counts from a thousand of its own: an id that is taken for another one's finds nobody.
SPREAD = """
    setval(format('%%I.%%I', schemaname, sequencename)::regclass,
           1000 * row_number() OVER (ORDER BY sequencename), false)
    FROM pg_sequences WHERE schemaname = 'public'
     AND NOT sequencename LIKE ANY (SELECT k || '%%' FROM unnest({kept}) k)
"""
# Deleting what few rows a test left takes a tenth of the time of new files for 250 tables. Foreign
# keys, walls and append-only guards must all be silent for it, as for rows put back.
FUNCTIONS = f"""
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
        PERFORM {SPREAD.format(kept="kept").replace("%%", "%")};
    END $$;
    CREATE FUNCTION tests.remembered(target text, known text, kept text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE
        name text;
        filled boolean;
        older text;
    BEGIN
        EXECUTE format('CREATE SCHEMA %I', target);
        FOR name IN SELECT tablename FROM pg_tables
                    WHERE schemaname = 'public' AND NOT tablename = ANY (kept) LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
            IF filled THEN
                older := CASE WHEN to_regclass(format('%I.%I', known, name)) IS NULL THEN ''
                         ELSE format(' EXCEPT SELECT * FROM %I.%I', known, name) END;
                EXECUTE format('CREATE TABLE %I.%I AS SELECT * FROM public.%I', target, name, name)
                        || older;
            END IF;
        END LOOP;
        EXECUTE format('CREATE TABLE %I."the sequences" AS
                        SELECT sequencename AS name, last_value AS last FROM pg_sequences
                        WHERE schemaname = ''public'' AND last_value IS NOT NULL', target);
    END $$;
    CREATE FUNCTION tests.recalled(target text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET session_replication_role = replica AS $$
    DECLARE
        name text;
        columns text;
    BEGIN
        FOR name IN SELECT tablename FROM pg_tables
                    WHERE schemaname = target AND tablename <> 'the sequences' LOOP
            SELECT string_agg(format('%I', attname), ', ') INTO columns FROM pg_attribute
            WHERE attrelid = format('public.%I', name)::regclass
              AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
            EXECUTE format('INSERT INTO public.%I (%s) SELECT %s FROM %I.%I',
                           name, columns, columns, target, name);
        END LOOP;
        EXECUTE format('SELECT setval(format(''public.%%I'', k.name)::regclass,
                                      greatest(k.last, s.last_value))
                        FROM %I."the sequences" k JOIN pg_sequences s
                        ON s.schemaname = ''public'' AND s.sequencename = k.name', target);
    END $$;
    REVOKE ALL ON ALL FUNCTIONS IN SCHEMA tests FROM PUBLIC;
    GRANT USAGE ON SCHEMA tests TO {roles.OWNER}, {roles.APP};
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tests TO {roles.OWNER};
    GRANT EXECUTE ON FUNCTION tests.recalled(text) TO {roles.APP};
"""


def prepare(name: str) -> None:
    """Puts the functions into a fresh database, its reference data, and founds the cast once."""
    if password := os.environ.get(SUPERUSER_PASSWORD):
        server = settings.DATABASES["owner"] | {"USER": cluster.SUPERUSER, "PASSWORD": password}
        with databases.owner_of(server, name) as cursor:
            cursor.execute(FUNCTIONS)
            cursor.execute("SELECT tests.emptied(%s)", [KEPT])
            reference.load()
            cursor.execute("SELECT tests.remembered('reference', '', %s)", [KEPT])
            FOUNDED.append(_build())
            cursor.execute("SELECT tests.remembered('cast', 'reference', %s)", [KEPT])
    empty()


def cast() -> Cast:
    """The cast of the first of September, in the caller's transaction if there is one."""
    if not FOUNDED:
        return _build()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tests.recalled('cast')")
    found: Cast = _own(FOUNDED[0], {})
    return found


def _own(value: Any, done: dict[int, Any]) -> Any:
    """The same people as objects of the asking test: what it does to them, no other test sees."""
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, models.Model):
        done[id(value)] = found = copy.copy(value)
        known = found._state.fields_cache
        known.update({name: _own(its, done) for name, its in known.items()})
        return found
    if isinstance(value, list):
        return [_own(one, done) for one in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _own(getattr(value, f.name), done) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


def _build() -> Cast:
    with clock.at(clock.office_opens(date(2026, 9, 1))):
        return build()


def empty() -> None:
    """Every row gone but the reference data, after tests that commit."""
    with databases.owner_of(settings.DATABASES["owner"], _name()) as cursor:
        # Deleting leaves dead rows behind, so every now and then the files themselves are new.
        if not FOUNDED or not next(EMPTIED) % 25:
            _truncate(cursor)
        if FOUNDED:
            cursor.execute("SELECT tests.emptied(%s)", [KEPT])
            cursor.execute("SELECT tests.recalled('reference')")
    if not FOUNDED:
        reference.load()


def _name() -> str:
    return str(settings.DATABASES["owner"]["NAME"])


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
    cursor.execute(f"SELECT {SPREAD.format(kept='%s::text[]')}", [KEPT])
