"""The member's side of a blind vote: the secret becomes a cookie, one page, check, hand in.

No address here names a row: the slip's cookie alone says whose vote it is.
"""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from audit.refusal import Reason, Refused
from review import actions, ballot_reading, balloting
from review.ballot_forms import VoteForm
from review.models import BallotSlip, Choice
from schools.access import public
from schools.scope import acting_for

COOKIE = "slip"
COOKIE_PATH = "/v/"
# Random, and nothing about the phone: how many slips one device has voted.
DEVICE = "device"
DEVICE_BYTES = 15
# A panel sits for an hour or two; the phone need not remember the slip any longer.
COOKIE_SECONDS = 4 * 60 * 60
MemberView = Callable[..., HttpResponse]


def unkept(response: HttpResponse) -> HttpResponse:
    """Nothing of a slip stays in a cache or a search engine."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _message(
    request: HttpRequest, reason: Reason, *, status: int, slip: BallotSlip | None = None
) -> HttpResponse:
    context = {"reason": reason, "slip": slip}
    return unkept(render(request, "review/ballot/message.html", context, status=status))


@public()
def enter(request: HttpRequest, slip_token: str) -> HttpResponse:
    """Keep the secret in a cookie and lead to the page, whose address says nothing."""
    if actions.slip_of(slip_token) is None:
        try:
            actions.miss(request.META.get("REMOTE_ADDR", ""))
        except Refused as refused:
            return _message(request, refused.reasons[0], status=429)
        return _message(
            request, Reason("这张票不能用了", "请班主任重新出示二维码，再扫一次"), status=404
        )
    response = redirect("ballot:slip")
    _remember(response, COOKIE, slip_token)
    _remember(response, DEVICE, request.COOKIES.get(DEVICE) or secrets.token_urlsafe(DEVICE_BYTES))
    return unkept(response)


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_SECONDS,
        path=COOKIE_PATH,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def for_member(view: MemberView) -> MemberView:
    """A page of one slip: without one, a plain word; acts for the slip's school."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        secret = request.COOKIES.get(COOKIE, "")
        slip = actions.slip_of(secret) if secret else None
        if slip is None:
            response = _message(
                request,
                Reason("请扫班主任出示的二维码", "一人一张票，扫码后在这里投票"),
                status=200,
            )
            response.delete_cookie(COOKIE, path=COOKIE_PATH)
            return response
        with acting_for(slip.school_id):
            return unkept(view(request, slip, *args, **kwargs))

    return entered


@public(methods="GET POST")
@for_member
def vote(request: HttpRequest, slip: BallotSlip) -> HttpResponse:
    """The slip: fill in, check, hand in; afterwards only that it is in."""
    over = balloting.why_over(slip.ballot)
    if request.method == "POST" and request.POST.get("do") == "back":
        return _back(request, slip)
    if request.method == "POST" and request.POST.get("do") == "send" and (slip.voted or over):
        return _message(request, (balloting.why_voted(slip) + over)[0], status=409, slip=slip)
    if slip.voted:
        context = {"slip": slip, "over": over, "away": [] if over else _away(slip)}
        return render(request, "review/ballot/voted.html", context)
    if over := over or ballot_reading.why_sitting_out(slip):
        return _message(request, over[0], status=200, slip=slip)
    away = slip.recusals.values_list("ballot_case_id", flat=True)
    form = VoteForm(ballot_reading.cases_of(slip.ballot), away, request.POST or None)
    if request.method != "POST":
        return _page(request, slip, form)
    if request.POST.get("do") == "edit":
        # Back from the check: what was chosen stands there again, and nothing is wrong with it.
        kept = VoteForm(form.rows, form.away, initial=request.POST.dict())
        return _page(request, slip, kept)
    if not form.is_valid():
        return _page(request, slip, form, status=422)
    if request.POST.get("do") != "send":
        return render(request, "review/ballot/check.html", _context(slip, form))
    return _hand_in(request, slip, form)


def _hand_in(request: HttpRequest, slip: BallotSlip, form: VoteForm) -> HttpResponse:
    try:
        actions.hand_in(
            slip=slip,
            choices=form.choices(),
            recused=form.recused(),
            device=request.COOKIES.get(DEVICE, ""),
            signed_in=request.user.is_authenticated,
        )
    except Refused as refused:
        return _message(request, refused.reasons[0], status=409, slip=slip)
    return redirect("ballot:slip")


def _back(request: HttpRequest, slip: BallotSlip) -> HttpResponse:
    """撤回回避, with the vote on this case."""
    rows = {str(row.pk): row for row in ballot_reading.cases_of(slip.ballot)}
    row = rows.get(request.POST.get("ballot_case", ""))
    if row is None:
        return _message(request, Reason("没有这一件", "请刷新页面"), status=404, slip=slip)
    told = {"said": request.POST.get("said", ""), "choice": request.POST.get("choice", "")}
    try:
        actions.vote_after_all(slip=slip, row=row, **told)
    except Refused as refused:
        return _message(request, refused.reasons[0], status=409, slip=slip)
    return redirect("ballot:slip")


def _away(slip: BallotSlip) -> list[dict[str, Any]]:
    """The recusals that this member may take back, each with its choices."""
    found = slip.recusals.select_related("ballot_case__case__application").order_by("pk")
    return [
        {"recusal": one, "code": one.ballot_case.case.code, "choices": Choice.choices}
        for one in found
        if not one.by_chair
    ]


def _context(slip: BallotSlip, form: VoteForm) -> dict[str, Any]:
    return {
        "slip": slip,
        "ballot": slip.ballot,
        "appraisal": slip.ballot.appraisal,
        "form": form,
        "lines": form.lines(),
    }


def _page(
    request: HttpRequest, slip: BallotSlip, form: VoteForm, *, status: int = 200
) -> HttpResponse:
    return render(request, "review/ballot/vote.html", _context(slip, form), status=status)
