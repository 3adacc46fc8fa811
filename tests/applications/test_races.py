"""64 at once: one winner with the guard, several without it."""

from collections.abc import Callable

import pytest

from applications import actions
from applications.models import Application, Round
from tests.applications import scenes
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded


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
def test_without_guards_several_rounds_are_opened(committed: Cast, no_locks: None) -> None:
    with without("applications_round", "round_once"):
        assert unguarded(opening(committed), organisation=committed.school) > 1


@pytest.mark.race
def test_one_hands_in(committed: Cast) -> None:
    outcome = race(submitting(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_several_hand_in(committed: Cast, no_locks: None) -> None:
    assert unguarded(submitting(committed), organisation=committed.school) > 1


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
