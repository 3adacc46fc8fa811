"""Databases made and dropped by the owning role: for replays, and for the tests."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg2
import psycopg2.errors

from aidadmin.launch.roles import grant_statements


@contextmanager
def owner_of(server: Mapping[str, Any], name: str) -> Iterator[Any]:
    """A cursor of the owning role, outside Django, each statement committed at once.

    `server` is one of Django's database settings.
    """
    connection = psycopg2.connect(
        host=server["HOST"],
        port=server["PORT"] or 5432,
        user=server["USER"],
        password=server["PASSWORD"],
        dbname=name,
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def create(server: Mapping[str, Any], name: str) -> None:
    """A new empty database with the application's rights; one of that name goes first."""
    drop(server, name)
    with owner_of(server, "postgres") as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    with owner_of(server, name) as cursor:
        for statement in grant_statements():
            cursor.execute(statement)


def drop(server: Mapping[str, Any], name: str) -> None:
    """Remove the database, whoever still holds a connection."""
    for attempt in range(20):
        try:
            with owner_of(server, "postgres") as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except psycopg2.errors.InsufficientPrivilege:
            # The server's own vacuum is in it; only its owner may end that, so wait.
            if attempt == 19:
                raise
            time.sleep(0.5)
        else:
            return
