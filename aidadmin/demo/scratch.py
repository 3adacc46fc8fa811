"""A database of its own for a replay: made by the owner, used by the application, then dropped."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import psycopg2.errors
from django.core.management import call_command
from django.db import connections

from aidadmin import reference
from aidadmin.launch.roles import grant_statements


@contextmanager
def database() -> Iterator[str]:
    """Point both connections at an empty, migrated database inside the block."""
    name = f"aidadmin_replay_{os.getpid()}"
    before = connections["default"].settings_dict["NAME"]
    _owner("postgres", f'CREATE DATABASE "{name}"')
    try:
        _owner(name, *grant_statements())
        _point_to(name)
        call_command("migrate", database="owner", verbosity=0)
        reference.load()
        yield name
    finally:
        _point_to(before)
        _drop(name)


def _drop(name: str) -> None:
    for attempt in range(20):
        try:
            _owner("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except psycopg2.errors.InsufficientPrivilege:
            # The server's own vacuum is in it; only its owner may end that, so wait.
            if attempt == 19:
                raise
            time.sleep(0.5)
        else:
            return


def _point_to(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def _owner(database_name: str, *statements: str) -> None:
    settings: dict[str, Any] = connections["owner"].settings_dict
    connection = psycopg2.connect(
        host=settings["HOST"],
        port=settings["PORT"] or 5432,
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=database_name,
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()
