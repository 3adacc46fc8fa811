"""The log names no person: planted texts in messages, paths, queries and values stay out."""

import io
import logging
import socket
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import resolve

from aidadmin.logs import QuietFormatter
from audit import refusal

CANARY = "990101200905061234"


@pytest.fixture
def written() -> Any:
    """Everything that the root handler would write."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(QuietFormatter("%(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    yield out
    root.removeHandler(handler)


def fail(number: str) -> None:
    raise ValueError(f"row of {number}")


def test_an_exception_is_told_by_type_and_place(written: io.StringIO) -> None:
    try:
        fail(CANARY)
    except ValueError:
        logging.getLogger("x").exception("it failed")
    text = written.getvalue()
    assert "ValueError" in text
    assert "test_logs.py" in text
    assert CANARY not in text


def test_a_request_is_told_by_its_route(written: io.StringIO) -> None:
    request = RequestFactory().get(f"/review/notices/{CANARY}/?q={CANARY}")
    request.resolver_match = resolve("/review/notices/abc/")
    logging.getLogger("django.request").warning(
        "Gone: %s", request.path, extra={"request": request, "status_code": 410}
    )
    text = written.getvalue()
    assert "410 GET review/notices/<" in text
    assert CANARY not in text


def test_the_development_servers_record_holds_a_socket(written: io.StringIO) -> None:
    with socket.socket() as connection:
        logging.getLogger("django.server").warning(
            '"%s" %s %s',
            f"GET /students/?q={CANARY} HTTP/1.1",
            "404",
            "77",
            extra={"request": connection, "server_time": "now"},
        )
    text = written.getvalue()
    assert "WARNING django.server - - (no route)" in text
    assert CANARY not in text


def test_a_page_that_breaks_logs_no_value(
    db: None, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("aidadmin.views.entry.connection.cursor", lambda: fail(CANARY))
        response = Client(raise_request_exception=False).get(f"/health/?q={CANARY}")
    assert response.status_code == 500
    assert "ValueError" in written.getvalue()
    assert CANARY not in written.getvalue()


def test_structured_lines_keep_the_type_only(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger("x").error("job_failed", exc_info=refusal.Refused([CANARY]), job=7)
    out = capsys.readouterr().out
    assert '"job": 7' in out
    assert "Refused" in out
    assert CANARY not in out


def test_the_plain_formatter_would_have_told(written: io.StringIO) -> None:
    # Negative control.
    loud = io.StringIO()
    handler = logging.StreamHandler(loud)
    logging.getLogger().addHandler(handler)
    try:
        fail(CANARY)
    except ValueError:
        logging.getLogger("x").exception("it failed")
    finally:
        logging.getLogger().removeHandler(handler)
    assert CANARY in loud.getvalue()
    handlers: Any = settings.LOGGING["handlers"]
    assert handlers["console"]["formatter"] == "quiet"
