"""64 at once: one winner with the guard, several without it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from applications import actions
from applications.models import Application, Round
from audit import moves
from tests.applications import scenes
from tests.cast import Cast
from tests.database import owner
from tests.racing import race


def unlocked(row: Any) -> Any:
    """What `lock` must not be: a fresh look without a lock."""
    fresh = row.__class__._default_manager.get(pk=row.pk)
    fresh.__dict__["_locked"] = True
    return fresh


@contextmanager
def without(table: str, name: str) -> Iterator[None]:
    """The database without one unique constraint; rows that break it are emptied by the fixture."""
    with owner() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name]
        )
        (definition,) = cursor.fetchone()
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        with owner() as cursor:
            cursor.execute("TRUNCATE applications_round CASCADE")
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def opening(cast: Cast) -> Callable[[int], object]:
    return lambda _: actions.open_recognition_round(
        school=cast.school, term=cast.term, by=cast.operator
    )


def submitting(cast: Cast) -> Callable[[int], object]:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    application = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    return lambda _: actions.submit(application=application, by=cast.head_teacher)


@pytest.mark.race
def test_one_round_is_opened(committed: Cast) -> None:
    outcome = race(opening(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_guards_several_rounds_are_opened(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "lock", unlocked)
    with without("applications_round", "round_once"):
        outcome = race(opening(committed), organisation=committed.school)
        assert outcome["won"] > 1


@pytest.mark.race
def test_one_hands_in(committed: Cast) -> None:
    outcome = race(submitting(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_several_hand_in(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    act = submitting(committed)
    monkeypatch.setattr(moves, "lock", unlocked)
    assert race(act, organisation=committed.school)["won"] > 1


@pytest.mark.race
def test_one_application_per_student_and_no_number_twice(committed: Cast) -> None:
    round_ = actions.open_recognition_round(
        school=committed.school, term=committed.term, by=committed.operator
    )
    students = committed.a.students

    def enter(i: int) -> Application:
        return scenes.entered(round_, students[i % 3], committed.operator)

    assert race(enter, organisation=committed.school) == {"won": 3, "Refused": 61}
    numbers = Round.objects.get().applications.values_list("number", flat=True)
    assert sorted(numbers) == ["2026-RD-0001", "2026-RD-0002", "2026-RD-0003"]
