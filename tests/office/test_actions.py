"""Deadlines and reminders: once each, late rather than never or twice."""

from datetime import date
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from office import actions
from office.models import Deadline, Message, Reminder
from office.tasks import remind
from schools import clock
from schools.models import Organisation, Person
from schools.roles import Role
from schools.scope import acting_for
from schools.tenancy import set_scope
from tests import database
from tests.cast import Cast
from tests.racing import race, unguarded

DUE = date(2026, 9, 8)


@pytest.fixture
def deadline(cast: Cast) -> Deadline:
    return set_deadline(cast)


def set_deadline(cast: Cast) -> Deadline:
    return actions.due(
        organisation=cast.school,
        key="round:1",
        title="认定申请截止",
        due_on=DUE,
        role=Role.OPERATOR,
        by=cast.operator,
        url="/applications/",
    )


def remind_on(cast: Cast, day: date) -> int:
    with clock.at(day):
        return actions.remind(organisation=cast.school)


def test_the_same_key_makes_one_deadline(cast: Cast, deadline: Deadline) -> None:
    again = set_deadline(cast)
    assert again.pk == deadline.pk


def test_a_reminder_goes_to_who_holds_the_role(cast: Cast, deadline: Deadline) -> None:
    assert remind_on(cast, date(2026, 9, 1)) == 1
    message = Message.objects.get()
    assert message.person == cast.operator.person
    assert (message.title, message.url) == ("认定申请截止", "/applications/")


def test_a_reminder_is_sent_once_however_often_beat_runs(cast: Cast, deadline: Deadline) -> None:
    counts = [remind_on(cast, date(2026, 9, 1)) for _ in range(3)]
    assert counts == [1, 0, 0]


def test_each_offset_reminds_once(cast: Cast, deadline: Deadline) -> None:
    days = [date(2026, 9, d) for d in (1, 2, 3, 4, 7, 8, 9, 10)]
    # Five working days before (1 September), one (7), the day itself (8), the day after (9).
    assert [remind_on(cast, d) for d in days] == [1, 0, 0, 0, 1, 1, 1, 0]


def test_a_beat_that_was_down_reminds_once_late(cast: Cast, deadline: Deadline) -> None:
    assert remind_on(cast, date(2026, 9, 8)) == 1
    assert Reminder.objects.get().workdays_before == 0
    assert Message.objects.get().body == "今天截止（9月8日）。"


def test_nobody_is_reminded_of_what_is_done(cast: Cast, deadline: Deadline) -> None:
    assert actions.done_with(organisation=cast.school, key="round:1") == 1
    assert remind_on(cast, date(2026, 9, 8)) == 0


def test_long_before_nobody_is_reminded(cast: Cast, deadline: Deadline) -> None:
    assert remind_on(cast, date(2026, 8, 3)) == 0


def test_mail_is_sent_once_to_who_left_an_address(cast: Cast, deadline: Deadline) -> None:
    Person.objects.filter(pk=cast.operator.person_id).update(email="op@example.invalid")
    remind_on(cast, date(2026, 9, 1))
    assert [actions.mail_waiting(organisation=cast.school) for _ in range(2)] == [1, 0]
    assert mail.outbox[0].to == ["op@example.invalid"]
    assert "认定申请截止" in mail.outbox[0].subject


class Away(EmailBackend):
    """A mail server that takes nothing, or refuses one address."""

    error: Exception = ConnectionRefusedError()

    def send_messages(self, email_messages: Any) -> int:
        """Fail as smtplib does."""
        raise self.error


@pytest.fixture
def away(settings: Any) -> type[Away]:
    settings.EMAIL_BACKEND = f"{__name__}.Away"
    return Away


def test_what_the_mail_server_did_not_take_waits_and_keeps_nobody_else_waiting(
    cast: Cast, deadline: Deadline, away: type[Away], monkeypatch: pytest.MonkeyPatch
) -> None:
    Person.objects.filter(pk=cast.operator.person_id).update(email="op@example.invalid")
    monkeypatch.setattr(away, "error", ConnectionRefusedError())
    tried: list[int] = []

    def tries(*, organisation: Organisation) -> int:
        tried.append(organisation.pk)
        return mail_waiting(organisation=organisation)

    mail_waiting = actions.mail_waiting
    monkeypatch.setattr(actions, "mail_waiting", tries)
    with clock.at(clock.office_opens(date(2026, 9, 1))):
        remind()
    assert set(tried) == set(Organisation.objects.values_list("pk", flat=True))
    set_scope(cast.school.pk)
    assert Message.objects.get(person=cast.operator.person).mailed_at is None


def test_a_refused_address_does_not_hold_up_the_mail_behind_it(
    cast: Cast, deadline: Deadline, away: type[Away], monkeypatch: pytest.MonkeyPatch
) -> None:
    Person.objects.filter(pk=cast.operator.person_id).update(email="op@example.invalid")
    monkeypatch.setattr(away, "error", SMTPRecipientsRefused({}))
    remind_on(cast, date(2026, 9, 1))
    assert actions.mail_waiting(organisation=cast.school) == 0
    assert Message.objects.get(person=cast.operator.person).mailed_at is not None


def test_reading_marks_only_ones_own(cast: Cast) -> None:
    for who in (cast.operator, cast.reviewer):
        actions.tell(organisation=cast.school, person=who.person, title="x")
    assert actions.read_all(by=cast.operator) == 1
    assert Message.objects.get(person=cast.reviewer.person).read_at is None


@pytest.mark.race
def test_many_beats_remind_once(committed: Cast) -> None:
    set_deadline(committed)
    race(
        lambda i: actions.remind(organisation=committed.school),
        organisation=committed.school,
        threads=16,
    )
    with acting_for(committed.school):
        assert (Reminder.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.race
def test_without_the_unique_reminder_several_are_sent(committed: Cast) -> None:
    set_deadline(committed)
    with database.without("office_reminder", "reminder_once"):
        unguarded(
            lambda _: actions.remind(organisation=committed.school), organisation=committed.school
        )
        with acting_for(committed.school):
            assert Reminder.objects.count() > 1
