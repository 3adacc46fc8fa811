"""While a list is matched, whoever waits for it at a page is told so soon; nothing is written."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from audit.models import Event as Line
from audit.refusal import Refused
from schools import clock
from schools.scope import acting_for
from schools.tenancy import set_scope
from students.actions import (
    approve_ending,
    confirm_candidate,
    holding,
    match_list,
    propose_correction,
    propose_ending,
    propose_exchange,
    reject_candidate,
    reopen_candidate,
    retain_tags,
    withdraw_list,
)
from students.models import IdentityCorrection, SpecialGroupTag, Student
from students.rules.corrections import Identity
from tests.cast import Cast
from tests.students.test_actions_lists import matched, people_of
from tests.students.test_answers_locked import Deed, own, staged
from tests.students.test_answers_locked import matching as to_match
from tests.students.test_candidates import NUMBER, SEEN, match, person, questions
from tests.students.test_corrections_overtaken import of_orphans
from tests.students.test_endings import newer
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


def soon(act: Callable[[], Any]) -> Any:
    """What comes of it, in a thread of its own; whoever looks on gives up after ten seconds."""

    def one() -> Any:
        try:
            with clock.at(clock.office_opens(LATER)):
                return act()
        finally:
            connection.close()

    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(one).result(timeout=10)
    finally:
        pool.shutdown(wait=False)


def posted(client: Client, row: IdentityCorrection) -> Any:
    """The second person's 同意更正."""
    signs = reverse("students:correction_sign")
    return soon(lambda: client.post(signs, {"correction": row.pk}))


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


def confirming(cast: Cast) -> Deed:
    match(cast, person(身份证号码=NUMBER))
    (row,) = questions()
    return lambda: confirm_candidate(candidate=row, reason=SEEN, by=cast.operator)


def reopening(cast: Cast) -> Deed:
    match(cast, person(身份证号码=NUMBER))
    row = reject_candidate(candidate=questions()[0], reason=SEEN, by=cast.operator)
    return lambda: reopen_candidate(candidate=row, reason="再查", by=cast.reviewer)


def withdrawing(cast: Cast) -> Deed:
    with acting_for(cast.district):
        listed = matched(cast, people_of(cast)[:1])
    return lambda: withdraw_list(listed=listed, reason="发错了", by=cast.bureau_reviewer)


def proposing(cast: Cast) -> Deed:
    with acting_for(cast.district):
        listed = newer(cast)
    return lambda: propose_ending(listed=listed, note="", by=cast.bureau_operator)


def approving(cast: Cast) -> Deed:
    with acting_for(cast.district):
        ending = propose_ending(listed=newer(cast), note="", by=cast.bureau_operator)
    return lambda: approve_ending(ending=ending, by=cast.bureau_reviewer)


def matching(cast: Cast) -> Deed:
    listed = staged(cast, own(cast.a.students[1]))
    return lambda: match_list(listed=listed, by=cast.bureau_operator)


def retaining(cast: Cast) -> Deed:
    with acting_for(cast.district):
        listed = newer(cast)
    return lambda: retain_tags(listed=listed, reason="仍在享受", by=cast.bureau_operator)


@pytest.mark.parametrize(
    ("arranged", "at_school"),
    [
        (confirming, True),
        (reopening, True),
        (withdrawing, False),
        (proposing, False),
        (approving, False),
        (retaining, False),
        (matching, False),
    ],
)
def test_who_answers_a_list_is_told_that_it_is_being_matched(
    committed: Cast,
    monkeypatch: pytest.MonkeyPatch,
    arranged: Callable[[Cast], Deed],
    at_school: bool,
) -> None:
    monkeypatch.setattr(holding, "PATIENCE_SECONDS", PATIENCE)
    deed = arranged(committed)
    meanwhile = staged(committed, own(committed.a.students[2]), person(身份证号码=NUMBER))

    def act() -> None:
        set_scope((committed.school if at_school else committed.district).pk)
        deed()

    with standing(committed, to_match(committed, meanwhile)):
        with pytest.raises(Refused) as refused:
            soon(act)
        assert [str(why) for why in refused.value.reasons] == [f"{BUSY}（请稍候再试）"]


def test_nothing_else_is_bounded_afterwards(cast: Cast) -> None:
    def longest() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return str(cursor.fetchone()[0])

    usual = longest()
    with transaction.atomic():
        with holding.briefly():
            assert longest() == "5s"
        assert longest() == usual
