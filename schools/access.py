"""May you enter: one decorator per view; its declaration is what the URL sweep checks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from schools.models import Appointment, Organisation, School
from schools.roles import Role

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may enter a view: the roles, or anybody signed in, or the public."""

    roles: frozenset[str]
    public: bool = False
    methods: tuple[str, ...] = ("GET",)


class StaffRequest(HttpRequest):
    """A request behind `requires`: someone is signed in and acts for an organisation."""

    appointment: Appointment
    appointments: list[Appointment]
    organisation: Organisation
    school: School


def requires(
    *roles: Role | frozenset[Role], methods: str = "GET", unappointed: bool = False
) -> Callable[[View], View]:
    """Let in only people who act in one of `roles`; others get the sign-in page or 403.

    With `unappointed` also whoever is signed in and acts in no office at the moment.
    """
    wanted: set[str] = set()
    for role in roles:
        wanted |= {str(r) for r in role} if isinstance(role, frozenset) else {str(role)}
    access = Access(frozenset(wanted), methods=tuple(methods.split()))

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(after_sign_in(request))
            appointment = getattr(request, "appointment", None)
            if appointment is None:
                if not unappointed:
                    raise PermissionDenied
            elif appointment.role not in access.roles:
                raise PermissionDenied
            if request.method not in (*access.methods, "HEAD", "OPTIONS"):
                return _only_sent()
            return view(cast(StaffRequest, request), *args, **kwargs)

        guarded.access = access  # type: ignore[attr-defined]
        return guarded

    return decorate


def after_sign_in(request: HttpRequest) -> str:
    """Where to go on: this page, or the page whose form was sent when the session had run out."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = request.META.get("HTTP_REFERER", "")
    here = request.get_host()
    if not url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={here}, require_https=request.is_secure()
    ):
        return "/"
    page = urlsplit(came_from)
    return f"{page.path}?{page.query}" if page.query else page.path


def _only_sent() -> HttpResponse:
    # Who reloads an address that only takes forms gets words and a way back.
    return HttpResponse(render_to_string("405.html"), status=405)


def public(*, methods: str = "GET") -> Callable[[View], View]:
    """Declare a view that needs no sign-in."""
    access = Access(frozenset(), public=True, methods=tuple(methods.split()))

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in (*access.methods, "HEAD", "OPTIONS"):
                return _only_sent()
            return view(request, *args, **kwargs)

        opened.access = access  # type: ignore[attr-defined]
        return opened

    return decorate
