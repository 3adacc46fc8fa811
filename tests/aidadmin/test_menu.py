"""The numbers beside the menu: remembered for a moment, never across what the person did."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from aidadmin import floors
from office.desk import Todo
from schools import clock
from schools.models import Appointment, Term
from tests.cast import Cast


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in an installation."""
    monkeypatch.setattr(settings, "REMEMBERED_SECONDS", 20)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def owed(monkeypatch: pytest.MonkeyPatch) -> list[Todo]:
    """What everybody owes; a test may add to it."""
    waiting: list[Todo] = []

    def ask(by: Appointment) -> list[Todo]:
        return list(waiting)

    monkeypatch.setattr(floors, "_TODOS", (ask,))
    return waiting


def one() -> Todo:
    return Todo("名册待确认", "一个班", "/x/", "去办", place="students:roster")


def shown(client: Client, path: str) -> int:
    """The number beside 学生名册."""
    nav: list[dict[str, Any]] = client.get(path).context["shell"]["nav"]
    places = {item["url"]: item["count"] for group in nav for item in group["items"]}
    return int(places[reverse("students:roster")])


@pytest.fixture
def page() -> str:
    """One that asks for no to-dos of its own."""
    return reverse("students:roster")


def test_what_others_did_shows_a_moment_later(
    cast: Cast, sign_in: Any, remembered: None, owed: list[Todo], page: str
) -> None:
    client = sign_in(cast.operator)
    assert shown(client, page) == 0
    owed.append(one())
    assert shown(client, page) == 0
    cache.clear()
    assert shown(client, page) == 1


def test_what_the_person_did_shows_at_once(
    cast: Cast, sign_in: Any, remembered: None, owed: list[Todo], page: str
) -> None:
    client = sign_in(cast.operator)
    assert shown(client, page) == 0
    owed.append(one())
    client.post(reverse("students:filter_keep"), {"name": "我的", "query": "status=here"})
    assert shown(client, page) == 1


def test_a_refused_act_renews_them_too(
    cast: Cast, sign_in: Any, remembered: None, owed: list[Todo], page: str
) -> None:
    client = sign_in(cast.operator)
    assert shown(client, page) == 0
    owed.append(one())
    assert client.post(reverse("students:filter_keep"), {}).status_code != 200
    assert shown(client, page) == 1


def test_the_desk_counts_anew_and_renews_them(
    cast: Cast, sign_in: Any, remembered: None, owed: list[Todo], page: str
) -> None:
    client = sign_in(cast.operator)
    assert shown(client, page) == 0
    owed.append(one())
    assert shown(client, reverse("desk")) == 1
    assert shown(client, page) == 1


@pytest.mark.parametrize("whose", ["reviewer", "tomorrow"])
def test_nobody_sees_another_persons_numbers_nor_yesterdays(
    cast: Cast, sign_in: Any, remembered: None, owed: list[Todo], page: str, whose: str
) -> None:
    assert shown(sign_in(cast.operator), page) == 0
    owed.append(one())
    by = cast.reviewer if whose == "reviewer" else cast.operator
    with clock.at(clock.now() + timedelta(days=whose == "tomorrow")):
        assert shown(sign_in(by), page) == 1


def test_the_floors_are_not_asked_for_every_page(
    cast: Cast, sign_in: Any, remembered: None, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Appointment] = []

    def ask(by: Appointment) -> list[Todo]:
        asked.append(by)
        return []

    monkeypatch.setattr(floors, "_TODOS", (ask,))
    client = sign_in(cast.operator)
    for _ in range(3):
        client.get(page)
    assert len(asked) == 1


def test_in_the_other_tests_nothing_is_remembered(
    cast: Cast, sign_in: Any, owed: list[Todo], page: str
) -> None:
    client = sign_in(cast.operator)
    assert shown(client, page) == 0
    owed.append(one())
    assert shown(client, page) == 1


def test_the_term_is_remembered_with_them(
    cast: Cast, sign_in: Any, remembered: None, owed: list[Todo], page: str
) -> None:
    client = sign_in(cast.operator)
    before = client.get(page).context["shell"]["term_label"]
    assert before
    Term.objects.all().delete()
    assert client.get(page).context["shell"]["term_label"] == before
    cache.clear()
    assert client.get(page).context["shell"]["term_label"] == ""
