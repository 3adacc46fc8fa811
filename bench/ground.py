"""A database of the benchmarks' own, walled as any other, dropped at the end."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connections, models

from aidadmin import reference
from tests import database


@lru_cache(maxsize=1)
def made() -> str:
    """Create it; returns its name. A child uses its parent's."""
    if name := os.environ.get("BENCH_DATABASE"):
        database.use(name)
        return name
    name = f"bench_aidadmin_{os.getpid()}"
    database.create(name)
    atexit.register(_drop, name)
    reference.load()
    return name


@lru_cache(maxsize=1)
def folder() -> Path:
    """Where this run keeps its files."""
    return Path(os.environ.get("BENCH_FILES") or tempfile.mkdtemp(prefix="bench-"))


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """A file of this run: made once, by the parent, and read by its children."""
    path = folder() / f"{name}.xlsx"
    if not path.exists():
        path.write_bytes(make())
    return path.read_bytes()


def shared() -> dict[str, str]:
    """What tells a child where database and files are."""
    return {"BENCH_DATABASE": made(), "BENCH_FILES": str(folder())}


@contextmanager
def owner(*, keep: bool) -> Iterator[Any]:
    """A cursor of the owning role in one transaction, committed at the end when `keep`."""
    server = settings.DATABASES["owner"]
    link = psycopg2.connect(
        host=server["HOST"],
        port=server["PORT"] or 5432,
        user=server["USER"],
        password=server["PASSWORD"],
        dbname=server["NAME"],
    )
    try:
        with link.cursor() as cursor:
            yield cursor
        if keep:
            link.commit()
    finally:
        link.close()


def swept(*tables: str) -> None:
    """Rows that a run left dead are cleared and statistics are fresh, so that runs are alike."""
    made()
    with database.owner() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM ANALYZE {table}")


def required(model: type[models.Model], named: str) -> tuple[str, str]:
    """Columns that take no NULL and are not among `named`, and their defaults, as SQL."""
    rest = [
        f
        for f in model._meta.local_concrete_fields
        if not (f.primary_key or f.generated or f.null) and str(f.column) not in named
    ]
    return "".join(f", {f.column}" for f in rest), "".join(f", '{f.get_default()}'" for f in rest)


def _drop(name: str) -> None:
    shutil.rmtree(folder(), ignore_errors=True)
    connections.close_all()
    database.drop(name)
