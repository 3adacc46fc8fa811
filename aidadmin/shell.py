"""What every page's frame shows: the menu of this role, today, the term, who acts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch

from aidadmin.floors import PLACES, todos
from office.addresses import address
from office.desk import Todo
from office.models import Message
from office.remembered import remembered
from schools import clock
from schools.models import Appointment
from schools.official import current_term
from schools.roles import OFFICE, Role

SEARCHERS = OFFICE | {Role.HEAD_TEACHER}


@dataclass(frozen=True, slots=True)
class Frame:
    """What is asked for the frame: to-dos by place of the menu, unread messages, the time.

    `term` is empty where none is known, `week` None outside the term.
    """

    counts: Mapping[str, int]
    unread: int
    term: str
    week: int | None


def shell(request: HttpRequest) -> dict[str, Any]:
    """The frame's values; empty where nobody is signed in."""
    appointment: Appointment | None = getattr(request, "appointment", None)
    if appointment is None:
        return {"shell": {"product": "学生资助"}}
    frame = frame_of(request, appointment)
    return {
        "shell": {
            "product": "学生资助",
            "organisation_name": appointment.organisation.name,
            "nav": _menu(request, appointment, frame.counts),
            "today": clock.today(),
            "week": frame.week,
            "term_label": frame.term,
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
            "unread": frame.unread,
            "replay": settings.REPLAY,
            "search_url": _address("students:roster") if appointment.role in SEARCHERS else "",
            "find_url": _address("students:find") if appointment.role in SEARCHERS else "",
        }
    }


def todos_of(request: HttpRequest, appointment: Appointment) -> list[Todo]:
    """The person's to-dos, asked once per request: the menu counts them and the desk lists them."""
    found: list[Todo] | None = getattr(request, "found_todos", None)
    if found is None:
        found = todos(appointment)
        request.found_todos = found  # type: ignore[attr-defined]
    return found


def _address(name: str) -> str:
    try:
        return address(name)
    except NoReverseMatch:
        return ""


def frame_of(request: HttpRequest, appointment: Appointment) -> Frame:
    """What waits for this person, and which term and week it is.

    Asking every floor costs more than most pages do, so it is remembered (`office.remembered`). A
    page that asked for the to-dos anyway renews it.
    """

    def ask() -> Frame:
        counts = Counter(todo.place for todo in todos_of(request, appointment))
        today, term = clock.today(), current_term()
        in_term = term is not None and term.starts_on <= today <= term.ends_on
        return Frame(
            counts=dict(counts),
            unread=_unread(appointment),
            term=str(term) if term else "",
            week=_week(term.starts_on, today) if term and in_term else None,
        )

    return remembered(request, appointment, "frame", ask, anew=hasattr(request, "found_todos"))


def _unread(appointment: Appointment) -> int:
    mine = Message.objects.for_organisation(appointment.organisation)
    return mine.filter(person_id=appointment.person_id, read_at=None).count()


def _week(starts_on: date, today: date) -> int:
    # Weeks of school run from Monday to Sunday, whatever day the term began on.
    return ((today - starts_on).days + starts_on.weekday()) // 7 + 1


def _menu(
    request: HttpRequest, appointment: Appointment, counts: Mapping[str, int]
) -> list[dict[str, Any]]:
    places = [(p, address(p.url_name)) for p in PLACES if appointment.role in p.roles]
    # An address may lie under another one (批次 under 申请): the longest is where we are.
    here = max(
        (url for _, url in places if url != "/" and request.path.startswith(url)),
        key=len,
        default=request.path,
    )
    groups: dict[str, list[dict[str, Any]]] = {}
    for place, url in places:
        groups.setdefault(place.group, []).append(
            {
                "label": place.label,
                "url": url,
                "icon": place.icon,
                "current": url == here,
                "count": counts.get(place.url_name, 0),
            }
        )
    return [{"label": label, "items": items} for label, items in groups.items()]
