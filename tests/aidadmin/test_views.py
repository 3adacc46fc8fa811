"""Signing in and staying so: words, lock-out, idle time, own password, offices, the clock."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from aidadmin.floors import PLACES
from aidadmin.middleware import ENTERED, IDLE_SECONDS, SEEN, TOUCH_SECONDS
from aidadmin.templatetags.ui import drawn
from audit.models import Event
from schools import actions, clock
from schools.models import Account
from schools.roles import Role
from schools.rules import NOT_CHOSEN
from schools.scope import acting_for
from tests.cast import Cast

LOGIN = "/accounts/login/"
PASSWORD = "secret-of-the-cast"


@pytest.fixture(autouse=True)
def plain_hashes(settings: Any) -> None:
    """Sign in for real with what the cast's passwords are hashed with."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def attempt(client: Client, password: str = PASSWORD, username: str = "operator-a") -> Any:
    return client.post(LOGIN, {"username": username, "password": password})


def account(cast: Cast) -> Account:
    return Account.objects.get(username="operator-a")


# --- signing in -----------------------------------------------------------------------------------


def test_signing_in_leads_to_the_desk_with_a_new_key(cast: Cast, client: Client) -> None:
    client.get(LOGIN)
    client.session.save()
    before = client.session.session_key
    answer = attempt(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session.session_key != before
    assert client.get(LOGIN).status_code == 302


def test_signing_in_leads_back_to_where_one_wanted_to_go(cast: Cast, client: Client) -> None:
    wanted = client.get("/settings/calendar/")["Location"]
    assert wanted == f"{LOGIN}?next=/settings/calendar/"
    answer = client.post(wanted, {"username": "operator-a", "password": PASSWORD})
    assert answer["Location"] == "/settings/calendar/"


def test_every_failure_says_the_same(cast: Cast, client: Client) -> None:
    Account.objects.filter(username="finance-a").update(is_active=False)
    answers = [
        attempt(client, "wrong").content.decode(),
        attempt(client, username="nobody").content.decode(),
        attempt(client, username="finance-a").content.decode(),
    ]
    assert all("用户名或密码不对，请重新输入。" in text for text in answers)


def test_five_wrong_passwords_lock_the_account_out(cast: Cast, client: Client) -> None:
    statuses = [attempt(client, "wrong").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    locked = attempt(client)
    assert locked.status_code == 429
    assert "密码连续输错次数过多" in locked.content.decode()
    assert "_auth_user_id" not in client.session
    # Somebody else at the same computer may still sign in.
    assert attempt(Client(), username="finance-a").status_code == 302


def test_after_the_term_of_office_one_is_told_so_and_can_leave(cast: Cast, client: Client) -> None:
    actions.dismiss(appointment=cast.operator, last_day=date(2026, 9, 1), by=cast.a.leader)
    attempt(client)
    with clock.at(date(2026, 9, 2)):
        answer = client.get("/")
    assert answer.status_code == 403
    assert "您现在没有在任的职责" in answer.content.decode()
    assert "退出登录" in answer.content.decode()


# --- staying signed in ----------------------------------------------------------------------------


def back_in_time(client: Client, key: str, seconds: int) -> None:
    session = client.session
    session[key] -= seconds
    session.save()


def test_a_session_left_alone_ends(cast: Cast, client: Client) -> None:
    attempt(client)
    assert client.get("/").status_code == 200
    back_in_time(client, SEEN, IDLE_SECONDS + 5)
    assert client.get("/")["Location"] == f"{LOGIN}?next=/"
    assert "_auth_user_id" not in client.session


def test_a_session_in_use_goes_on_but_not_for_ever(cast: Cast, client: Client) -> None:
    attempt(client)
    back_in_time(client, SEEN, TOUCH_SECONDS + 5)
    old = client.session[SEEN]
    assert client.get("/").status_code == 200
    assert client.session[SEEN] > old
    back_in_time(client, ENTERED, 8 * 60 * 60 + 5)
    assert client.get("/").status_code == 302


# --- the own password -----------------------------------------------------------------------------


def change(client: Client, old: str, new: str) -> Any:
    return client.post(
        "/accounts/password/", {"old_password": old, "new_password1": new, "new_password2": new}
    )


def test_a_one_time_password_opens_nothing_but_the_change_page(cast: Cast, client: Client) -> None:
    reset = actions.reset_password(appointment=cast.operator, by=cast.admin)
    attempt(client, reset.password)
    assert client.get("/")["Location"] == "/accounts/password/"
    assert client.post("/office/messages/")["Location"] == "/accounts/password/"
    assert client.get("/accounts/password/").status_code == 200
    answer = change(client, reset.password, "lovely-spring-9")
    assert answer["Location"] == "/accounts/password/done/"
    assert "从下次登录起使用新密码" in client.get(answer["Location"]).content.decode()
    assert client.get("/").status_code == 200
    assert account(cast).password_changed_on == date(2026, 9, 1)
    with acting_for(cast.school):
        event = Event.objects.for_organisation(cast.school.pk).first()
    assert event is not None
    assert event.verb == "account.choose_password"


def test_a_new_password_ends_the_accounts_other_sessions(cast: Cast, client: Client) -> None:
    elsewhere = Client()
    attempt(client)
    attempt(elsewhere)
    assert elsewhere.get("/").status_code == 200
    change(client, PASSWORD, "lovely-spring-9")
    assert client.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_an_old_password_must_be_changed_except_in_a_demonstration(
    cast: Cast, client: Client, settings: Any
) -> None:
    Account.objects.update(password_changed_on=date(2026, 9, 1) - timedelta(days=91))
    attempt(client)
    assert client.get("/")["Location"] == "/accounts/password/"
    settings.REPLAY = True
    Account.objects.update(password_changed_on=date(2026, 9, 1))
    assert client.get("/").status_code == 200
    Account.objects.update(password_changed_on=NOT_CHOSEN)
    assert client.get("/")["Location"] == "/accounts/password/"
    clock.set_shift(timedelta(0))


def test_a_password_too_simple_is_refused_in_chinese(cast: Cast, client: Client) -> None:
    attempt(client)
    text = change(client, PASSWORD, "12345").content.decode()
    assert "密码" in text
    assert account(cast).check_password(PASSWORD)


def wrong_from(client: Client, address: str) -> int:
    """The answer to a wrong password, as the proxy at 10.0.0.9 passes it on."""
    wrong = {"username": "operator-a", "password": "wrong"}
    answer = client.post(
        LOGIN, wrong, REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": f"203.0.113.1, {address}"}
    )
    return int(answer.status_code)


@pytest.mark.parametrize(("behind_proxy", "elsewhere"), [(True, 200), (False, 429)])
def test_wrong_passwords_lock_the_address_that_the_proxy_saw(
    cast: Cast, client: Client, settings: Any, behind_proxy: bool, elsewhere: int
) -> None:
    # Not behind a proxy the header is anybody's claim, and all come from one address.
    settings.BEHIND_PROXY = behind_proxy
    for _ in range(5):
        wrong_from(client, "198.51.100.7")
    assert wrong_from(client, "198.51.100.7") == 429
    assert wrong_from(client, "198.51.100.8") == elsewhere


# --- offices and the clock ------------------------------------------------------------------------


def test_one_acts_in_another_of_ones_own_offices_only(cast: Cast, sign_in: Any) -> None:
    second = actions.appoint(
        person=cast.operator.person,
        organisation=cast.school,
        role=Role.HEAD_TEACHER,
        since=date(2026, 9, 1),
        by=cast.a.leader,
    )
    client = sign_in(cast.operator)
    assert appointment_of(client.get("/")) == cast.operator
    client.post("/accounts/appointment/", {"appointment": second.pk})
    assert appointment_of(client.get("/")) == second
    for foreign in (cast.reviewer.pk, "x", ""):
        page = client.post("/accounts/appointment/", {"appointment": foreign}, follow=True)
        assert page.wsgi_request.appointment == second
        assert "身份没有换" in page.content.decode()


def appointment_of(page: Any) -> Any:
    """By which office the page was asked for."""
    return page.wsgi_request.appointment


def test_an_office_that_ended_is_not_silently_replaced_by_another(
    cast: Cast, client: Client
) -> None:
    second = actions.appoint(
        person=cast.operator.person,
        organisation=cast.school,
        role=Role.HEAD_TEACHER,
        since=date(2026, 9, 1),
        by=cast.a.leader,
    )
    attempt(client)
    assert appointment_of(client.get("/")) == cast.operator
    with acting_for(cast.school):
        actions.dismiss(appointment=cast.operator, last_day=date(2026, 9, 1), by=cast.a.leader)
    with clock.at(clock.office_opens(date(2026, 9, 2))):
        page = client.get("/")
        assert page.status_code == 403
        assert appointment_of(page) is None
        assert "刚才使用的身份任期已经结束" in page.content.decode()
        client.post("/accounts/appointment/", {"appointment": second.pk})
        assert appointment_of(client.get("/")) == second


def test_the_clock_moves_only_in_a_demonstration(cast: Cast, sign_in: Any, settings: Any) -> None:
    client = sign_in(cast.operator)
    assert client.post("/clock/", {"action": "next"}).status_code == 404
    settings.REPLAY = True
    try:
        moved = client.post(
            "/clock/", {"action": "set", "date": "2026-11-27", "next": "/settings/calendar/"}
        )
        assert moved["Location"] == "/settings/calendar/"
        away = client.post("/clock/", {"action": "next", "next": "https://example.invalid/"})
        assert away["Location"] == "/"
        page = client.post("/clock/", {"action": "set", "date": "gestern"}, follow=True)
        assert "日期没有改动" in page.content.decode()
    finally:
        clock.set_shift(timedelta(0))


# --- the frame ------------------------------------------------------------------------------------


def test_every_place_of_the_menu_has_an_icon() -> None:
    for place in PLACES:
        assert drawn(place.icon, 16, "").startswith("<svg")


def test_the_frame_shows_whose_desk_it_is(cast: Cast, sign_in: Any) -> None:
    text = sign_in(cast.operator).get("/").content.decode()
    for words in ("示范第一高级中学", "9月1日 星期二", "第1周", "2026—2027学年第一学期"):
        assert words in text
    assert text.count('aria-current="page"') == 1


@pytest.mark.parametrize("url", ["/settings/people/", "/settings/calendar/", "/settings/audit/"])
def test_the_menu_marks_where_one_is(cast: Cast, sign_in: Any, url: str) -> None:
    text = sign_in(cast.a.leader).get(url).content.decode()
    assert f'<a href="{url}" aria-current="page">' in text


def test_pages_of_errors_name_nothing_technical(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    missing = client.get("/nowhere/")
    assert missing.status_code == 404
    assert "没有找到这个页面" in missing.content.decode()
    forbidden = client.get("/overview/")
    assert forbidden.status_code == 403
    assert "不归您现在的身份办理" in forbidden.content.decode()


def test_health_answers_anybody(client: Client, db: None) -> None:
    assert client.get("/health/").json() == {"ok": True}
