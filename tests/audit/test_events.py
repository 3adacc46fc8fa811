"""The chain: order, contents, and every way of rewriting it that must be found."""

from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.db.utils import Error

from audit.events import Entry, SystemActor, record, record_many
from audit.models import Event
from audit.verify import broken_links
from schools.tenancy import set_scope
from tests import database
from tests.cast import Cast
from tests.racing import race

AT = datetime(2026, 9, 1, 1, tzinfo=UTC)


def write(cast: Cast, n: int = 1) -> list[Event]:
    entries = [Entry(f"verb{i}", "动作", cast.a.students[0], facts={"i": i}) for i in range(n)]
    return record_many(by=cast.operator, entries=entries, at=AT)


def test_an_event_says_who_what_when_and_why(cast: Cast) -> None:
    student = cast.a.students[0]
    event = record(
        by=cast.operator,
        verb="student.reveal",
        label="查看身份证号",
        subject=student,
        at=AT,
        about_id=student.pk,
        reason="核对学籍",
    )
    event.refresh_from_db()
    assert (event.person_name, event.role, event.reason) == ("经办a", "operator", "核对学籍")
    assert (event.subject, event.subject_id, event.about_id) == (
        "students.Student",
        student.pk,
        student.pk,
    )
    assert event.organisation_id == cast.school.pk
    assert event.at == AT


def test_events_are_chained_in_order(cast: Cast) -> None:
    start = Event.objects.for_organisation(cast.school.pk).first()
    events = write(cast, 3)
    assert start is not None
    assert [e.seq for e in events] == [start.seq + 1, start.seq + 2, start.seq + 3]
    assert [e.previous for e in events] == [start.digest, events[0].digest, events[1].digest]
    assert list(broken_links(cast.school.pk)) == []


def test_a_system_event_has_no_person(cast: Cast) -> None:
    event = record(
        by=SystemActor(cast.school.pk),
        verb="x",
        label="x",
        subject=cast.a.students[0],
        at=AT,
    )
    assert (event.person_id, event.person_name) == (None, "系统")


def test_nothing_to_write_writes_nothing(cast: Cast) -> None:
    before = Event.objects.count()
    assert record_many(by=cast.operator, entries=[], at=AT) == []
    assert Event.objects.count() == before


def test_the_application_cannot_rewrite_history(cast: Cast) -> None:
    event = write(cast)[0]
    for statement in (
        f"UPDATE audit_event SET label = 'x' WHERE id = {event.pk}",
        f"DELETE FROM audit_event WHERE id = {event.pk}",
    ):
        with (
            pytest.raises(Error, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


TAMPERING = {
    "edit": "UPDATE audit_event SET label = 'x' WHERE seq = 5",
    "edit of facts": "UPDATE audit_event SET facts = '{}' WHERE seq = 5",
    "deletion": "DELETE FROM audit_event WHERE seq = 5",
    "cut of the tail": "DELETE FROM audit_event WHERE seq = (SELECT max(seq) FROM audit_event)",
    "swap": "UPDATE audit_event SET seq = CASE seq WHEN 5 THEN 6 ELSE 5 END WHERE seq IN (5, 6)",
    "insertion": "INSERT INTO audit_event (organisation_id, seq, at, person_name, role, verb,"
    " label, subject, facts, reason, previous, digest) SELECT organisation_id, max(seq) + 1, now(),"
    " 'x', 'x', 'x', 'x', 'x', '{}', '', '', 'x' FROM audit_event GROUP BY 1",
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
def test_an_owner_who_takes_the_guard_down_is_found_out(committed: Cast, statement: str) -> None:
    write(committed, 12)
    assert list(broken_links(committed.school.pk)) == []
    with database.owner() as cursor:
        # The owner is walled too, so he acts for the school, and silences the trigger first.
        cursor.execute("SELECT set_config('aid.scope', %s, false)", [str(committed.school.pk)])
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
        if "CASE" in statement:
            cursor.execute("ALTER TABLE audit_event DROP CONSTRAINT event_seq_once")
        cursor.execute(statement)
        assert cursor.rowcount >= 1
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
    try:
        assert list(broken_links(committed.school.pk)) != []
    finally:
        if "CASE" in statement:
            with database.owner() as cursor:
                cursor.execute(
                    "ALTER TABLE audit_event ADD CONSTRAINT event_seq_once"
                    " UNIQUE (organisation_id, seq)"
                )


@pytest.mark.race
def test_sixty_four_writers_leave_one_whole_chain(committed: Cast) -> None:
    before = Event.objects.filter(organisation_id=committed.school.pk).count()
    outcome = race(lambda i: write(committed), organisation=committed.school)
    assert outcome == {"won": 64}
    assert Event.objects.filter(organisation_id=committed.school.pk).count() == before + 64
    assert list(broken_links(committed.school.pk)) == []


def test_the_first_two_events_of_an_organisation_wait_for_each_other(committed: Cast) -> None:
    with database.owner() as cursor:
        cursor.execute("SELECT set_config('aid.scope', %s, false)", [str(committed.city.pk)])
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
        cursor.execute("DELETE FROM audit_event WHERE organisation_id = %s", [committed.city.pk])
        cursor.execute("DELETE FROM audit_chain WHERE organisation_id = %s", [committed.city.pk])
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
    barrier, failed = Barrier(8), []

    def first(_: int) -> None:
        set_scope(committed.city.pk)
        try:
            barrier.wait(timeout=30)
            record(by=committed.admin, verb="x", label="x", subject=committed.city, at=AT)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=first, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with transaction.atomic():
        set_scope(committed.city.pk)
        assert list(broken_links(committed.city.pk)) == []
