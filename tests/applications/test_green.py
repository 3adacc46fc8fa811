"""绿色通道: new students come in first; nobody waives alone, and what is put off is followed up."""

from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import actions, navigation, queue
from applications.models import GreenEntry
from audit.models import Event
from audit.refusal import Refused
from schools import clock
from schools.tenancy import set_scope
from tests import cast as people
from tests import database, racing
from tests.applications import scenes
from tests.applications.test_form_sheets import SignIn
from tests.cast import Cast

UNTIL = date(2026, 12, 31)


def registered(cast: Cast, **changes: Any) -> GreenEntry:
    facts: dict[str, Any] = {
        "student": cast.a.students[0],
        "term": cast.term,
        "kind": "defer",
        "item": "tuition",
        "amount_fen": 80_000,
        "reason": "家中受灾，一时交不了",
        "until": UNTIL,
        "by": cast.operator,
        **changes,
    }
    return actions.register_green(**facts)


def waiver(cast: Cast, **changes: Any) -> GreenEntry:
    return registered(cast, kind="waive", until=None, **changes)


def test_put_off_at_once_and_settled_later(cast: Cast) -> None:
    entry = registered(cast)
    assert (entry.status, entry.amount_fen) == ("active", 80_000)
    settled = actions.settle_green(entry=entry, how="由国家助学金解决", by=cast.a.finance)
    assert (settled.status, settled.note) == ("settled", "由国家助学金解决")
    verbs = list(Event.objects.filter(about_id=entry.student_id).values_list("verb", flat=True))
    assert [v for v in verbs if "green" in v] == ["green.register", "greenentry.settle"]


def test_nobody_waives_alone(cast: Cast) -> None:
    entry = waiver(cast)
    assert entry.status == "waiting"
    for by in (cast.operator, cast.a.finance, cast.head_teacher):
        with pytest.raises(Refused, match="审核减免的应是本校审核人"):
            actions.approve_green(entry=entry, by=by)
    with pytest.raises(Refused, match="现在是“待审核”，不能结清"):
        actions.settle_green(entry=entry, how="已交", by=cast.a.finance)
    done = actions.approve_green(entry=entry, by=cast.reviewer)
    assert (done.status, done.approve_by) == ("active", cast.reviewer.person)


def test_the_database_takes_no_waiver_of_one_person(cast: Cast) -> None:
    entry = waiver(cast)
    one = {"status": "active", "approve_by": entry.registered_by, "approve_at": clock.now()}
    for changes, name in (
        ({"status": "active"}, "green_waived_by_two"),
        (one, "green_second_person"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            GreenEntry.objects.filter(pk=entry.pk).update(**changes)


def waived(cast: Cast, **changes: Any) -> GreenEntry:
    return actions.approve_green(entry=waiver(cast, **changes), by=cast.reviewer)


def test_a_waived_fee_is_not_settled_and_not_waived_again(cast: Cast) -> None:
    entry = waived(cast)
    with pytest.raises(Refused, match="减免的费用不用结清（同意减免就办结了"):
        actions.settle_green(entry=entry, how="已办", by=cast.a.finance)
    with pytest.raises(Refused, match="这项费用已经登记"):
        waiver(cast)
    sums = queue.green_sums(cast.school, cast.term)
    assert (sums.waived, sums.waived_fen) == (1, 80_000)


def test_who_registered_it_does_not_settle_it(cast: Cast) -> None:
    entry = registered(cast)
    with pytest.raises(Refused) as error:
        actions.settle_green(entry=entry, how="", by=cast.operator)
    assert [r.text for r in error.value.reasons] == [
        "登记的人不能自己结清",
        "没有写怎样结清的",
    ]
    with pytest.raises(Refused, match="由财务或审核人登记结清"):
        actions.settle_green(entry=entry, how="已交", by=cast.head_teacher)
    settled = actions.settle_green(entry=entry, how="已交", by=cast.reviewer)
    assert (settled.status, settled.settle_by) == ("settled", cast.reviewer.person)


def settled_by(entry: GreenEntry, by: Any) -> int:
    with transaction.atomic():
        return GreenEntry.objects.filter(pk=entry.pk).update(
            status="settled", settle_by=by.person, settle_at=clock.now()
        )


def test_the_database_settles_no_waiver_and_nothing_by_its_registrar(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="green_waiver_stays"):
        settled_by(waived(cast), cast.a.finance)
    put_off = registered(cast, item="lodging")
    with pytest.raises(IntegrityError, match="green_settled_by_another"):
        settled_by(put_off, cast.operator)
    assert settled_by(put_off, cast.a.finance) == 1


def refused_by(entry: GreenEntry, by: Any) -> int:
    with transaction.atomic():
        return GreenEntry.objects.filter(pk=entry.pk).update(
            status="refused", refuse_by=by.person, refuse_at=clock.now()
        )


def test_the_database_takes_no_refusal_by_the_registrar_and_no_settling_by_nobody(
    cast: Cast,
) -> None:
    entry = waiver(cast)
    with pytest.raises(IntegrityError, match="green_refused_by_another"):
        refused_by(entry, cast.operator)
    assert refused_by(entry, cast.reviewer) == 1
    put_off = registered(cast, item="lodging")
    with (
        pytest.raises(IntegrityError, match="green_settled_stamped"),
        transaction.atomic(),
    ):
        GreenEntry.objects.filter(pk=put_off.pk).update(status="settled")


def test_without_its_check_the_registrar_would_refuse_it(committed: Cast) -> None:
    with database.without("applications_greenentry", "green_refused_by_another"):
        assert refused_by(waiver(committed), committed.operator) == 1


def test_without_its_check_a_fee_would_be_waived_twice(committed: Cast) -> None:
    with database.without("applications_greenentry", "green_waiver_stays"):
        assert settled_by(waived(committed), committed.a.finance) == 1
        assert waived(committed).status == "active"


def test_without_its_check_the_registrar_would_settle_it(committed: Cast) -> None:
    with database.without("applications_greenentry", "green_settled_by_another"):
        assert settled_by(registered(committed), committed.operator) == 1


def test_what_was_settled_before_is_open_again(committed: Cast) -> None:
    cast, finance = committed, committed.a.finance
    two, three = cast.a.students[1:3]
    with database.without(
        "applications_greenentry", "green_waiver_stays", "green_settled_by_another"
    ):
        alone = registered(cast)
        settled_by(alone, cast.operator)
        first = waived(cast)
        settled_by(first, finance)
        again = waived(cast)
        settled_by(again, finance)
        own = registered(cast, student=two)
        settled_by(own, cast.operator)
        open_ = waiver(cast, student=two)
        lone, right = registered(cast, student=three), registered(cast, student=three, item="books")
        settled_by(lone, cast.operator)
        settled_by(right, finance)
        with database.owner() as cursor:
            cursor.execute(import_module("applications.migrations.0013_green_settled_by_two").MEND)
        # The waiver that was agreed to first, what was open already, and who stands alone.
        found = {e.pk: (e.status, e.settle_by_id) for e in GreenEntry.objects.all()}
        assert found == {
            alone.pk: ("refused", None),
            first.pk: ("active", None),
            again.pk: ("refused", None),
            own.pk: ("refused", None),
            open_.pk: ("waiting", None),
            lone.pk: ("active", None),
            right.pk: ("settled", finance.person_id),
        }
        assert {e.note for e in GreenEntry.objects.filter(status="refused")} == {"同一费用另有登记"}
        assert "待另一人核实" in GreenEntry.objects.get(pk=lone.pk).note


def test_refused_with_its_reason_then_put_off(cast: Cast) -> None:
    entry = waiver(cast)
    with pytest.raises(Refused, match="没有写不同意的原因"):
        actions.refuse_green(entry=entry, reason=" ", by=cast.reviewer)
    actions.refuse_green(entry=entry, reason="改为缓交", by=cast.reviewer)
    assert registered(cast).status == "active"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount_fen": 0}, "金额不对"),
        ({"amount_fen": 10_000_001}, "金额不对"),
        ({"until": None}, "没有写缓交到哪天"),
        ({"until": date(2026, 8, 31)}, "缓交的日期不对"),
        ({"until": date(2027, 7, 1)}, "缓交的日期不对"),
        ({"kind": "waive"}, "减免没有缓交日期"),
        ({"kind": "gift"}, "没有选择缓交还是减免"),
        ({"item": "lunch"}, "没有选择是什么费用"),
        ({"reason": ""}, "没有写原因"),
    ],
)
def test_what_can_not_be_registered(cast: Cast, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        registered(cast, **changes)


def test_only_new_students_of_senior_and_vocational_schools_once_a_fee(cast: Cast) -> None:
    registered(cast)
    with pytest.raises(Refused, match="这项费用已经登记"):
        waiver(cast)
    registered(cast, item="lodging")
    cast.a.school_class.grade = 2
    cast.a.school_class.save(update_fields=["grade"])
    with pytest.raises(Refused, match="不是新生"):
        registered(cast, student=cast.a.students[1])
    cast.a.school_class.stage = "junior"
    cast.a.school_class.save(update_fields=["stage"])
    with pytest.raises(Refused, match="义务教育不收学费"):
        registered(cast, student=cast.a.students[2])
    with pytest.raises(Refused, match="由资助专干登记"):
        registered(cast, student=cast.a.students[1], by=cast.head_teacher)


def test_followed_up_until_settled(cast: Cast) -> None:
    registered(cast)
    waiver(cast, student=cast.a.students[1])
    sums = queue.green_sums(cast.school, cast.term)
    assert (sums.deferred, sums.deferred_fen, sums.waiting, sums.unapplied) == (1, 80_000, 1, 2)
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    assert queue.green_sums(cast.school, cast.term).unapplied == 1
    assert [t.count for t in navigation.todos(cast.reviewer)] == [1]
    with clock.at(clock.office_opens(UNTIL + timedelta(days=1))):
        assert queue.green_sums(cast.school, cast.term).overdue == 1
        found = {a.title: a.count for a in navigation.anomalies(cast.operator)}
        assert found["绿色通道缓交到期"] == 1
        for settler in (cast.a.finance, cast.reviewer):
            [overdue] = navigation.anomalies(settler)
            assert (overdue.title, overdue.count) == ("绿色通道缓交到期", 1)
            assert "请登记结清" in overdue.text
        assert navigation.anomalies(cast.a.committee) == []


def test_who_may_not_settle_it_is_not_reminded(cast: Cast) -> None:
    entry = registered(cast)
    with clock.at(clock.office_opens(UNTIL + timedelta(days=1))):
        assert len(navigation.anomalies(cast.a.finance)) == 1
        GreenEntry.objects.filter(pk=entry.pk).update(registered_by=cast.a.finance.person)
        assert navigation.anomalies(cast.a.finance) == []


def test_through_the_pages(cast: Cast, sign_in: SignIn) -> None:
    client, student = sign_in(cast.operator), cast.a.students[0]
    assert "没有登记" in client.get(reverse("applications:green")).text
    assert student.name in client.get(reverse("applications:green_choose")).text
    url = reverse("applications:register_green", args=[student.pk])
    assert client.get(url).status_code == 200
    asked = {"kind": "waive", "item": "tuition", "amount": "800", "reason": "家中受灾"}
    assert client.post(url, asked | {"amount": "-1"}).status_code == 422
    assert "等待审核人同意" in client.post(url, asked, follow=True).text
    assert "这项费用已经登记" in client.post(url, asked).text
    set_scope(cast.school.pk)
    entry = GreenEntry.objects.get()
    assert entry.amount_fen == 80_000
    approve = reverse("applications:approve_green", args=[entry.pk])
    assert client.post(approve).status_code == 403
    client = sign_in(cast.reviewer)
    assert "同意减免" in client.get(reverse("applications:green")).text
    assert "已同意" in client.post(approve, follow=True).text
    assert client.post(approve).status_code == 409


def test_the_page_offers_settling_only_to_another_and_of_what_was_put_off(
    cast: Cast, sign_in: SignIn
) -> None:
    let_off, put_off = waived(cast), registered(cast, item="lodging")
    page = reverse("applications:green")
    opens, let_off_opens = f"#settle-{put_off.pk}", f"#settle-{let_off.pk}"
    settle = reverse("applications:settle_green", args=[put_off.pk])
    client = sign_in(cast.operator)
    text = client.get(page).text
    assert opens not in text
    assert settle not in text
    assert "登记的人不能自己结清" in text
    assert client.post(settle, {"how": "已补交"}).status_code == 409
    for by in (cast.a.finance, cast.reviewer):
        text = sign_in(by).get(page).text
        assert opens in text
        assert let_off_opens not in text
    assert "已结清" in client.post(settle, {"how": "已补交"}, follow=True).text


def listed(cast: Cast, sign_in: SignIn) -> int:
    client = sign_in(cast.reviewer)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("applications:green")).status_code == 200
    set_scope(cast.school.pk)
    return len(queries)


def test_queries_do_not_grow_with_rows(cast: Cast, sign_in: SignIn) -> None:
    registered(cast)
    listed(cast, sign_in)
    one = listed(cast, sign_in)
    for n in range(29):
        student = people.student(cast.a.school_class, f"张样{chr(0x4E00 + n)}")
        registered(cast, student=student)
    assert listed(cast, sign_in) == one


def deed(cast: Cast, verb: str) -> Callable[[int], object]:
    if verb == "register":
        return lambda _: registered(cast)
    if verb == "settle":
        put_off = registered(cast)
        return lambda _: actions.settle_green(entry=put_off, how="已交", by=cast.a.finance)
    entry = waiver(cast)
    if verb == "approve":
        return lambda _: actions.approve_green(entry=entry, by=cast.reviewer)
    return lambda _: actions.refuse_green(entry=entry, reason="改为缓交", by=cast.reviewer)


VERBS = ("register", "approve", "refuse", "settle")


@pytest.mark.race
@pytest.mark.parametrize("verb", VERBS)
def test_one_of_many(committed: Cast, verb: str) -> None:
    outcome = racing.race(deed(committed, verb), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
@pytest.mark.parametrize("verb", VERBS)
def test_without_guards_several(committed: Cast, verb: str) -> None:
    act = deed(committed, verb)
    with database.without("applications_greenentry", "green_live_once"):
        assert racing.unguarded(act, organisation=committed.school) > 1


@pytest.mark.race
def test_approved_or_refused_never_both(committed: Cast) -> None:
    entry = waiver(committed)

    def act(i: int) -> object:
        if i % 2:
            return actions.approve_green(entry=entry, by=committed.reviewer)
        return actions.refuse_green(entry=entry, reason="改为缓交", by=committed.a.leader)

    assert racing.race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
