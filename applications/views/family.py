"""The family's side on a phone: named by the letter, five short pages, check, receipt.

No address here names a row of another child: the visit's cookie alone says whose form it is.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from applications import actions
from applications.family_forms import EnterForm
from applications.models import FamilyVisit
from audit.refusal import Refused
from schools.access import public
from schools.scope import acting_for

COOKIE = "family"
COOKIE_PATH = "/f/"
FamilyView = Callable[..., HttpResponse]


def unkept(response: HttpResponse) -> HttpResponse:
    """Nothing of a family's form stays in a cache or a search engine."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def for_family(*, methods: str = "GET", page: str = "") -> Callable[[FamilyView], FamilyView]:
    """A page of one visit: without a live one, back to the entry; acts for the visit's school.

    Who opens the address of a button, by the way back or a kept link, is led to its `page`.
    """

    def decorate(view: FamilyView) -> FamilyView:
        @public(methods=methods)
        @wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            visit = actions.visit_of(request.COOKIES.get(COOKIE, ""))
            if visit is None:
                return _outside(request)
            with acting_for(visit.school_id):
                return unkept(_answer(view, request, visit, *args, **kwargs))

        return _led(entered, page) if page else entered

    return decorate


def _led(view: FamilyView, page: str) -> FamilyView:
    @wraps(view)
    def led(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return unkept(redirect(page))
        return view(request, *args, **kwargs)

    return led


def _answer(
    view: FamilyView, request: HttpRequest, visit: FamilyVisit, *args: Any, **kwargs: Any
) -> HttpResponse:
    try:
        return view(request, visit, *args, **kwargs)
    except Refused as refused:
        context = {"reasons": refused.reasons, "visit": visit}
        return render(request, "applications/family/refused.html", context, status=409)


def _outside(request: HttpRequest) -> HttpResponse:
    url = "/f/?left=1" if COOKIE in request.COOKIES else "/f/"
    response = redirect(url)
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return unkept(response)


@public(methods="GET POST")
def enter(request: HttpRequest, code: str = "") -> HttpResponse:
    """Name the child; every wrong answer is the same, whatever was wrong with it."""
    if request.method == "GET":
        form = EnterForm(initial={"code": code})
        return _entry(request, form, code=code, left="left" in request.GET)
    form = EnterForm(request.POST)
    if not form.is_valid():
        return _entry(request, form, code=code, status=422)
    try:
        token = actions.enter(
            code=form.cleaned_data["code"],
            name=form.cleaned_data["name"],
            tail=form.cleaned_data["tail"],
            address=request.META.get("REMOTE_ADDR", ""),
        )
    except Refused as refused:
        return _entry(request, form, code=code, locked=refused.reasons, status=429)
    if token is None:
        return _entry(request, form, code=code, unknown=True, status=422)
    response = redirect("family:start")
    response.set_cookie(
        COOKIE,
        token,
        path=COOKIE_PATH,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return unkept(response)


def _entry(
    request: HttpRequest, form: EnterForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    return unkept(
        render(request, "applications/family/enter.html", {"form": form, **context}, status=status)
    )


@for_family(methods="POST", page="family:start")
def leave(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """退出: the phone may be somebody else's."""
    actions.leave(visit=visit)
    response = redirect("family:enter")
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response
