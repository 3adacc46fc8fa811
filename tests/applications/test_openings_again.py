"""What keeps a round from opening by itself, and how many days families have when it is late."""

from datetime import date
from typing import Any

import pytest

from applications import actions, navigation
from applications.models import Programme
from audit.refusal import Refused
from schools import clock
from schools.tenancy import set_scope
from tests.applications.policy import enacted
from tests.applications.terms import AUTUMN, last_year, next_autumn
from tests.applications.test_openings import BOTH, on, opened
from tests.cast import Cast


@pytest.mark.parametrize("changes", [{"kind": "grant"}, {"exclusive": ("senior_grant",)}])
def test_the_nations_does_not_open_beside_the_districts_own(
    cast: Cast, changes: dict[str, Any]
) -> None:
    last_year(cast.operator)
    term = next_autumn()
    national = Programme.objects.get(code="senior_grant")
    if "exclusive" in changes:
        changes = {"exclusive": (national.pk,)}
    own = enacted(cast.bureau_operator, cast.bureau_reviewer, **changes)
    set_scope(cast.school.pk)
    on(AUTUMN)
    assert opened(cast) == BOTH[:1]
    with clock.at(AUTUMN):
        (todo,) = navigation.todos(cast.operator)
        assert f"本校还可以开{cast.district}的“{own}”，两项可能重复" in todo.text
        with pytest.raises(Refused, match="两项可能重复"):
            actions.open_by_itself(school=cast.school, term=term, programme=national)


@pytest.mark.parametrize(
    "changes",
    [{}, {"kind": "grant", "stage": "junior"}, {"kind": "grant", "valid_to": date(2027, 7, 1)}],
)
def test_what_the_district_gives_otherwise_keeps_the_nations_from_nothing(
    cast: Cast, changes: dict[str, Any]
) -> None:
    last_year(cast.operator)
    next_autumn()
    enacted(cast.bureau_operator, cast.bureau_reviewer, **changes)
    on(AUTUMN)
    assert opened(cast) == BOTH
