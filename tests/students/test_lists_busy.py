"""While a list is matched, whoever waits for it at a page is told so soon; nothing is written."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit.models import Event as Line
from schools import clock
from schools.tenancy import set_scope
from students.actions import holding, propose_correction, propose_exchange
from students.models import IdentityCorrection, SpecialGroupTag, Student
from students.rules.corrections import Identity
from tests.cast import Cast
from tests.students.test_answers_locked import Deed, own
from tests.students.test_candidates import NUMBER
from tests.students.test_corrections_overtaken import of_orphans
from tests.students.test_list_locks import LATER, at_chain_of

pytestmark = pytest.mark.race
PATIENCE = 0.5
BUSY = "名单正在比对"


@contextmanager
def standing(cast: Cast, deed: Deed) -> Iterator[None]:
    """The bureau's deed has written all it has to say and stands before its end meanwhile."""
    here, go = Event(), Event()
    at = at_chain_of(cast.school.pk)

    def halt(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not here.is_set() and at(sql, params):
            here.set()
            go.wait(timeout=60)
        return execute(sql, params, many, context)

    def one() -> None:
        set_scope(cast.district.pk)
        try:
            with clock.at(clock.office_opens(LATER)), connection.execute_wrapper(halt):
                deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(one)
        try:
            assert here.wait(timeout=30)
            yield
        finally:
            go.set()
        done.result(timeout=30)


def reviewer(cast: Cast) -> Client:
    client = Client()
    account = cast.reviewer.person.accounts.get()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def posted(client: Client, row: IdentityCorrection) -> Any:
    """The second person's 同意更正, given up after ten seconds by whoever looks on."""

    def one() -> Any:
        try:
            with clock.at(clock.office_opens(LATER)):
                return client.post(reverse("students:correction_sign"), {"correction": row.pk})
        finally:
            connection.close()

    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(one).result(timeout=10)
    finally:
        pool.shutdown(wait=False)


def mistyped(cast: Cast) -> IdentityCorrection:
    """A number is put right, and no list has ever named the student."""
    student, number = cast.a.students[0], NUMBER
    told = Identity.of(student)
    told = Identity(told.name, told.id_kind, number, "", told.sex, told.birth_date)
    return propose_correction(student=student, told=told, reason="录错了", by=cast.operator)


def crossed(cast: Cast) -> IdentityCorrection:
    first, second = cast.a.students[:2]
    return propose_exchange(first=first, second=second, reason="录反了", by=cast.operator)[0]


def renamed(cast: Cast) -> IdentityCorrection:
    """No number is put right, and no list asks about him: nothing to wait for."""
    student = cast.a.students[0]
    told = Identity.of(student)
    told = Identity("张示例", told.id_kind, "", "", told.sex, told.birth_date)
    return propose_correction(student=student, told=told, reason="录错了", by=cast.operator)


def written() -> object:
    """All that a correction writes."""
    return (
        list(Student.objects.order_by("pk").values()),
        list(IdentityCorrection.objects.order_by("pk").values()),
        list(SpecialGroupTag.objects.order_by("pk").values()),
        Line.objects.count(),
    )


@pytest.mark.parametrize("proposed", [mistyped, crossed])
def test_who_signs_a_number_is_told_that_a_list_is_being_matched(
    committed: Cast,
    monkeypatch: pytest.MonkeyPatch,
    proposed: Callable[[Cast], IdentityCorrection],
) -> None:
    monkeypatch.setattr(holding, "PATIENCE_SECONDS", PATIENCE)
    row = proposed(committed)
    client = reviewer(committed)
    before = written()
    with standing(committed, of_orphans(committed, own(committed.a.students[2]))):
        page = posted(client, row)
        assert page.status_code == 409
        assert BUSY in page.content.decode()
        assert "请稍候再试" in page.content.decode()
        assert written() == before
    assert posted(client, row).status_code == 302
    row.refresh_from_db()
    assert row.status == "signed"


def test_who_signs_a_name_does_not_wait(committed: Cast) -> None:
    row = renamed(committed)
    client = reviewer(committed)
    with standing(committed, of_orphans(committed, own(committed.a.students[2]))):
        page = posted(client, row)
    assert page.status_code == 302
