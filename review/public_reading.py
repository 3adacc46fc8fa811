"""Let the database answer about one notice, to someone who is not signed in."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

SETTING = "SELECT set_config('aid.notice', %s, false)"


@contextmanager
def reading_notice(token: str) -> Iterator[None]:
    """Inside the block the walls open for the notice with this token and its lines, to read."""
    _set(token)
    try:
        yield
    finally:
        # A broken transaction takes no statement; its rollback restores the setting by itself.
        if not connection.needs_rollback:
            _set("")


def _set(token: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SETTING, [token])
