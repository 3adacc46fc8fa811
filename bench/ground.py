"""A database of the benchmarks' own, walled as any other, dropped at the end."""

import atexit
import os
from functools import lru_cache

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from aidadmin import reference
from tests import database


@lru_cache(maxsize=1)
def made() -> str:
    """Create and migrate it; returns its name."""
    name = f"bench_aidadmin_{os.getpid()}"
    database.create(name)
    atexit.register(_drop, name)
    for alias in ("default", "owner"):
        connections[alias].close()
        settings.DATABASES[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name
    call_command("migrate", database="owner", verbosity=0)
    connections["owner"].close()
    reference.load()
    return name


def _drop(name: str) -> None:
    connections.close_all()
    database.drop(name)
