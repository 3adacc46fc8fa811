"""The migrated database that every run of the tests copies, since migrating takes half a minute.

It is named after all that migrations read, so a changed migration makes a new one, and it stays on
the test server for the next run.
"""

import ast
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings

from aidadmin.launch import databases, roles

PREFIX = "template_aidadmin_"
PROJECT = Path(__file__).resolve().parent.parent


def copy(name: str, migrate: Callable[[str], None]) -> None:
    """A new database of that name with every table; `migrate` is asked to fill a first one."""
    server = settings.DATABASES["owner"]
    template = PREFIX + _digest()
    with databases.owner_of(server, "postgres") as cursor:
        # One at a time: workers start together, and a template can't be copied while it is made.
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
        if template not in (kept := _templates(cursor)):
            for old in kept:
                databases.drop(server, old)
            unfinished = f"{template}_new"
            databases.create(server, unfinished)
            migrate(unfinished)
            cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{template}"')
        databases.drop(server, name)
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    with databases.owner_of(server, name) as cursor:
        # Rights on the database itself are not among what is copied.
        for statement in roles.grant_statements():
            cursor.execute(statement)


def _templates(cursor: Any) -> set[str]:
    """Every template on the server, also one that a kill left unfinished."""
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
    return {name for (name,) in cursor.fetchall()}


def _digest() -> str:
    """Changes with every file that a migration of ours reads, and with the libraries' versions."""
    seen: set[Path] = set()
    for app in apps.get_app_configs():
        folder = Path(app.path) / "migrations"
        if folder.is_relative_to(PROJECT) and ".venv" not in folder.parts:
            for file in folder.glob("*.py"):
                _reading(file, seen)
    _reading(Path(roles.__file__), seen)
    digest = hashlib.sha256((PROJECT / "constraints.txt").read_bytes())
    for file in sorted(seen):
        digest.update(str(file.relative_to(PROJECT)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _reading(file: Path, seen: set[Path]) -> None:
    """Adds the file and, over any number of steps, the project's files that it imports."""
    if file in seen:
        return
    seen.add(file)
    for module in _imported(ast.parse(file.read_bytes())):
        path = PROJECT / Path(*module.split("."))
        for found in (path.with_suffix(".py"), path / "__init__.py"):
            if found.exists():
                _reading(found, seen)


def _imported(tree: ast.Module) -> Iterator[str]:
    """Names of modules, and of what is taken from them, which may be modules too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
