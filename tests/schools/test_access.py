"""Who may enter: signed in, in a declared role, with a declared method."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from schools.access import Access, public, requires
from schools.roles import OFFICE, Role


@requires(OFFICE, Role.HEAD_TEACHER, methods="GET POST")
def page(request: Any, number: int = 0) -> HttpResponse:
    return HttpResponse(f"in {number}")


@requires(OFFICE, methods="POST")
def sent_only(request: HttpRequest) -> HttpResponse:
    return HttpResponse("sent")


@public()
def notice(request: HttpRequest) -> HttpResponse:
    return HttpResponse("read")


def ask(method: str, role: str | None, *, signed_in: bool = True) -> Any:
    request = RequestFactory().generic(method, "/somewhere/?a=1")
    request.user = (
        SimpleNamespace(is_authenticated=True) if signed_in else AnonymousUser()  # type: ignore[assignment]
    )
    request.appointment = SimpleNamespace(role=role) if role else None  # type: ignore[attr-defined]
    return request


def test_the_declaration_can_be_read_from_the_view() -> None:
    assert page.access == Access(  # type: ignore[attr-defined]
        frozenset({*map(str, OFFICE), "head_teacher"}), methods=("GET", "POST")
    )
    assert notice.access.public  # type: ignore[attr-defined]


def test_signed_out_leads_to_the_sign_in_page_and_back() -> None:
    answer = page(ask("GET", None, signed_in=False))
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/somewhere/%3Fa%3D1"


@pytest.mark.parametrize(
    ("came_from", "next_page"),
    [
        ("http://testserver/students/7/?tab=1", "/students/7/%3Ftab%3D1"),
        ("http://testserver/students/7/", "/students/7/"),
        ("http://elsewhere.invalid/students/7/", "/"),
        ("", "/"),
    ],
)
def test_a_form_sent_signed_out_leads_back_to_its_page(came_from: str, next_page: str) -> None:
    request = ask("POST", None, signed_in=False)
    request.META["HTTP_REFERER"] = came_from
    answer = page(request)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={next_page}"


def test_an_address_that_only_takes_forms_says_so() -> None:
    answer = sent_only(ask("GET", Role.OPERATOR))
    assert answer.status_code == 405
    assert "不能直接打开" in answer.content.decode()


@pytest.mark.parametrize("role", [None, *sorted(set(Role) - OFFICE - {Role.HEAD_TEACHER})])
def test_other_roles_may_not_enter(role: str | None) -> None:
    with pytest.raises(PermissionDenied):
        page(ask("GET", role))


@pytest.mark.parametrize("role", [*sorted(OFFICE), Role.HEAD_TEACHER])
def test_declared_roles_enter_with_declared_methods(role: Role) -> None:
    assert page(ask("GET", role), 3).content == b"in 3"
    assert page(ask("POST", role)).status_code == 200
    assert page(ask("HEAD", role)).status_code == 200
    assert page(ask("DELETE", role)).status_code == 405
    assert page(ask("PUT", role)).status_code == 405


def test_who_may_not_enter_is_not_told_which_methods_exist() -> None:
    with pytest.raises(PermissionDenied):
        page(ask("DELETE", Role.ADMIN))


def test_a_public_page_asks_for_nobody_but_keeps_to_its_methods() -> None:
    assert notice(ask("GET", None, signed_in=False)).content == b"read"
    assert notice(ask("POST", None, signed_in=False)).status_code == 405
