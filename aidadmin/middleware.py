"""What the top floor does around every request: refusals as pages, sessions that end, passwords."""

import re
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from audit.refusal import Refused
from office.remembered import ACTED
from schools import clock
from schools.models import Account
from schools.rules import must_choose_password

# Classified protection asks that an unattended desk signs itself out; two hours cover a meeting.
IDLE_SECONDS = 2 * 60 * 60
# How often a working session says that it is alive.
TOUCH_SECONDS = 5 * 60
ENTERED, SEEN = "entered", "seen"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Where one may go before choosing a password.
BEFORE_CHOOSING = frozenset({"password_change", "password_change_done", "logout", "login"})


class ProxyMiddleware:
    """Behind our own proxy, the visitor's address is the one that the proxy has seen.

    Without it every visitor would share one address, and five wrong passwords of a stranger
    would lock the account's owner out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put the proxy's word in `REMOTE_ADDR`; a header is believed nowhere else."""
        seen = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
        if settings.BEHIND_PROXY and seen:
            request.META["REMOTE_ADDR"] = seen
        return self.get_response(request)


class PlainTextMiddleware:
    """What no column can hold, or what shows a text otherwise than it is, does not come in.

    NUL ends a query in an error; other control characters break workbooks and PDFs; marks of
    direction let a name read backwards on a notice.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Take them out of the address's query; an address with one in its path is nothing."""
        if "\x00" in request.path:
            raise Http404
        request.GET = plain(request.GET)  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> None:
        """Take them out of the form, which by now has passed the check of its origin."""
        if request.method == "POST":
            request.POST = plain(request.POST)  # type: ignore[assignment]


def plain(told: QueryDict) -> QueryDict:
    """The same without control characters (tabs and line ends stay) and marks of direction."""
    if not any(UNSEEN.search(text) for values in told.lists() for text in values[1]):
        return told
    cleaned = QueryDict(mutable=True, encoding=told.encoding)
    for name, values in told.lists():
        cleaned.setlist(name, [UNSEEN.sub("", text) for text in values])
    cleaned._mutable = False
    return cleaned


class RefusalMiddleware:
    """409 with all reasons for `Refused`; refuses old sessions and passwords that must change."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Sign out a session that was left alone too long; note when the other ones act."""
        keep_session(request)
        response = self.get_response(request)
        if request.method not in READING and request.user.is_authenticated:
            request.session[ACTED] = clock.real_now().timestamp()
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Whoever got the password from somebody else chooses an own one first."""
        account = request.user
        if not isinstance(account, Account) or request.resolver_match is None:
            return None
        if request.resolver_match.view_name in BEFORE_CHOOSING:
            return None
        # Without an office there is nothing to protect and nobody to act as.
        if getattr(request, "appointment", None) is None:
            return None
        if must_choose_password(account, clock.today(), ages=not settings.REPLAY):
            return redirect("password_change")
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of reasons, or nothing for other exceptions."""
        if isinstance(exception, Refused):
            return render(request, "refused.html", {"reasons": exception.reasons}, status=409)
        return None


def begin_session(session: SessionBase) -> None:
    """Note when a person signed in; from now on the session can run out."""
    now = int(clock.real_now().timestamp())
    session[ENTERED] = session[SEEN] = now


def keep_session(request: HttpRequest) -> None:
    """End a session left alone for `IDLE_SECONDS` or as old as its cookie; else note it lives."""
    entered, seen = request.session.get(ENTERED), request.session.get(SEEN)
    if entered is None or seen is None:
        return
    now = int(clock.real_now().timestamp())
    if now - seen > IDLE_SECONDS or now - entered > settings.SESSION_COOKIE_AGE:
        logout(request)
        request.appointment = None  # type: ignore[attr-defined]
    elif now - seen > TOUCH_SECONDS:
        request.session[SEEN] = now
