"""How the database is to answer about long lists, whatever statistics it has of them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from schools.scope import acting_for
from students.actions import match_list, matching, planning
from students.models import MatchCandidate
from students.queue import dropped
from tests.cast import Cast
from tests.students.test_actions_lists import list_file, people_of, upload
from tests.students.test_endings import newer

ROWS = "students_departmentlistrow"


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def plan_of(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    """Every node of the database's plan."""
    with connection.cursor() as cursor:
        sql, parameters = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        (told,) = cursor.fetchone()
    plans = json.loads(told) if isinstance(told, str) else told
    return list(_nodes(plans[0]["Plan"]))


def test_who_is_dropped_is_asked_of_the_list_once_not_once_for_each_student(cast: Cast) -> None:
    """Joined to the questions, 55,000 people were walked through 168 times on the desk."""
    with acting_for(cast.district):
        found = plan_of(dropped(newer(cast)))
    scans = [node for node in found if node.get("Relation Name") == ROWS]
    assert len(scans) == 2
    assert {node["Parent Relationship"] for node in scans} == {"SubPlan"}


@pytest.mark.parametrize(("few", "allowed"), [(1, "off"), (planning.FEW, "on")])
def test_questions_about_a_long_list_are_held_without_walking_through_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, few: int, allowed: str
) -> None:
    """Of 26,000 questions written a moment ago nothing is known: each walked through 54,000 rows,
    and the next list was matched for 40 seconds before anything else."""
    monkeypatch.setattr(planning, "FEW", few)
    told = []

    def hold(wanted: QuerySet[MatchCandidate]) -> None:
        told.append(_nested_loops())

    monkeypatch.setattr(matching, "hold_questions", hold)
    with acting_for(cast.district):
        listed = upload(cast, list_file(people_of(cast)))
        match_list(listed=listed, by=cast.bureau_operator)
    assert told == [allowed]
    assert _nested_loops() == "on"


def _nested_loops() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        (value,) = cursor.fetchone()
    return str(value)
