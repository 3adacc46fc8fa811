"""What the desk shows of the screening, to whom, and at what cost."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schools import clock
from schools.models import Appointment
from schools.scope import acting_for
from screening.navigation import anomalies, todos
from tests.cast import Cast
from tests.screening.steps import at, difficult, finish, opened, verified


def titles(by: Appointment) -> list[str]:
    with CaptureQueriesContext(connection) as found:
        listed = [todo.title for todo in todos(by)]
    assert len(found) <= 3
    return listed


@pytest.mark.parametrize(
    ("status", "owed"),
    [
        ("filled", {"reviewer": ["审核学期排查"]}),
        ("reviewed", {"leader": ["签字报送学期排查"]}),
        ("signed", {}),
    ],
)
def test_the_next_person_is_told(cast: Cast, status: str, owed: dict[str, list[str]]) -> None:
    at(cast, status)
    for name in ("operator", "reviewer", "leader", "head_teacher", "finance"):
        assert titles(getattr(cast.a, name)) == owed.get(name, [])


def test_while_open_the_teacher_verifies_then_the_operator_fills_in(cast: Cast) -> None:
    assert titles(cast.operator) == []
    opened(cast)
    assert titles(cast.head_teacher) == ["学期排查：核实3名学生"]
    assert titles(cast.operator) == []
    assert todos(cast.head_teacher)[0].due_on == date(2026, 12, 15)
    verified(cast)
    assert titles(cast.head_teacher) == []
    assert titles(cast.operator) == ["填报学期排查"]


def test_the_unaided_and_the_late_are_anomalies_of_school_and_bureau(cast: Cast) -> None:
    difficult(cast.a, cast)
    finish(cast, cast.a)
    for by, scope in ((cast.operator, cast.school), (cast.bureau_operator, cast.district)):
        with acting_for(scope), clock.at(date(2027, 1, 4)):
            assert [a.count for a in anomalies(by)] == [1, 1]
        with acting_for(scope):
            assert [a.count for a in anomalies(by)] == [1, 0]
    assert anomalies(cast.head_teacher) == []
    with acting_for(cast.other_district):
        assert [a.count for a in anomalies(cast.other_bureau_operator)] == [0, 0]
