"""Races about deadlines, jobs and mail, each with a control in which the guard is off."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core import mail
from django.db.models import Q, QuerySet

from office import actions, jobs
from office.models import Deadline, Job, Message
from schools.models import Person
from schools.roles import Role
from tests import database
from tests.cast import Cast
from tests.racing import race, unguarded

Act = Callable[[int], object]
pytestmark = pytest.mark.race


def setting(cast: Cast) -> Act:
    return lambda i: actions.due(
        organisation=cast.school,
        key="round:1",
        title="提交申请",
        due_on=date(2026, 9, 1 + i % 20),
        role=Role.OPERATOR,
        by=cast.operator,
    )


def test_a_deadline_set_often_at_once_is_one(committed: Cast) -> None:
    assert race(setting(committed), organisation=committed.school) == {"won": 64}
    assert Deadline.objects.count() == 1


def test_without_the_constraint_there_are_several(committed: Cast) -> None:
    with database.without("office_deadline", "deadline_once"):
        unguarded(setting(committed), organisation=committed.school)
        assert Deadline.objects.count() > 1


def claiming(cast: Cast) -> Act:
    job = jobs.want(kind="none", label="导出", by=cast.operator)

    def claim(i: int) -> None:
        if jobs.claim(job.pk) is None:
            raise LookupError

    return claim


def test_without_its_condition_a_job_is_claimed_by_several(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = claiming(committed)
    monkeypatch.setattr(jobs, "Q", lambda **condition: Q(pk__gt=0))
    assert unguarded(act, organisation=committed.school) > 1


def test_a_job_is_stopped_or_claimed(committed: Cast) -> None:
    job = jobs.want(kind="none", label="导出", by=committed.operator)

    def act(i: int) -> None:
        if i % 2:
            jobs.stop(job)
        elif jobs.claim(job.pk) is None:
            raise LookupError

    outcome = race(act, organisation=committed.school)
    found = Job.objects.get(pk=job.pk)
    # Whichever came first: cancelled and never begun, or running and told to stop.
    assert (found.status, found.stop_wanted) in (("cancelled", True), ("running", True))
    assert outcome["won"] == 32 + (found.status == "running")


def mailing(cast: Cast) -> Act:
    Person.objects.filter(pk=cast.operator.person_id).update(email="a@example.org")
    actions.tell(organisation=cast.school, person=cast.operator.person, title="提醒")
    return lambda i: actions.mail_waiting(organisation=cast.school)


def test_many_beats_mail_once(committed: Cast) -> None:
    assert race(mailing(committed), organisation=committed.school, threads=16)["won"] == 16
    assert len(mail.outbox) == 1


def test_without_its_condition_a_message_is_mailed_often(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = mailing(committed)
    update = QuerySet.update

    def always(rows: QuerySet[Message], **changes: object) -> int:
        update(rows, **changes)
        return 1

    monkeypatch.setattr(QuerySet, "update", always)
    unguarded(act, organisation=committed.school)
    assert len(mail.outbox) > 1
