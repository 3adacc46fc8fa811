"""Many rows in one statement: `INSERT … SELECT FROM unnest(…)`, a literal per column.

Row-level security forbids COPY into a walled table, and the application may make no temporary
ones; one literal per column comes near to COPY, since neither side parses an expression per value.
"""

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState
from django.db.models.expressions import RawSQL
from psycopg2 import sql

Columns = Mapping[str, Sequence[Any]]
Item = TypeVar("Item")
Batch = TypeVar("Batch")
Made = TypeVar("Made")
Row = TypeVar("Row", bound=models.Model)
WIDTH = re.compile(r"\([0-9]+\)$")


def insert(
    model: type[models.Model], columns: Columns, *, returning: Sequence[str] = ("id",), **same: Any
) -> list[tuple[Any, ...]]:
    """Insert rows given column by column; `same` are values that all of them share.

    Values are as the database holds them (keys, sealed bytes). What is not named takes the field's
    default, and so does None in a column that takes no NULL. Returns `returning` of each row.
    """
    fields = [f for f in model._meta.local_concrete_fields if not (f.primary_key or f.generated)]
    told = [f for f in fields if f.attname in columns]
    rest = [f for f in fields if f.attname not in columns]
    statement = sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values}{constants}"
        " FROM unnest({arrays}) AS v({values}) RETURNING {returning}"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        names=_names([*told, *rest]),
        values=_names(told),
        constants=sql.SQL("").join([sql.SQL(", {}").format(_typed(f)) for f in rest]),
        arrays=sql.SQL(", ").join([_typed(f, "[]") for f in told]),
        returning=sql.SQL(", ").join([sql.Identifier(name) for name in returning]),
    )
    constants = [same.get(f.attname, _default(f)) for f in rest]
    arrays = [array(_filled(f, columns[f.attname])) for f in told]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*constants, *arrays])
        return list(cursor.fetchall())


def alter(model: type[models.Model], school_id: int, ids: Sequence[int], columns: Columns) -> int:
    """Change rows of one school column by column; None leaves a value alone. Returns how many."""
    fields = [model._meta.get_field("id"), *(_field(model, name) for name in columns)]
    table = sql.Identifier(model._meta.db_table)
    statement = sql.SQL(
        "UPDATE {table} AS t SET {changes} FROM unnest({arrays}) AS v({names})"
        " WHERE t.school_id = %s AND t.id = v.id"
    ).format(
        table=table,
        changes=sql.SQL(", ").join(
            [
                sql.SQL("{0} = coalesce(v.{0}, t.{0})").format(sql.Identifier(f.column))
                for f in fields[1:]
            ]
        ),
        arrays=sql.SQL(", ").join([_typed(f, "[]") for f in fields]),
        names=_names(fields),
    )
    arrays = [array(values) for values in (ids, *columns.values())]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*arrays, school_id])
        return int(cursor.rowcount)


def array(values: Iterable[Any]) -> str:
    """The literal of an array of text, bytes, numbers, truths or dates, to be cast where it stands.

    Everything but NULL is quoted, so that no text is taken for one.
    """
    items = [
        "NULL"
        if value is None
        else f'"\\\\x{value.hex()}"'
        if value.__class__ is bytes
        else f'"{value}"'
        if value.__class__ is not str or ('"' not in value and "\\" not in value)
        else _escaped(value)
        for value in values
    ]
    return "{" + ",".join(items) + "}"


def _escaped(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def keys(ids: Iterable[int]) -> RawSQL:
    """These keys for a `…__in`: one literal, where a list is a parameter for each."""
    return RawSQL("SELECT unnest(%s::bigint[])", [f"{{{','.join(map(str, ids))}}}"])


def light(model: type[Row], names: Sequence[str], values: Sequence[Any]) -> Row:
    """An instance of what `values_list(*names)` read, without Django's constructor and signals.

    A tenth of the time, where many rows are read of a few columns (`id` and attnames). As after
    `only`, what was not read is fetched when it is asked for. Values beyond the names are left.
    """
    row = model.__new__(model)
    row.__dict__.update(zip(names, values))  # noqa: B905
    row.__dict__["_state"] = _Read()
    return row


class _Read(ModelState):
    """That of a row of the database, where what it lacks is looked for: no bytes of its own."""

    db = "default"
    adding = False


def in_batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of so many, the last one shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def ahead(make: Callable[[Batch], Made], batches: Iterable[Batch]) -> Iterator[Made]:
    """`make` of each batch in order, the next one being made while the caller writes the last.

    Writing waits for the database and leaves the processor to the second thread; `make` itself
    must ask the database nothing, since a connection belongs to its thread.
    """
    with ThreadPoolExecutor(1) as worker:
        waiting: Future[Made] | None = None
        for batch in batches:
            begun = worker.submit(make, batch)
            if waiting:
                yield waiting.result()
            waiting = begun
        if waiting:
            yield waiting.result()


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: with a long table in memory each look walks all its rows.

    Rows hold none; what else leaves some is looked for afterwards.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _field(model: type[models.Model], attname: str) -> Any:
    return next(f for f in model._meta.local_concrete_fields if f.attname == attname)


def _names(fields: Iterable[Any]) -> sql.Composable:
    return sql.SQL(", ").join([sql.Identifier(f.column) for f in fields])


def _typed(field: Any, many: str = "") -> sql.Composable:
    kind = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    # A cast to a width cuts without a word; what is too long is to be refused by the column.
    return sql.SQL("%s::" + WIDTH.sub("", kind) + many)


def _default(field: Any) -> Any:
    value = field.get_default()
    return field.get_db_prep_save(value, connection)


def _filled(field: Any, values: Sequence[Any]) -> Iterable[Any]:
    if field.null:
        return values
    default = _default(field)
    return (default if value is None else value for value in values)
