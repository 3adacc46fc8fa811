"""What the roster's page may show a moment old, and what never."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from office.models import Message
from schools import clock
from students.actions import apply_roster, stage_roster
from students.models import Student
from tests.cast import Cast, student
from tests.students.rosters import roster

ROSTER = reverse("students:roster")


@pytest.fixture(autouse=True)
def remembering(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in an installation."""
    monkeypatch.setattr(settings, "REMEMBERED_SECONDS", 20)
    cache.clear()
    yield
    cache.clear()


def here(client: Client) -> int:
    return int(client.get(ROSTER).context["sizes"].here)


def named(client: Client) -> list[str]:
    return [k["name"] for k in client.get(ROSTER).context["kept"]]


def test_how_many_are_here_may_be_a_moment_old(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    before = here(client)
    student(cast.a.school_class, "新来的")
    page = client.get(ROSTER)
    assert page.context["sizes"].here == before
    assert "新来的" in page.content.decode(), "the list itself is that of now"
    cache.clear()
    assert here(client) == before + 1


def test_what_the_person_did_shows_at_once(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    assert (here(client), named(client)) == (Student.objects.exclude(status="left").count(), [])
    student(cast.a.school_class, "新来的")
    client.post(reverse("students:filter_keep"), {"name": "寄宿", "boarding": "boarder"})
    assert here(client) == Student.objects.exclude(status="left").count()
    assert named(client) == ["寄宿"]


def test_a_file_that_a_worker_wrote_shows_at_once(cast: Cast, sign_in: Any) -> None:
    """The person looked in while it was being written; he did nothing since."""
    client = sign_in(cast.operator)
    staged = stage_roster(
        school=cast.school, content=roster(5), filename="名册.xlsx", by=cast.operator
    )
    before = here(client)
    apply_roster(staged=staged, by=cast.operator)
    assert here(client) == before + 5


def test_a_search_that_fits_a_page_counts_what_it_shows(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    client.get(ROSTER)
    student(cast.a.school_class, "欧阳一")
    with CaptureQueriesContext(connection) as asked:
        page = client.get(ROSTER, {"q": "欧阳"})
    assert (page.context["total"], [s.name for s in page.context["page"]]) == (1, ["欧阳一"])
    assert not [q for q in asked if "COUNT(" in q["sql"]]
    assert client.get(ROSTER, {"q": "没有这个人"}).context["total"] == 0


def test_an_unread_reminder_may_come_a_moment_later(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)

    def unread() -> int:
        return int(client.get(ROSTER).context["shell"]["unread"])

    assert unread() == 0
    made = Message.objects.create(
        organisation=cast.school,
        person=cast.operator.person,
        title="到期",
        url="/",
        created_at=clock.now(),
    )
    assert unread() == 0
    cache.clear()
    assert unread() == 1
    client.post(reverse("office:message", args=[made.pk]))
    assert unread() == 0, "read by himself"
