"""The cast that thousands of tests recall is the one that founding makes."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import transaction

from audit.verify import broken_links
from schools.scope import acting_for
from tests import rows
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("db", "start_of_term")


def _places(cast: Cast) -> list[int]:
    schools = (staffed.school for staffed in (cast.a, cast.b, cast.c))
    return [place.pk for place in (cast.city, cast.district, cast.other_district, *schools)]


def _seen(made: Callable[[], Cast]) -> dict[str, list[int]]:
    """How many rows of every model each organisation sees, the cast made and taken back."""
    found: dict[str, list[int]] = {}
    with transaction.atomic():
        for place in _places(made()):
            with acting_for(place):
                assert list(broken_links(place)) == []
                for model in apps.get_models():
                    found.setdefault(model._meta.label, []).append(model._base_manager.count())
        transaction.set_rollback(True)
    return found


def test_recalled_is_as_founded(monkeypatch: pytest.MonkeyPatch) -> None:
    recalled = _seen(rows.cast)
    monkeypatch.setattr(rows, "FOUNDED", [])
    assert _seen(rows.cast) == recalled
    assert recalled["students.Student"] == [9, 6, 3, 3, 3, 3]


def test_what_a_test_does_to_them_no_other_sees() -> None:
    with transaction.atomic():
        first = rows.cast()
        transaction.set_rollback(True)
    first.a.students[0].name = "赵另外"
    first.a.students.pop()
    first.operator.person.name = "钱另外"
    second = rows.cast()
    assert [len(second.a.students), second.a.students[0].name] == [3, "张示远"]
    assert second.operator.person.name == "经办a"
    # One person is one object, as when they were founded.
    assert second.a.students[0].school_class is second.a.school_class


def test_no_id_is_good_for_two_tables(cast: Cast) -> None:
    ids = {cast.school.pk, cast.operator.pk, cast.operator.person_id, cast.a.school_class.pk}
    assert len(ids | {one.pk for one in cast.a.students}) == 7
