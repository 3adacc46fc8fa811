"""Deadlines, reminders and messages; the only writers of what a person is told."""

from datetime import date
from smtplib import SMTPDataError, SMTPRecipientsRefused

import structlog
from django.core.mail import send_mail
from django.db import IntegrityError, transaction

from audit.events import Actor, record
from office.models import Deadline, Message, Reminder
from schools import clock, workdays
from schools.models import Appointment, Organisation, Person
from schools.official import OfficialCalendar, calendar
from schools.roles import Role

log = structlog.get_logger(__name__)
# Reminded so many working days before the last day, and on the day after it (row 2-06: −10/−5/−1).
OFFSETS = (10, 5, 1, 0, -1)


@transaction.atomic
def due(
    *,
    organisation: Organisation,
    key: str,
    title: str,
    due_on: date,
    role: Role,
    by: Actor,
    url: str = "",
    provisional: bool = False,
    person: Person | None = None,
) -> Deadline:
    """Set a deadline, or move it when `key` already has one for the role."""
    deadline, _ = Deadline.objects.update_or_create(
        organisation_id=organisation.pk,
        key=key,
        role=role,
        defaults={
            "title": title,
            "due_on": due_on,
            "url": url,
            "provisional": provisional,
            "person": person,
            "closed_at": None,
        },
    )
    record(
        by=by,
        verb="deadline.due",
        label="设定期限",
        subject=deadline,
        at=clock.now(),
        facts={"key": key, "due_on": due_on.isoformat(), "role": str(role)},
    )
    return deadline


@transaction.atomic
def done_with(*, organisation: Organisation, key: str) -> int:
    """Close the deadlines of `key`; nobody is reminded of them any more."""
    return Deadline.objects.filter(organisation_id=organisation.pk, key=key, closed_at=None).update(
        closed_at=clock.now()
    )


@transaction.atomic
def tell(
    *, organisation: Organisation, person: Person, title: str, body: str = "", url: str = ""
) -> Message:
    """Put a message into a person's inbox."""
    written: Message = Message.objects.create(
        organisation_id=organisation.pk,
        person=person,
        title=title,
        body=body,
        url=url,
        created_at=clock.now(),
    )
    return written


@transaction.atomic
def tell_all(
    *, organisation: Organisation, role: Role, title: str, body: str = "", url: str = ""
) -> int:
    """Put a message into the inbox of everybody who holds a role today; returns how many."""
    holders = _holders(organisation.pk, role)
    for person in holders:
        tell(organisation=organisation, person=person, title=title, body=body, url=url)
    return len(holders)


@transaction.atomic
def read_all(*, by: Appointment) -> int:
    """Mark the inbox as read."""
    return Message.objects.filter(
        organisation_id=by.organisation_id, person_id=by.person_id, read_at=None
    ).update(read_at=clock.now())


def remind(*, organisation: Organisation) -> int:
    """Write every reminder that is due and was not written yet; returns how many.

    Unique per (deadline, person, offset): a beat that was down sends each once, late, and of
    several missed offsets only the nearest one.
    """
    days = calendar()
    written = 0
    open_ones = Deadline.objects.filter(organisation_id=organisation.pk, closed_at=None)
    for deadline in open_ones.select_related("person"):
        offset = _offset(days, deadline)
        if offset is None:
            continue
        for person in _owing(deadline):
            written += _remind_once(deadline, person, offset)
    return written


def _offset(days: OfficialCalendar, deadline: Deadline) -> int | None:
    left = workdays.remaining(days, clock.today(), deadline.due_on)
    reached = [offset for offset in OFFSETS if left <= offset]
    return min(reached) if reached else None


def _owing(deadline: Deadline) -> list[Person]:
    if deadline.person is not None:
        return [deadline.person]
    return _holders(deadline.organisation_id, deadline.role)


def _holders(organisation_id: int, role: str) -> list[Person]:
    holders = Appointment.objects.valid_on(clock.today()).filter(
        organisation_id=organisation_id, role=role
    )
    return [a.person for a in holders.select_related("person").order_by("pk")]


def _remind_once(deadline: Deadline, person: Person, offset: int) -> int:
    known = Reminder.objects.filter(
        deadline=deadline, person=person, workdays_before__lte=offset
    ).exists()
    if known:
        return 0
    try:
        with transaction.atomic():
            message = tell(
                organisation=deadline.organisation,
                person=person,
                title=deadline.title,
                body=_words(deadline, offset),
                url=deadline.url,
            )
            Reminder.objects.create(
                organisation_id=deadline.organisation_id,
                deadline=deadline,
                person=person,
                workdays_before=offset,
                message=message,
            )
    except IntegrityError:
        # Another beat was quicker; its message stands, ours was rolled back with the reminder.
        return 0
    return 1


def _words(deadline: Deadline, offset: int) -> str:
    day = f"{deadline.due_on.month}月{deadline.due_on.day}日"
    if offset < 0:
        return f"已于{day}截止，请尽快办理。"
    return f"今天截止（{day}）。" if offset == 0 else f"{day}截止，还剩{offset}个工作日左右。"


def mail_waiting(*, organisation: Organisation) -> int:
    """Send unread messages of the last days by e-mail to those who left an address.

    Raises OSError when the mail server takes nothing; what was not sent waits for the next beat.
    """
    waiting = Message.objects.filter(
        organisation_id=organisation.pk, mailed_at=None, read_at=None
    ).exclude(person__email="")
    sent = 0
    for message in waiting.select_related("person")[:200]:
        # Marked before sending: a crash loses one mail rather than sending it twice.
        taken = Message.objects.filter(pk=message.pk, mailed_at=None).update(mailed_at=clock.now())
        if taken:
            sent += _mailed(message)
    return sent


def _mailed(message: Message) -> bool:
    try:
        send_mail(f"【学生资助】{message.title}", message.body, None, [message.person.email])
    except (SMTPRecipientsRefused, SMTPDataError) as error:
        # An address that no server takes must not keep the mail behind it waiting for ever.
        log.warning("mail_refused", message=message.pk, error=type(error).__name__)
        return False
    except OSError:
        Message.objects.filter(pk=message.pk).update(mailed_at=None)
        raise
    return True
