"""Asking for the pages of this app."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from schools.scope import current
from schools.tenancy import set_scope


def get(client: Client, name: str, *args: Any, **query: str) -> str:
    """The page, which must be there."""
    answer = ask(client.get, reverse(f"disbursement:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def post(client: Client, name: str, *args: Any, **values: Any) -> Any:
    """The answer to a button."""
    return ask(client.post, reverse(f"disbursement:{name}", args=args), values)


def ask(method: Callable[..., Any], url: str, values: dict[str, Any] | None = None) -> Any:
    """A request ends with nobody acting; the test goes on for the school it acted for."""
    before = current()
    answer = method(url, values or {})
    set_scope(before)
    return answer


def plain(page: str) -> str:
    """The page without the marks that keep figures together."""
    return page.replace('<span class="nb">', "").replace("</span>", "").replace("<em>", "")
