"""What a person reads when a request breaks off outside of every view."""

from typing import Any

import psycopg2
import pytest
from django.contrib.sessions.models import Session
from django.db import DataError, OperationalError
from django.test import Client

from tests.cast import Cast

DOOR = "/accounts/appointment/"
LOGIN = "/accounts/login/"
CAME_FROM = "http://testserver/settings/calendar/?page=2"


def send(client: Client, **more: str) -> Any:
    """The answer to a form after which the sender's session is written."""
    client.raise_request_exception = False
    return client.post(DOOR, {"appointment": "0"} | more, headers={"referer": CAME_FROM})


def lose(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    """The server falls when all is done but the session; what Django makes of the driver's word."""

    def die(*args: Any, **kwargs: Any) -> None:
        raise error("terminating connection") from psycopg2.OperationalError()

    monkeypatch.setattr(Session, "save", die)


@pytest.mark.parametrize("error", [OperationalError, DataError])
def test_a_database_lost_before_the_session_is_saved_is_the_systems_fault(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """Django takes every error there for a session that its owner ended, and blames the request."""
    client = sign_in(cast.operator)
    lose(monkeypatch, error)
    answer = send(client)
    assert answer.status_code == 500
    assert "系统出错了" in answer.content.decode()


def test_the_page_of_our_own_faults_promises_nothing_that_may_not_be_so(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the form asked for was saved; only the answer is still owed."""
    client = sign_in(cast.operator)
    lose(monkeypatch, OperationalError)
    text = send(client).content.decode()
    assert "可能没有保存" in text
    assert "没有完成" not in text


def test_who_signed_out_meanwhile_is_asked_to_sign_in_and_led_back(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Session.save

    def too_late(self: Session, *args: Any, **kwargs: Any) -> None:
        Session.objects.filter(pk=self.pk).delete()
        save(self, *args, **kwargs)

    client = sign_in(cast.operator)
    monkeypatch.setattr(Session, "save", too_late)
    answer = send(client)
    assert answer.status_code == 302
    assert answer["Location"] == f"{LOGIN}?next=/settings/calendar/%3Fpage%3D2"


def test_a_form_that_is_too_long_is_refused_in_words(
    cast: Cast, sign_in: Any, settings: Any
) -> None:
    client = sign_in(cast.operator)
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1
    answer = send(client, more="0")
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "没有提交" in text
    assert "Bad Request" not in text
