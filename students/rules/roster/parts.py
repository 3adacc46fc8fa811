"""What was read of a roster file as texts, and read from them again: rows, but no cells.

Some thousand rows make one part, column by column; of a column with few different values each is
written once. What is wrong with a row is not kept, only that something is.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from itertools import repeat
from operator import attrgetter
from typing import Any

from office.spreadsheets.headers import Header
from office.spreadsheets.reading import Sheet
from students.models import SchoolClass
from students.rules.roster.places import Place
from students.rules.roster.problems import Problem
from students.rules.roster.reading import Reading
from students.rules.roster.rows import FACTS, Facts, Row
from students.rules.roster.tables import Table

ROWS = 5_000
DAYS = frozenset(f.name for f in fields(Facts) if f.type == date | None)
Where = SchoolClass | Place | None
_facts = attrgetter(*FACTS)


class Unusable(Exception):
    """The parts are another file's, were read by what holds no more, or are not all there."""


def parts_of(reading: Reading, refused: Collection[int]) -> Iterator[str]:
    """The sheets and then the rows; `refused` are the positions of rows that the file forbids."""
    tables = {id(row.table): row.table for row in reading.rows}
    number = {key: n for n, key in enumerate(tables)}
    yield _text(
        {
            "layout": reading.layout,
            "tables": [_table(table) for table in tables.values()],
            "rows": len(reading.rows),
        }
    )
    for start in range(0, len(reading.rows), ROWS):
        batch = reading.rows[start : start + ROWS]
        columns = zip(FACTS, zip(*(_facts(row.facts) for row in batch), strict=True), strict=True)
        yield _text(
            {
                "index": [row.index for row in batch],
                "table": _packed([number[id(row.table)] for row in batch]),
                "place": _packed([_place(row.place) for row in batch]),
                "refused": [n for n in range(len(batch)) if start + n in refused],
                "facts": {
                    name: _packed(_plain(name, told))
                    for name, told in columns
                    if told.count(None) < len(told)
                },
            }
        )


def reading_of(parts: Iterator[str], classes: Mapping[int, SchoolClass]) -> Reading:
    """The reading that the parts were made of, its rows without cells and without words.

    `classes` are those by which it was read, by key. Raises `Unusable` when a part is missing.
    """
    about = json.loads(next(parts, "null"))
    if about is None:
        raise Unusable
    tables = [_told(table) for table in about["tables"]]
    reading = Reading(about["layout"])
    places: dict[Any, Where] = {None: None}
    for part in parts:
        told = json.loads(part)
        reading.rows += _rows(told, tables, lambda key: _found(key, classes, places))
    if len(reading.rows) != about["rows"]:
        raise Unusable
    return reading


def _rows(
    told: dict[str, Any], tables: Sequence[Table], place_of: Callable[[Any], Where]
) -> list[Row]:
    values = [
        _unpacked(told["facts"][name], date.fromisoformat if name in DAYS else None)
        if name in told["facts"]
        else repeat(None)
        for name in FACTS
    ]
    places = _unpacked(told["place"], place_of)
    numbers = _unpacked(told["table"], tables.__getitem__)
    facts = map(Facts, *values)
    rows = [
        Row(table, index, (), its, place=place)
        for table, index, its, place in zip(numbers, told["index"], facts, places, strict=False)
    ]
    for n in told["refused"]:
        row = rows[n]
        row.problems.append(Problem(row.table.name, row.index, None, "", "", ""))
    return rows


def _text(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _table(table: Table) -> list[Any]:
    return [table.name, table.header.row_index, table.columns]


def _told(table: list[Any]) -> Table:
    name, row_index, columns = table
    return Table(Sheet(name, []), Header(row_index, columns, []))


def _place(place: Where) -> Any:
    if isinstance(place, Place):
        return (place.stage, place.grade, place.number, place.name)
    return place and place.pk


def _found(key: Any, classes: Mapping[int, SchoolClass], places: dict[Any, Where]) -> Where:
    """One place for all its rows; what is said of a class is said once."""
    known = tuple(key) if isinstance(key, list) else key
    if known not in places:
        places[known] = Place(*known) if isinstance(known, tuple) else classes[known]
    return places[known]


def _plain(name: str, told: Sequence[Any]) -> Sequence[Any]:
    return [day and day.isoformat() for day in told] if name in DAYS else told


def _packed(values: Sequence[Any]) -> dict[str, Any]:
    different = dict.fromkeys(values)
    if len(different) * 2 > len(values):
        return {"all": values}
    number = {value: n for n, value in enumerate(different)}
    return {"values": list(different), "which": [number[value] for value in values]}


def _unpacked(packed: dict[str, Any], made: Callable[[Any], Any] | None) -> Sequence[Any]:
    if "all" in packed:
        return _made(packed["all"], made)
    values = _made(packed["values"], made)
    return [values[n] for n in packed["which"]]


def _made(values: Sequence[Any], made: Callable[[Any], Any] | None) -> Sequence[Any]:
    return values if made is None else [None if v is None else made(v) for v in values]
