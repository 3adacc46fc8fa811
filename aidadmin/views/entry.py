"""Signing in, the own password, whose office one acts in, the demonstration's clock."""

from datetime import date, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.db import connection
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme

from aidadmin.forms import SignInForm
from aidadmin.middleware import begin_session
from schools import actions, almanac, clock, workdays
from schools.access import Access, StaffRequest, View, public, requires
from schools.middleware import SESSION_KEY
from schools.models import Account, Appointment
from schools.official import calendar
from schools.roles import Role
from schools.rules import NOT_CHOSEN, must_choose_password

EVERYONE = frozenset(Role)


class SignIn(LoginView):
    """Signing in; a signed-in person goes to the desk."""

    access = Access(frozenset(), public=True, methods=("GET", "POST"))
    redirect_authenticated_user = True
    form_class = SignInForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in; the session's key is new, and it ends when nobody works any more."""
        response = super().form_valid(form)
        begin_session(self.request.session)
        first = Appointment.objects.valid_on(clock.today()).filter(
            person_id=form.get_user().person_id
        )
        if (office := first.order_by("pk").first()) is not None:
            self.request.session[SESSION_KEY] = office.pk
        return response


class _ChangePassword(PasswordChangeView):
    success_url = reverse_lazy("password_change_done")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Why a new password is owed, where one is."""
        account = cast(Account, self.request.user)
        given = account.password_changed_on == NOT_CHOSEN
        owed = must_choose_password(account, clock.today(), ages=not settings.REPLAY)
        return super().get_context_data(given=given, aged=owed and not given, **context)

    def form_valid(self, form: Form) -> HttpResponse:
        changed = actions.choose_password(
            account=cast(Account, self.request.user),
            password=form.cleaned_data["new_password1"],
            by=self.request.appointment,  # type: ignore[attr-defined]
        )
        # Other sessions of the account end; this one gets a new key.
        update_session_auth_hash(self.request, changed)
        return redirect(self.get_success_url())


change_password = requires(EVERYONE, methods="GET POST")(cast(View, _ChangePassword.as_view()))


@requires(EVERYONE)
def password_changed(request: StaffRequest) -> HttpResponse:
    """Says that the new password counts."""
    return render(request, "registration/password_change_done.html")


@requires(EVERYONE, methods="POST", unappointed=True)
def choose_appointment(request: StaffRequest) -> HttpResponse:
    """Act in another of one's own offices."""
    chosen = request.POST.get("appointment", "")
    if any(str(a.pk) == chosen for a in request.appointments):
        request.session[SESSION_KEY] = int(chosen)
    else:
        messages.error(request, "身份没有换：这不是您现在的任职，可能任期已经结束。")
    return redirect("desk")


@requires(EVERYONE, methods="POST")
def move_clock(request: StaffRequest) -> HttpResponse:
    """Move the demonstration's business date: `action` next (working day) or set (`date`)."""
    if not settings.REPLAY:
        raise Http404
    try:
        to = (
            date.fromisoformat(request.POST.get("date", ""))
            if request.POST.get("action") == "set"
            else _next_working_day()
        )
        almanac.move_clock(to=to)
    except (ValueError, OverflowError):
        messages.error(request, "日期没有改动：请用日历选一天。")
    else:
        messages.success(request, f"演示日期已到{to.month}月{to.day}日。")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else "desk")


def _next_working_day() -> date:
    return workdays.next_working_day(calendar(), clock.today() + timedelta(days=1))


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
