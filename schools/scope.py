"""For whom the database answers: the acting organisation of a request, a job or a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from schools.models import Organisation
from schools.tenancy import set_scope


def current() -> int | None:
    """The organisation in force on this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nullif(current_setting('aid.scope', true), '')::bigint")
        row = cursor.fetchone()
    return row[0] if row else None


@contextmanager
def acting_for(organisation: Organisation | int | None) -> Iterator[None]:
    """Act for one organisation inside the block, then for whoever it was before."""
    before = current()
    set_scope(organisation.pk if isinstance(organisation, Organisation) else organisation)
    try:
        yield
    finally:
        _restore(before)


@contextmanager
def shown_by(setting: str, secret: str) -> Iterator[None]:
    """Inside the block the walls that look at `setting` open for the row that `secret` names.

    For visitors who are signed in nowhere: to read a notice, a class's code, a slip of a vote.
    """
    _set(setting, secret)
    try:
        yield
    finally:
        # A broken transaction takes no statement; its rollback restores the setting by itself.
        if not connection.needs_rollback:
            _set(setting, "")


def _set(setting: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [setting, value])


def _restore(before: Any) -> None:
    # A broken transaction takes no statement; its rollback restores the setting by itself.
    if not connection.needs_rollback:
        set_scope(before)
