"""Races on committed rows, each with a control in which the guard is off and the race happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db.models import Model, QuerySet
from psycopg2.errors import UniqueViolation

from audit import moves
from review import actions
from review.actions import cases as taking
from review.actions import meetings, writing
from review.models import Appraisal, Case, Meeting, Notice, Recognition
from tests import database
from tests.cast import Cast
from tests.racing import race
from tests.review import cases

pytestmark = pytest.mark.race
AFTER = date(2026, 9, 9)


def unlocked(row: Model) -> Model:
    """What `moves.lock` would be without the lock."""
    fresh = row.__class__._default_manager.get(pk=row.pk)
    fresh.__dict__["_locked"] = True
    return fresh


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read again, but nobody waits for anybody."""
    monkeypatch.setattr(moves, "lock", unlocked)


@contextmanager
def without(table: str, constraint: str) -> Iterator[None]:
    """Drop a unique index for a while; the test empties the table before it comes back."""
    with database.owner() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [constraint])
        (definition,) = cursor.fetchone()
        cursor.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint};"
            f" DROP INDEX IF EXISTS {constraint}"
        )
        try:
            yield
        finally:
            cursor.execute(f"TRUNCATE {table} CASCADE")
            cursor.execute(definition)


def handed_in(cast: Cast) -> object:
    round_ = cases.open_round(cast.a, cast.term)
    for student in cast.a.students:
        cases.hand_in(round_, student, cast.head_teacher.person)
    return round_


def test_applications_are_taken_up_once(committed: Cast) -> None:
    round_ = handed_in(committed)
    taken: list[int] = []
    count = race(
        lambda i: taken.append(actions.take_up(round_=round_, by=committed.operator)),
        organisation=committed.school,
    )
    assert count == {"won": 64}
    assert sorted(taken)[-2:] == [0, 3]
    assert Case.objects.count() == 3


def test_without_lock_and_constraint_cases_double(committed: Cast, no_locks: None) -> None:
    round_ = handed_in(committed)
    with (
        without("review_case", "case_once"),
        without("review_case", "case_student_once"),
    ):
        race(
            lambda i: actions.take_up(round_=round_, by=committed.operator),
            organisation=committed.school,
        )
        assert Case.objects.count() > 3


def panel(cast: Cast) -> Appraisal:
    round_ = cases.taken_up(cast)
    appraisal = actions.hold_appraisal(
        round_=round_,
        school_class=cast.a.school_class,
        held_on=date(2026, 9, 1),
        expected=9,
        present=9,
        by=cast.head_teacher,
    )
    for case in Case.objects.all():
        actions.tally(
            appraisal=appraisal,
            case=case,
            by=cast.head_teacher,
            special=0,
            hard=9,
            general=0,
            none=0,
        )
    return appraisal


def finish(appraisal: Appraisal, cast: Cast) -> dict[str, int]:
    return race(
        lambda i: actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher),
        organisation=cast.school,
    )


def test_an_appraisal_is_finished_once(committed: Cast) -> None:
    assert finish(panel(committed), committed) == {"won": 1, "Refused": 63}


def test_without_the_lock_it_is_finished_often(committed: Cast, no_locks: None) -> None:
    assert finish(panel(committed), committed)["won"] > 1


def decide(meeting: Meeting, cast: Cast) -> dict[str, int]:
    return race(
        lambda i: actions.decide(
            meeting=meeting,
            votes_for=4,
            votes_against=0,
            votes_abstain=0,
            resolution="",
            by=cast.operator,
        ),
        organisation=cast.school,
    )


def test_a_meeting_decides_once(committed: Cast) -> None:
    meeting = cases.convened(cases.proposed(committed), committed.a)
    assert decide(meeting, committed) == {"won": 1, "Refused": 63}


def test_without_locks_and_guard_it_decides_often(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plain(found: QuerySet[Case]) -> list[Case]:
        related = ("application", "student", "school_class", "proposed_tier", "decided_tier")
        return list(found.select_related(*related))

    def unguarded(found: list[Case], *, sources: object, fields: list[str]) -> None:
        Case.objects.bulk_update(found, ["status", *fields]) if found else None

    meeting = cases.convened(cases.proposed(committed), committed.a)
    monkeypatch.setattr(meetings, "locked", plain)
    monkeypatch.setattr(meetings, "write", unguarded)
    assert decide(meeting, committed)["won"] > 1


def confirm_meeting(meeting: Meeting, cast: Cast) -> dict[str, int]:
    return race(
        lambda i: actions.confirm_meeting(meeting=meeting, by=cast.reviewer),
        organisation=cast.school,
    )


def test_a_meeting_is_confirmed_once(committed: Cast) -> None:
    assert confirm_meeting(cases.decided(committed), committed) == {"won": 1, "Refused": 63}


def test_without_the_lock_it_is_confirmed_often(committed: Cast, no_locks: None) -> None:
    assert confirm_meeting(cases.decided(committed), committed)["won"] > 1


def publish(notice: Notice, cast: Cast) -> dict[str, int]:
    return race(
        lambda i: actions.publish(notice=notice, by=cast.reviewer), organisation=cast.school
    )


def test_a_notice_is_published_once(committed: Cast) -> None:
    assert publish(cases.drafted(committed), committed) == {"won": 1, "Refused": 63}


def test_without_the_lock_it_is_published_often(committed: Cast, no_locks: None) -> None:
    assert publish(cases.drafted(committed), committed)["won"] > 1


def confirm(notice: Notice, cast: Cast) -> dict[str, int]:
    return race(
        lambda i: actions.confirm_notice(notice=notice, by=cast.reviewer),
        organisation=cast.school,
        on=AFTER,
    )


def test_a_list_is_confirmed_once(committed: Cast) -> None:
    assert confirm(cases.published(committed), committed) == {"won": 1, "Refused": 63}
    assert Recognition.objects.count() == 3


def test_without_locks_and_constraint_recognitions_double(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plain(found: QuerySet[Case]) -> list[Case]:
        related = ("application", "student", "school_class", "decide_by")
        return list(found.select_related(*related))

    def unguarded(found: list[Case], *, sources: object, fields: list[str]) -> None:
        Case.objects.bulk_update(found, ["status", *fields])

    notice = cases.published(committed)
    monkeypatch.setattr(actions.confirmations, "locked", plain)
    monkeypatch.setattr(actions.confirmations, "write", unguarded)
    with without("review_recognition", "recognition_once"):
        assert confirm(notice, committed)["won"] > 1
        assert Recognition.objects.count() > 3


def test_a_student_has_one_grade_in_force_says_the_database(committed: Cast) -> None:
    notice = cases.published(committed)
    confirm(notice, committed)
    again = (
        "INSERT INTO review_recognition (school_id, student_id, year, grade, case_id,"
        " decided_by_id, confirmed_by_id, valid_from, reason)"
        " SELECT school_id, student_id, year, 'none', case_id, decided_by_id,"
        " confirmed_by_id, valid_from, '' FROM review_recognition"
    )
    with database.owner() as cursor:
        cursor.execute("SELECT set_config('aid.scope', %s, false)", [str(committed.school.pk)])
        with pytest.raises(UniqueViolation, match="recognition_once"):
            cursor.execute(again)


def test_the_guard_of_many_rows_refuses_when_one_has_moved(committed: Cast) -> None:
    cases.taken_up(committed)
    read = list(Case.objects.order_by("pk"))
    Case.objects.filter(pk=read[0].pk).update(status="proposed")
    with pytest.raises(writing.Refused, match="有人同时在办理"):
        taking.write(read, sources=["open"], fields=[])
