"""What every page's frame shows: the menu of this role, today, the term, who acts."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from aidadmin.floors import PLACES, todos
from office.models import Message
from schools import clock
from schools.models import Appointment
from schools.official import current_term


def shell(request: HttpRequest) -> dict[str, Any]:
    """The frame's values; empty where nobody is signed in."""
    appointment: Appointment | None = getattr(request, "appointment", None)
    if appointment is None:
        return {"shell": {"product": "学生资助"}}
    today = clock.today()
    term = current_term()
    week = (today - term.starts_on).days // 7 + 1 if term and today >= term.starts_on else None
    return {
        "shell": {
            "product": "学生资助",
            "organisation_name": appointment.organisation.name,
            "nav": _menu(request, appointment),
            "today": today,
            "week": week,
            "term_label": str(term) if term else "",
            "terms": [],
            "person_name": appointment.person.name,
            "role_label": appointment.get_role_display(),
            "appointments": [
                {
                    "id": a.pk,
                    "label": f"{a.organisation.name} {a.get_role_display()}",
                    "current": a.pk == appointment.pk,
                }
                for a in getattr(request, "appointments", [])
            ],
            "unread": Message.objects.filter(
                organisation_id=appointment.organisation_id,
                person_id=appointment.person_id,
                read_at=None,
            ).count(),
            "replay": settings.REPLAY,
            "search_url": _search_url(appointment),
        }
    }


def _search_url(appointment: Appointment) -> str:
    return reverse("students:roster") if appointment.organisation.is_school else reverse("desk")


def _menu(request: HttpRequest, appointment: Appointment) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for todo in todos(appointment):
        counts[todo.place] = counts.get(todo.place, 0) + 1
    groups: dict[str, list[dict[str, Any]]] = {}
    for place in PLACES:
        if appointment.role not in place.roles:
            continue
        url = reverse(place.url_name)
        groups.setdefault(place.group, []).append(
            {
                "label": place.label,
                "url": url,
                "icon": place.icon,
                "current": request.path == url
                or (url != "/" and request.path.startswith(url)),
                "count": counts.get(place.url_name, 0),
            }
        )
    return [{"label": label, "items": items} for label, items in groups.items()]
