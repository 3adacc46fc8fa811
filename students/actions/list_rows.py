"""Write a department's list into the database, sealed, in few statements.

COPY does not pass row-level security, so the rows go as arrays through INSERT … SELECT, which
costs about the same.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, cast

from django.db import connection

from office.bulk import ahead, array, in_batches
from privacy.fields import SealedField
from privacy.sealing import blinder
from students.models import DepartmentList, DepartmentListRow
from students.rules.departments import Named

BATCH = 10_000
INSERT = """
INSERT INTO students_departmentlistrow
  (organisation_id, list_id, "row", name, id_number, guardian, id_blind, birth_date, detail,
   unusable)
SELECT %s, %s, r::int, decode(nullif(n, ''), 'hex'), decode(nullif(i, ''), 'hex'),
       decode(nullif(g, ''), 'hex'), decode(b, 'hex'), nullif(d, '')::date, t, u
  FROM unnest(string_to_array(%s, ','), string_to_array(%s, ','), string_to_array(%s, ','),
              string_to_array(%s, ','), string_to_array(%s, ','), string_to_array(%s, ','),
              %s::text[], %s::text[]) AS listed (r, n, i, g, b, d, t, u)
"""


def keep_rows(listed: DepartmentList, people: Sequence[Named]) -> None:
    """Every person of the list as a row."""
    with connection.cursor() as cursor:
        for arrays in ahead(partial(_arrays, listed), in_batches(people, BATCH)):
            cursor.execute(INSERT, [listed.organisation_id, listed.pk, *arrays])


def _arrays(listed: DepartmentList, people: Sequence[Named]) -> list[Any]:
    """The columns after the list's own, each as one parameter."""
    name, number, guardian = (
        _sealing(column, listed.organisation_id) for column in ("name", "id_number", "guardian")
    )
    columns = (
        [str(p.row) for p in people],
        [name(p.name) if p.name else "" for p in people],
        [number(p.id_number) if p.id_number else "" for p in people],
        [guardian(p.guardian) if p.guardian else "" for p in people],
        [identity.hex() for identity in identities_of(people)],
        [p.birth_date.isoformat() if p.birth_date else "" for p in people],
    )
    told = (array(p.detail for p in people), array(p.unusable for p in people))
    return [*map(",".join, columns), *told]


def _sealing(column: str, owner: int) -> Callable[[str], str]:
    sealed = cast(SealedField, DepartmentListRow._meta.get_field(column)).sealer(owner)
    return lambda clear: sealed(clear).hex()


def identities_of(people: Iterable[Named]) -> list[bytes]:
    """The blind indexes by which the people of a list are known again in the next."""
    numbered, unnumbered = blinder("id"), blinder("listed")
    return [
        numbered(p.id_number.upper()) if p.id_number else unnumbered("\x00".join(p.identity))
        for p in people
    ]
