"""Let the database show one slip of a blind vote to a phone that is signed in nowhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

SETTING = "SELECT set_config('aid.slip', %s, false)"


@contextmanager
def shown_to_member(key: bytes) -> Iterator[None]:
    """Inside the block the wall opens for the slip with this blind index, to read."""
    _set(key.hex())
    try:
        yield
    finally:
        # A broken transaction takes no statement; its rollback restores the setting by itself.
        if not connection.needs_rollback:
            _set("")


def _set(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SETTING, [key])
