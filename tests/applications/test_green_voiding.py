"""A wrong registration of the green channel: voided alone at first, by two once decided."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications import actions, navigation, queue
from applications.models import GreenEntry
from audit.models import Event
from audit.refusal import Refused
from office.models import Message
from schools import clock
from schools.models import Appointment
from schools.tenancy import set_scope
from tests import database, racing
from tests.applications.test_form_sheets import SignIn
from tests.applications.test_green import registered, waived, waiver
from tests.cast import Cast

WRONG = "登记成了别的学生"


def settled(cast: Cast, **changes: Any) -> GreenEntry:
    entry = registered(cast, **changes)
    return actions.settle_green(entry=entry, how="已补交", by=cast.a.finance)


def voided(entry: GreenEntry, by: Appointment) -> GreenEntry:
    return actions.void_green(entry=entry, reason=WRONG, by=by)


def asked(entry: GreenEntry, by: Appointment) -> GreenEntry:
    return actions.ask_void_green(entry=entry, reason=WRONG, by=by)


@pytest.mark.parametrize("register", [registered, waiver])
def test_the_office_voids_alone_what_nobody_decided(
    cast: Cast, register: Callable[[Cast], GreenEntry]
) -> None:
    entry = voided(register(cast), cast.operator)
    assert (entry.status, entry.void_reason) == ("voided", WRONG)
    assert (entry.void_by, entry.ask_void_by) == (cast.operator.person, None)
    event = Event.objects.get(verb="greenentry.void")
    assert (event.reason, event.about_id) == (WRONG, entry.student_id)
    sums = queue.green_sums(cast.school, cast.term)
    assert (sums.deferred, sums.deferred_fen, sums.waiting, sums.unapplied) == (0, 0, 0, 0)
    assert navigation.todos(cast.reviewer) == []
    assert register(cast).pk != entry.pk


def test_who_may_not_void_alone_hears_every_reason(cast: Cast) -> None:
    with pytest.raises(Refused) as error:
        actions.void_green(entry=waived(cast), reason=" ", by=cast.reviewer)
    assert [r.text for r in error.value.reasons] == [
        "审核人不单独作废登记",
        "已经同意或结清，一个人不能作废",
        "没有写作废的原因",
    ]
    with pytest.raises(Refused, match="一个人不能作废"):
        voided(settled(cast, item="books"), cast.operator)


@pytest.mark.parametrize("decided", [waived, settled])
def test_two_void_what_somebody_decided(cast: Cast, decided: Callable[[Cast], GreenEntry]) -> None:
    entry = asked(decided(cast), cast.operator)
    before = queue.green_sums(cast.school, cast.term)
    assert before.waived == (1 if decided is waived else 0)
    assert [(t.title, t.count) for t in navigation.todos(cast.reviewer)] == [
        ("1笔绿色通道作废待确认", 1)
    ]
    done = actions.confirm_void_green(entry=entry, by=cast.reviewer)
    assert (done.status, done.ask_void_by, done.void_by) == (
        "voided",
        cast.operator.person,
        cast.reviewer.person,
    )
    assert navigation.todos(cast.reviewer) == []
    assert queue.green_sums(cast.school, cast.term).waived == 0
    verbs = Event.objects.filter(about_id=entry.student_id).order_by("pk")
    assert [v for v in verbs.values_list("verb", flat=True) if "void" in v] == [
        "greenentry.ask_void",
        "greenentry.void",
    ]


def test_nobody_confirms_what_he_asked(cast: Cast) -> None:
    entry = asked(waived(cast), cast.reviewer)
    assert navigation.todos(cast.reviewer) == []
    with pytest.raises(Refused, match="申请和确认作废不能是同一人"):
        actions.confirm_void_green(entry=entry, by=cast.reviewer)
    with pytest.raises(Refused, match="确认作废的应是本校审核人"):
        actions.confirm_void_green(entry=entry, by=cast.operator)
    with pytest.raises(Refused, match="已经有人申请作废"):
        asked(entry, cast.operator)
    assert actions.confirm_void_green(entry=entry, by=cast.a.leader).status == "voided"


def test_what_may_not_be_asked_or_answered(cast: Cast) -> None:
    open_ = registered(cast)
    with pytest.raises(Refused, match="还没有人同意或结清，不用申请"):
        asked(open_, cast.operator)
    with pytest.raises(Refused, match="没有人申请作废这笔登记"):
        actions.confirm_void_green(entry=open_, by=cast.reviewer)
    gone = voided(open_, cast.operator)
    tries: list[Callable[[], object]] = [
        lambda: voided(gone, cast.operator),
        lambda: asked(gone, cast.operator),
        lambda: actions.settle_green(entry=gone, how="已交", by=cast.a.finance),
    ]
    for again in tries:
        with pytest.raises(Refused, match="现在是“已作废”"):
            again()
    with pytest.raises(Refused) as error:
        actions.ask_void_green(entry=settled(cast), reason="", by=cast.head_teacher)
    assert [r.text for r in error.value.reasons] == ["班主任不申请作废", "没有写作废的原因"]


def test_declined_it_stays_and_who_asked_is_told(cast: Cast) -> None:
    entry = asked(settled(cast), cast.a.finance)
    with pytest.raises(Refused, match="没有写不同意的原因"):
        actions.decline_void_green(entry=entry, reason="", by=cast.reviewer)
    kept = actions.decline_void_green(entry=entry, reason="单据没有错", by=cast.reviewer)
    assert (kept.status, kept.ask_void_by, kept.void_reason) == ("settled", None, "")
    assert kept.note == "已补交"
    told = Message.objects.get(person=cast.a.finance.person)
    assert told.title.endswith("没有作废：单据没有错")
    assert asked(kept, cast.operator).ask_void_by == cast.operator.person


def written(entry: GreenEntry, **changes: Any) -> int:
    with transaction.atomic():
        return GreenEntry.objects.filter(pk=entry.pk).update(**changes)


def stamps(by: Appointment, **changes: Any) -> dict[str, Any]:
    return {"void_by": by.person, "void_at": clock.now(), "void_reason": WRONG, **changes}


def asks(by: Appointment) -> dict[str, Any]:
    return {"ask_void_by": by.person, "ask_void_at": clock.now(), "void_reason": WRONG}


def forbidden(cast: Cast) -> list[tuple[str, dict[str, Any]]]:
    one = cast.reviewer
    return [
        ("green_voided_stamped", {"status": "voided", **asks(cast.operator)}),
        ("green_voided_stamped", stamps(one)),
        ("green_void_asked_stamped", {**asks(one), "ask_void_at": None}),
        ("green_void_asked_stamped", {**asks(one), "void_reason": ""}),
        ("green_voided_by_another", {"status": "voided", **asks(one), **stamps(one)}),
        ("green_decided_voided_by_two", {"status": "voided", **stamps(one)}),
    ]


@pytest.mark.parametrize("n", range(6))
def test_the_database_takes_no_half_voiding(cast: Cast, n: int) -> None:
    name, changes = forbidden(cast)[n]
    with pytest.raises(IntegrityError, match=name):
        written(waived(cast), **changes)


@pytest.mark.parametrize("n", range(6))
def test_without_its_check_it_would(committed: Cast, n: int) -> None:
    name, changes = forbidden(committed)[n]
    with database.without("applications_greenentry", name):
        assert written(waived(committed), **changes) == 1


def test_through_the_pages(cast: Cast, sign_in: SignIn) -> None:
    page, entry = reverse("applications:green"), registered(cast)
    client = sign_in(cast.operator)
    void = reverse("applications:void_green", args=[entry.pk])
    assert void in client.get(page).text
    assert client.get(void).status_code == 405
    assert client.post(void, {"reason": ""}).status_code == 409
    text = client.post(void, {"reason": WRONG}, follow=True).text
    assert "已作废，可以重新登记" in text
    assert f"作废原因：{WRONG}" in text
    assert void not in text
    set_scope(cast.school.pk)
    let_off = waived(cast)
    ask, confirm, decline = (
        reverse(f"applications:{verb}_void_green", args=[let_off.pk])
        for verb in ("ask", "confirm", "decline")
    )
    client = sign_in(cast.operator)
    text = client.get(page).text
    assert ask in text
    assert confirm not in text
    assert "照旧有效" in client.post(ask, {"reason": WRONG}, follow=True).text
    assert client.post(confirm).status_code == 403
    client = sign_in(cast.reviewer)
    text = client.get(f"{page}?only=asked").text
    assert f"申请作废：{WRONG}" in text
    assert text.count("作废原因") == 0
    assert confirm in text
    assert decline in text
    assert "请专干告知" in client.post(confirm, follow=True).text
    assert client.post(decline, {"reason": "没有错"}).status_code == 409


def deed(cast: Cast, verb: str) -> Callable[[int], object]:
    if verb == "void":
        open_ = registered(cast)
        return lambda _: actions.void_green(entry=open_, reason=WRONG, by=cast.operator)
    decided = waived(cast)
    if verb == "ask":
        return lambda _: actions.ask_void_green(entry=decided, reason=WRONG, by=cast.operator)
    entry = asked(decided, cast.operator)
    if verb == "confirm":
        return lambda _: actions.confirm_void_green(entry=entry, by=cast.reviewer)
    return lambda _: actions.decline_void_green(entry=entry, reason="单据没有错", by=cast.reviewer)


VERBS = ("void", "ask", "confirm", "decline")
EVENTS = {"void": "void", "ask": "ask_void", "confirm": "void", "decline": "decline_void"}


def told_of(verb: str) -> int:
    return Event.objects.filter(verb=f"greenentry.{EVENTS[verb]}").count()


@pytest.mark.race
@pytest.mark.parametrize("verb", VERBS)
def test_one_of_many(committed: Cast, verb: str) -> None:
    outcome = racing.race(deed(committed, verb), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}
    assert told_of(verb) == 1


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
@pytest.mark.parametrize("verb", VERBS)
def test_without_the_lock_several(committed: Cast, verb: str) -> None:
    assert racing.unguarded(deed(committed, verb), organisation=committed.school) > 1
    assert told_of(verb) > 1


@pytest.mark.race
def test_settled_or_voided_never_both(committed: Cast) -> None:
    entry = registered(committed)

    def act(i: int) -> object:
        if i % 2:
            return actions.settle_green(entry=entry, how="已交", by=committed.a.finance)
        return actions.void_green(entry=entry, reason=WRONG, by=committed.operator)

    assert racing.race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
