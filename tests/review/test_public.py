"""The notice as the public meets it: by its token, while its period runs, nothing more."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from review import actions
from review.models import Case, Notice, NoticeLine, Objection
from schools import clock
from schools.scope import shown_by
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.cast import student as pupil
from tests.review import cases


@pytest.fixture
def notice(cast: Cast) -> Notice:
    made = cases.published(cast)
    set_scope(None)
    return made


def page(notice: Notice) -> str:
    return reverse("review:public_notice", args=[notice.token])


@pytest.mark.parametrize(
    ("today", "status"),
    [
        (date(2026, 9, 1), 200),
        (date(2026, 9, 8), 200),
        (date(2026, 9, 9), 410),
        (date(2027, 3, 1), 410),
    ],
)
def test_it_is_up_through_its_last_day(
    client: Client, notice: Notice, today: date, status: int
) -> None:
    with clock.at(today):
        answer = client.get(page(notice))
    assert answer.status_code == status
    assert ("张示远" in answer.text) is (status == 200)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"


def test_a_withdrawn_notice_is_gone_with_its_names(
    client: Client, cast: Cast, notice: Notice
) -> None:
    set_scope(cast.school.pk)
    actions.withdraw_notice(notice=notice, reason="名单有误", by=cast.reviewer)
    answer = client.get(page(notice))
    assert answer.status_code == 410
    assert "这份公示已撤回" in answer.text
    assert "张示远" not in answer.text
    assert "名单有误" not in answer.text


def test_drafts_boards_and_unknown_tokens_do_not_exist(client: Client, cast: Cast) -> None:
    draft = cases.drafted(cast)
    assert client.get(page(draft)).status_code == 404
    set_scope(cast.school.pk)
    actions.revise_notice(notice=draft, by=cast.operator, scope="board")
    actions.publish(notice=draft, by=cast.reviewer)
    assert client.get(page(draft)).status_code == 404
    assert client.get(reverse("review:public_notice", args=["unknown"])).status_code == 404


def test_the_page_shows_nothing_personal(client: Client, cast: Cast, notice: Notice) -> None:
    text = client.get(page(notice)).text
    assert "0000-6601301" in text
    assert "0000-6600012" in text
    set_scope(cast.school.pk)
    for case in Case.objects.select_related("student", "application"):
        number = case.student.id_number.reveal()
        for secret in (number, number[6:14], case.application.number, "困难1人"):
            assert secret not in text
    assert "王例清" not in text


def test_the_walls_open_for_one_notice_and_its_lines_only(cast: Cast, notice: Notice) -> None:
    with shown_by("aid.notice", notice.token):
        assert Notice.objects.count() == 1
        assert NoticeLine.objects.count() == 2
        assert Case.objects.count() == 0
        assert Objection.objects.count() == 0
        assert Notice.objects.update(title="改") == 0
    assert Notice.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('aid.notice', true)")
        assert cursor.fetchone() == ("",)


def test_the_public_may_object_once_it_has_said_what(
    client: Client, cast: Cast, notice: Notice
) -> None:
    url = reverse("review:public_objection", args=[notice.token])
    assert client.get(url).status_code == 200
    assert client.post(url, {"text": ""}).status_code == 422
    wrong = client.post(url, {"text": "不实", "serial": "99"})
    assert (wrong.status_code, "名单里没有序号" in wrong.text) == (409, True)
    answer = client.post(url, {"text": "家里有商铺", "serial": "1", "contact": "热心家长"})
    assert answer.status_code == 200
    assert "2026年9月4日前" in answer.text
    set_scope(cast.school.pk)
    lodged = Objection.objects.get()
    assert lodged.line is not None
    assert (lodged.line.serial, lodged.text.reveal()) == (1, "家里有商铺")


def test_no_objection_after_the_period(client: Client, notice: Notice) -> None:
    url = reverse("review:public_objection", args=[notice.token])
    with clock.at(date(2026, 9, 9)):
        assert client.post(url, {"text": "不实"}).status_code == 410


def test_a_longer_list_costs_no_more_questions(
    client: Client, cast: Cast, notice: Notice, django_assert_num_queries: Any
) -> None:
    client.get(page(notice))
    with CaptureQueriesContext(connection) as short:
        client.get(page(notice))
    set_scope(cast.school.pk)
    case = Case.objects.order_by("pk")[0]
    more = range(10, 40)
    for serial in more:
        line = NoticeLine.objects.order_by("serial")[0]
        extra = cases.hand_in(notice.round, pupil(cast.a.school_class), cast.operator.person)
        line.case = Case.objects.create(
            school=cast.school,
            application=extra,
            round=notice.round,
            student=extra.student,
            school_class=case.school_class,
        )
        line.pk, line.serial = None, serial
        line.save()
    set_scope(None)
    with django_assert_num_queries(len(short)):
        assert len(client.get(page(notice)).context["shown"].lines) == 32
