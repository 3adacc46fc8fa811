"""How the database is told to join a list that was written a moment ago."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# Fewer rows are joined as the planner likes.
FEW = 500
# A list of 100,000 is then sorted and hashed without files.
MEMORY = "64MB"


@contextmanager
def joining(rows: int) -> Iterator[Any]:
    """A cursor whose joins are hashed when the list is long; in the caller's transaction.

    What was just written has no statistics: the planner takes a list of 100,000 for one row and
    would walk through the tags of all schools once per person.
    """
    with connection.cursor() as cursor:
        if rows > FEW:
            cursor.execute(f"SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '{MEMORY}'")
        yield cursor
        if rows > FEW:
            cursor.execute("SET LOCAL enable_nestloop = on; SET LOCAL work_mem TO DEFAULT")
