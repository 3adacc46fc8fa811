"""Who acts in this request, for which organisation, and at what business time."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from schools import clock
from schools.models import Account, Appointment, ClockShift
from schools.tenancy import set_scope

Next = Callable[[HttpRequest], HttpResponse]
SESSION_KEY = "appointment"


class ClockMiddleware:
    """Moves business time for a demonstration; does nothing anywhere else."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the shift for this request."""
        if settings.REPLAY:
            clock.set_shift(ClockShift.current())
        return self.get_response(request)


class ScopeMiddleware:
    """Sets `request.appointment`, `.organisation` and `.school`, and the database's scope.

    The scope is emptied after every response, so a pooled connection never carries it on.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find the appointment, act for its organisation, then for nobody."""
        appointment = _appointment(request)
        request.appointment = appointment  # type: ignore[attr-defined]
        organisation = appointment.organisation if appointment else None
        request.organisation = organisation  # type: ignore[attr-defined]
        request.school = (  # type: ignore[attr-defined]
            getattr(organisation, "school", None)
            if organisation and organisation.is_school
            else None
        )
        set_scope(organisation.pk if organisation else None)
        try:
            return self.get_response(request)
        finally:
            set_scope(None)


def _appointment(request: HttpRequest) -> Appointment | None:
    account = request.user
    if not isinstance(account, Account):
        return None
    valid = (
        Appointment.objects.valid_on(clock.today())
        .filter(person_id=account.person_id)
        .select_related("person", "organisation__school__territory")
        .order_by("pk")
    )
    found = list(valid)
    request.appointments = found  # type: ignore[attr-defined]
    chosen = request.session.get(SESSION_KEY)
    if chosen is None:
        return found[0] if found else None
    # When the chosen one has ended, its holder says which of the others is meant.
    return next((a for a in found if a.pk == chosen), None)
