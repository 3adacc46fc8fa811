"""A database of its own for a replay: made by the owner, used by the application, then dropped."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connections

from aidadmin import reference
from aidadmin.launch import databases


@contextmanager
def database() -> Iterator[str]:
    """Point both connections at an empty, migrated database inside the block."""
    name = f"aidadmin_replay_{os.getpid()}"
    server = dict(connections["owner"].settings_dict)
    databases.create(server, name)
    try:
        _point_to(name)
        call_command("migrate", database="owner", verbosity=0)
        reference.load()
        yield name
    finally:
        _point_to(server["NAME"])
        databases.drop(server, name)


def _point_to(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
