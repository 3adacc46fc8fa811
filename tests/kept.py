"""Which columns and ways of a row its triggers keep, tried one by one as the application's role."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction

# Another value of each type; of anything else no table here has a column.
OTHER = {
    "bigint": "coalesce({0}, 0) + 1",
    "integer": "coalesce({0}, 0) + 1",
    "smallint": "coalesce({0}, 0) + 1",
    # No longer than it was.
    "character varying": "left('~' || {0}, greatest(length({0}), 1))",
    "text": "'~' || {0}",
    "date": "coalesce({0}, '2026-01-01') + 1",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 day'",
    "bytea": "'\\\\x00'::bytea",
    "jsonb": """'["x"]'::jsonb""",
}


def refusal(statement: str, *values: str | int) -> str:
    """What the database says against a statement, which is undone in any case; empty for nothing.

    Keys and walls of the row itself are heard only when no trigger refused before.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return str(error)
    return ""


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside the block is taken back after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def columns(table: str) -> dict[str, str]:
    """The type of each column, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s",
            [table],
        )
        return dict(cursor.fetchall())


def kept(table: str, row: int, said: str, along: str = "") -> set[str]:
    """Columns, other than status, whose change alone is refused with these words.

    `along` is assigned in the same statement.
    """
    found = set()
    for name, kind in columns(table).items():
        if name == "status" or f"{name} =" in along:
            continue
        quoted = f'"{name}"'
        change = f"{quoted} = {OTHER[kind].format(quoted)}{along}"
        if said in refusal(f"UPDATE {table} SET {change} WHERE id = %s", row):
            found.add(name)
    return found


def ways(table: str, row: int, states: Iterable[str], said: str) -> set[str]:
    """Those of the states into which the row may go: anything else may still refuse it."""
    return {
        state
        for state in states
        if said not in refusal(f"UPDATE {table} SET status = %s WHERE id = %s", state, row)
    }
