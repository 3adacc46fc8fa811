"""审计查询: what happened in one's own organisation, and whether the chain still holds."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from aidadmin.floors import TRAIL_READERS
from audit.models import Event
from audit.verify import broken_links
from office.asked import key_of
from schools.access import StaffRequest, requires
from schools.clock import CHINA
from schools.roles import Role

PAGE = 50
ROLES = {**dict(Role.choices), "system": "系统"}
DAYS = (("从", "since"), ("到", "until"))


class _Line:
    """One event as the page shows it."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.role_label = ROLES.get(event.role, event.role)
        self.lines = [
            ("动作", event.verb),
            ("对象", f"{event.subject} {event.subject_id or ''}"),
            *((key, str(value)) for key, value in event.facts.items()),
            ("指纹", event.digest[:16]),
        ]


@requires(TRAIL_READERS)
def audit(request: StaffRequest) -> HttpResponse:
    """Events of the own organisation, searched; `verify=1` recomputes the whole chain."""
    organisation_id = request.organisation.pk
    events = _search(Event.objects.for_organisation(organisation_id), request)
    page = Paginator(events, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "lines": [_Line(event) for event in page],
        "roles": list(ROLES.items()),
        "q": request.GET.get("q", ""),
        "applied": _applied(request),
    }
    if request.GET.get("verify"):
        context["checked"] = True
        context["breaks"] = list(broken_links(organisation_id))[:20]
        context["recorded"] = Event.objects.for_organisation(organisation_id).count()
    return render(request, "aidadmin/audit.html", context)


def _search(events: QuerySet[Event], request: StaffRequest) -> QuerySet[Event]:
    if q := request.GET.get("q", "").replace("\x00", "").strip():
        found = Q(label__contains=q) | Q(person_name__contains=q) | Q(reason__contains=q)
        if (seq := key_of(q.lstrip("#"))) is not None:
            found |= Q(seq=seq)
        events = events.filter(found)
    if (role := request.GET.get("role")) in ROLES:
        events = events.filter(role=role)
    if first := _day(request.GET.get("since", "")):
        events = events.filter(at__gte=_midnight(first))
    if last := _day(request.GET.get("until", "")):
        events = events.filter(at__lt=_midnight(last + timedelta(days=1)))
    return events


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _applied(request: StaffRequest) -> list[dict[str, str]]:
    asked = {key: request.GET.get(key, "") for key in ("q", "role", "since", "until")}
    shown = (
        ("查找", "q", asked["q"].strip()),
        ("身份", "role", str(ROLES.get(asked["role"], ""))),
        *((label, key, asked[key]) for label, key in DAYS if _day(asked[key])),
    )
    return [
        {"label": label, "key": key, "raw": asked[key], "value": value}
        for label, key, value in shown
        if value
    ]
