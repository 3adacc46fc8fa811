"""The top floor's pages: the desk, signing in, whose office one acts in, the demonstration's clock."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme

from aidadmin.floors import anomalies, todos
from schools import actions, clock, workdays
from schools.access import Access, StaffRequest, public, requires
from schools.middleware import SESSION_KEY
from schools.official import calendar, current_term
from schools.roles import Role

EVERYONE = frozenset(Role)


@requires(EVERYONE)
def desk(request: StaffRequest) -> HttpResponse:
    """工作台: what this person must do now, soonest deadline first."""
    return render(
        request,
        "desk.html",
        {
            "todos": todos(request.appointment),
            "anomalies": anomalies(request.appointment),
            "term": current_term(),
        },
    )


class SignIn(LoginView):
    """Signing in; a signed-in person goes to the desk."""

    access = Access(frozenset(), public=True, methods=("GET", "POST"))
    redirect_authenticated_user = True


class ChangePassword(PasswordChangeView):
    """A new password; the old one is asked for."""

    access = Access(EVERYONE, methods=("GET", "POST"))
    success_url = reverse_lazy("desk")


@requires(EVERYONE, methods="POST")
def choose_appointment(request: StaffRequest) -> HttpResponse:
    """Act in another of one's own offices."""
    chosen = request.POST.get("appointment", "")
    if not any(str(a.pk) == chosen for a in request.appointments):
        raise Http404
    request.session[SESSION_KEY] = int(chosen)
    return redirect("desk")


@requires(EVERYONE, methods="POST")
def move_clock(request: StaffRequest) -> HttpResponse:
    """Move the demonstration's business date: to a chosen day or the next working day."""
    if not settings.REPLAY:
        raise Http404
    chosen = request.POST.get("date", "")
    try:
        to = date.fromisoformat(chosen) if chosen else _next_working_day()
    except ValueError:
        messages.error(request, "日期不对，请用日历选择。")
    else:
        actions.move_clock(to=to)
        messages.success(request, f"演示日期已到{to.month}月{to.day}日。")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else "desk")


def _next_working_day() -> date:
    day = clock.today() + timedelta(days=1)
    while not workdays.is_working(calendar(), day):
        day += timedelta(days=1)
    return day


@public()
def health(request: HttpRequest) -> HttpResponse:
    """Whether web and database answer; read by the proxy and the launcher."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})


@public()
def styles(request: HttpRequest) -> HttpResponse:
    """The living page of parts (DEBUG only)."""
    return render(request, "styles.html")
