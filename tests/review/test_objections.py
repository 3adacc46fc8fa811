"""异议 taken down by the school: numbered, in time, and answered by another person."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from review import actions, navigation
from review.models import Case, Notice, Objection, Recognition
from schools import clock
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded
from tests.review import cases

AFTER = date(2026, 9, 9)


def phoned(notice: Notice, by: Any, serial: int | None = 1, **more: Any) -> Objection:
    line = notice.lines.get(serial=serial) if serial else None
    facts = {"channel": "phone", "lodged_on": clock.today(), "text": "家里有商铺", "contact": ""}
    return actions.record_objection(notice=notice, line=line, by=by, **{**facts, **more})


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def test_it_is_numbered_within_the_notice_whichever_way_it_came(cast: Cast) -> None:
    notice = cases.published(cast)
    web = actions.object_to(notice=notice, text="不实", contact="", line=None)
    said = phoned(notice, cast.head_teacher)
    assert (web.serial, web.channel, web.taken_by_id) == (1, "web", None)
    assert (said.serial, said.taken_by_id) == (2, cast.head_teacher.person_id)
    event = Event.objects.filter(verb="objection.lodge").latest("pk")
    assert (event.label, event.facts["channel"]) == ("登记异议", "phone")


def test_the_days_to_answer_run_from_when_it_was_said(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(date(2026, 9, 3)):
        said = phoned(notice, cast.operator, lodged_on=date(2026, 9, 1))
    assert (said.lodged_on, said.reply_by) == (date(2026, 9, 1), date(2026, 9, 4))


@pytest.mark.parametrize(
    ("more", "reasons"),
    [
        ({"channel": "web"}, ["没有选择提出方式"]),
        ({"channel": "gossip", "text": " "}, ["没有选择提出方式", "没有写异议内容"]),
        ({"lodged_on": date(2026, 9, 2)}, ["提出日期还没有到"]),
        ({"lodged_on": date(2026, 8, 31)}, ["8月31日不在公示期内"]),
        ({"text": "长" * 1001}, ["内容超过1000个字，或联系方式超过100个字"]),
    ],
)
def test_it_is_refused_with_every_reason(
    cast: Cast, more: dict[str, Any], reasons: list[str]
) -> None:
    notice = cases.published(cast)
    with pytest.raises(Refused) as error:
        phoned(notice, cast.operator, **more)
    assert refusal(error) == reasons


def test_a_draft_has_nothing_to_object_to(cast: Cast) -> None:
    notice = cases.drafted(cast)
    with pytest.raises(Refused) as error:
        phoned(notice, cast.operator)
    assert refusal(error) == ["这份公示现在是“起草”，没有可以登记的异议"]


def test_who_took_it_down_does_not_answer_it(cast: Cast) -> None:
    said = phoned(cases.published(cast), cast.operator)
    with pytest.raises(Refused) as error:
        actions.answer(objection=said, upheld=False, conclusion="已核实", by=cast.operator)
    assert refusal(error) == ["不能答复自己登记的异议"]
    with pytest.raises(IntegrityError, match="objection_second_person"), transaction.atomic():
        Objection.objects.filter(pk=said.pk).update(answered_by=cast.operator.person)
    told = actions.answer(objection=said, upheld=False, conclusion="已核实", by=cast.reviewer)
    assert told.status == "dismissed"


def test_the_desk_asks_the_others_to_answer(cast: Cast) -> None:
    phoned(cases.published(cast), cast.operator)
    assert [t.title for t in navigation.todos(cast.operator)] == []
    assert [t.title for t in navigation.todos(cast.reviewer)] == ["答复1条公示异议"]


def test_twenty_on_the_web_do_not_close_the_telephone(cast: Cast) -> None:
    notice = cases.published(cast)
    for _ in range(20):
        actions.object_to(notice=notice, text="不实", contact="", line=None)
    assert phoned(notice, cast.operator).serial == 21


def test_upheld_after_the_confirmation_it_ends_the_grade(cast: Cast) -> None:
    """Said in time and written down late; the family's grade must not outlive the finding."""
    notice = cases.published(cast)
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
        said = phoned(notice, cast.operator, lodged_on=date(2026, 9, 8))
        actions.answer(objection=said, upheld=True, conclusion="收入不实", by=cast.reviewer)
    assert said.line is not None
    case = Case.objects.get(pk=said.line.case_id)
    assert case.status == "proposed"
    grades = Recognition.objects.filter(case=case)
    assert [(r.valid_from, r.valid_to) for r in grades] == [(AFTER, AFTER)]
    assert Recognition.objects.filter(valid_to=None).count() == 2


def test_it_is_taken_down_on_a_page_and_read_on_another(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    address = reverse("review:record_objection", args=[notice.pk])
    sent = {
        "channel": "visit",
        "lodged_on": "2026-09-01",
        "serial": "1",
        "text": "家里有商铺",
        "contact": "热心家长",
    }
    client = sign_in(cast.operator)
    assert client.post(address, {**sent, "serial": "99"}).status_code == 409
    assert client.post(address, {**sent, "text": ""}).status_code == 422
    assert client.post(address, sent).status_code == 302
    set_scope(cast.school.pk)
    made = Objection.objects.get()
    page = client.get(reverse("review:notice", args=[notice.pk])).text
    assert "第1号" in page
    assert f"{cast.operator.person.name}登记" in page
    own = client.get(reverse("review:objection", args=[made.pk])).text
    assert "不能答复自己登记的异议" in own
    assert 'name="conclusion"' not in own
    assert "热心家长" not in own
    others = sign_in(cast.reviewer).get(reverse("review:objection", args=[made.pk])).text
    assert 'name="conclusion"' in others


def test_a_head_teacher_takes_down_what_parents_say(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    client = sign_in(cast.head_teacher)
    address = reverse("review:record_objection", args=[notice.pk])
    assert address in client.get(reverse("review:appraisals")).text
    answer = client.post(
        address, {"channel": "phone", "lodged_on": "2026-09-01", "text": "不实"}, follow=True
    )
    assert answer.redirect_chain == [(reverse("review:appraisals"), 302)]
    assert "已登记第1号异议" in answer.text
    set_scope(cast.b.school.pk)
    other = sign_in(cast.b.head_teacher)
    assert other.get(address).status_code == 404


@pytest.mark.race
def test_numbers_are_given_once(committed: Cast) -> None:
    notice = cases.published(committed)
    count = race(lambda i: phoned(notice, committed.operator, None), organisation=committed.school)
    assert count == {"won": 64}
    assert Objection.objects.values("serial").distinct().count() == 64


@pytest.mark.race
def test_without_lock_and_constraint_numbers_double(committed: Cast, no_locks: None) -> None:
    notice = cases.published(committed)
    with without("review_objection", "objection_serial"):
        won = unguarded(
            lambda i: phoned(notice, committed.operator, None), organisation=committed.school
        )
        assert won > 1
        assert Objection.objects.values("serial").distinct().count() < won
