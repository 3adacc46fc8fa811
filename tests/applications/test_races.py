"""64 at once: one winner with the guard, several without it."""

from collections.abc import Callable
from datetime import date

import pytest

from applications import actions
from applications.models import Application, Programme, Round, Tier
from schools import clock
from tests.applications import scenes
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded

DAY = date(2026, 9, 1)


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
    with without("applications_round", "round_once", "round_of_year_once"):
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


@pytest.mark.race
def test_without_guards_a_student_has_several_applications_and_numbers_double(
    committed: Cast, no_locks: None
) -> None:
    round_ = actions.open_recognition_round(
        school=committed.school, term=committed.term, by=committed.operator
    )
    students = committed.a.students
    with without("applications_application", "application_once", "application_number"):
        won = unguarded(
            lambda i: scenes.entered(round_, students[i % 3], committed.operator),
            organisation=committed.school,
        )
        numbers = list(round_.applications.values_list("number", flat=True))
    assert won > 3
    assert len(set(numbers)) < len(numbers)


def programme_of(cast: Cast) -> Programme:
    """A programme of the school's stage that a round can be opened for."""
    found = Programme.objects.create(
        code="race",
        name="示范资助",
        source="state",
        kind="grant",
        stage="senior",
        money_cadence="per_term",
        entry_cadence="per_term",
        valid_from=date(2020, 9, 1),
    )
    Tier.objects.create(
        programme=found,
        code="one",
        label="一档",
        rank=1,
        amount_fen=100_000,
        valid_from=found.valid_from,
    )
    return found


def opening_programme(cast: Cast) -> Callable[[int], Round]:
    programme = programme_of(cast)
    return lambda _: actions.open_programme_round(
        school=cast.school, term=cast.term, programme=programme, by=cast.operator
    )


@pytest.mark.race
def test_one_programme_round_is_opened(committed: Cast) -> None:
    outcome = race(opening_programme(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_guards_several_programme_rounds_are_opened(
    committed: Cast, no_locks: None
) -> None:
    act = opening_programme(committed)
    with without("applications_round", "round_once"):
        assert unguarded(act, organisation=committed.school) > 1


def applying(cast: Cast, counts: list[int]) -> Callable[[int], None]:
    """The whole class applies, again and again; `counts` is told how many each time."""
    round_ = opening_programme(cast)(0)

    def act(i: int) -> None:
        found = actions.apply_for_many(round_=round_, students=cast.a.students, by=cast.operator)
        counts.append(found.count)

    return act


@pytest.mark.race
def test_many_apply_once(committed: Cast) -> None:
    counts: list[int] = []
    outcome = race(applying(committed, counts), organisation=committed.school)
    assert outcome == {"won": 64}
    assert sorted(counts)[-2:] == [0, 3]
    numbers = Application.objects.values_list("number", flat=True)
    assert len(set(numbers)) == len(numbers) == 3


@pytest.mark.race
def test_without_guards_many_apply_several_times(committed: Cast, no_locks: None) -> None:
    counts: list[int] = []
    act = applying(committed, counts)
    with without("applications_application", "application_once", "application_number"):
        unguarded(act, organisation=committed.school)
        assert Application.objects.count() > 3
    assert sum(counts) > 3


AFTER = date(2026, 9, 20)


def deed(cast: Cast, verb: str) -> Callable[[int], object]:
    """One of the deeds about an application or a round, in a situation where it may be done."""
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    student, teacher = cast.a.students[0], cast.head_teacher
    if verb in ("send_back", "withdraw"):
        application = scenes.handed_in(round_, student, teacher)
    elif verb == "redraft":
        entered = scenes.entered(round_, student, teacher)
        actions.withdraw(application=entered, by=teacher)
    elif verb == "reopen":
        with clock.at(AFTER):
            actions.close_round(round_=round_, by=cast.operator)
    deeds: dict[str, Callable[[int], object]] = {
        "send_back": lambda _: actions.send_back(
            application=application, reason="缺签名", by=cast.operator
        ),
        "withdraw": lambda _: actions.withdraw(application=application, by=teacher),
        "redraft": lambda _: scenes.entered(round_, student, teacher),
        "close": lambda _: actions.close_round(round_=round_, by=cast.operator),
        "reopen": lambda _: actions.reopen_round(round_=round_, reason="补报", by=cast.operator),
    }
    return deeds[verb]


DEEDS = {"send_back": DAY, "withdraw": DAY, "redraft": DAY, "close": AFTER, "reopen": AFTER}


@pytest.mark.race
@pytest.mark.parametrize("verb", DEEDS)
def test_one_of_many_deeds(committed: Cast, verb: str) -> None:
    outcome = race(deed(committed, verb), organisation=committed.school, on=DEEDS[verb])
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
@pytest.mark.parametrize("verb", DEEDS)
def test_without_the_lock_several_deeds(committed: Cast, no_locks: None, verb: str) -> None:
    act = deed(committed, verb)
    assert unguarded(act, organisation=committed.school, on=DEEDS[verb]) > 1


def entering_and_closing(cast: Cast) -> tuple[Round, Callable[[int], object]]:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)

    def act(i: int) -> object:
        if i == 0:
            return actions.close_round(round_=round_, by=cast.operator)
        return scenes.entered(round_, cast.a.students[i % 3], cast.operator)

    return round_, act


@pytest.mark.race
def test_nobody_enters_a_round_that_is_closed(committed: Cast) -> None:
    round_, act = entering_and_closing(committed)
    outcome = race(act, organisation=committed.school, on=AFTER)
    round_.refresh_from_db()
    entered = round_.applications.count()
    # Either it was closed first, or somebody's entry kept it open.
    assert (round_.status, bool(entered)) in (("closed", False), ("open", True))
    assert outcome["won"] == (entered or 1)


@pytest.mark.race
def test_without_the_lock_a_closed_round_has_an_unfinished_entry(
    committed: Cast, no_locks: None
) -> None:
    round_, act = entering_and_closing(committed)
    assert unguarded(act, organisation=committed.school, on=AFTER, threads=2) == 2
    round_.refresh_from_db()
    assert (round_.status, round_.applications.get().status) == ("closed", "draft")
