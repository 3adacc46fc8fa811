"""Reminding schools that are overdue: one message a day to each of their aid officers."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db import transaction

from aidadmin.overview.regional import Standing
from audit.events import Entry, record_many
from office.models import Message
from schools import clock
from schools.models import Appointment, Organisation
from schools.roles import Role

TITLE = "上级提醒：有步骤逾期"


@transaction.atomic
def urge_late(*, standings: Iterable[Standing], today: date, by: Appointment) -> tuple[int, int]:
    """Write to the operators of every overdue school; returns how many now, how many before."""
    # Two officers pressing at once remind each school once.
    Organisation.objects.select_for_update(no_key=True).get(pk=by.organisation_id)
    late = {s.facts.school.pk: s for s in standings if s.worst}
    midnight = datetime.combine(today, time(), clock.CHINA)
    before = set(
        Message.objects.filter(
            organisation_id__in=late, title=TITLE, created_at__gte=midnight
        ).values_list("organisation_id", flat=True)
    )
    officers = (
        Appointment.objects.valid_on(today)
        .filter(organisation_id__in=late.keys() - before, role=Role.OPERATOR)
        .order_by("pk")
    )
    messages = [
        Message(
            organisation_id=a.organisation_id,
            person_id=a.person_id,
            title=TITLE,
            body=_body(late[a.organisation_id], by),
            url="/",
            created_at=clock.now(),
        )
        for a in officers
    ]
    Message.objects.bulk_create(messages, batch_size=500)
    told = {m.organisation_id for m in messages}
    if told:
        entry = Entry(
            "overview.urge", "催办逾期学校", by.organisation, facts={"schools": sorted(told)}
        )
        record_many(by=by, entries=[entry], at=clock.now(), organisation_id=by.organisation_id)
    return len(told), len(before)


def _body(standing: Standing, by: Appointment) -> str:
    lines = [
        f"{c.step.label}逾期{-c.left}个工作日：{c.text}" for c in standing.cells if c.state == "bad"
    ]
    return ("".join(lines) + f"（{by.organisation.name} {by.person.name}）")[:400]
