"""Races on committed rows, each with a control in which the guard is off and the race happens."""

from collections.abc import Callable
from datetime import date

import pytest

from audit.models import Event
from screening import actions, rules
from screening.models import Screening, ScreeningRow
from tests.cast import Cast
from tests.database import without
from tests.racing import meanwhile, race, unguarded
from tests.screening.steps import at, opened, row_of, verified

pytestmark = pytest.mark.race
DAY = date(2026, 9, 1)
RESULT = ScreeningRow.Result.NOT_DIFFICULT


def test_many_open_one_term(committed: Cast) -> None:
    found = race(lambda _: opened(committed), organisation=committed.school)
    assert found == {"won": 64}
    assert Screening.objects.count() == 1
    assert ScreeningRow.objects.count() == 3
    assert Event.objects.filter(verb="screening.open").count() == 1


def test_without_the_constraint_a_term_is_opened_several_times(
    committed: Cast, no_locks: None
) -> None:
    with without("screening_screening", "screening_once"):
        assert unguarded(lambda _: opened(committed), organisation=committed.school) > 1
        assert Screening.objects.count() > 1


def verify(cast: Cast, screening: Screening) -> Callable[[int], object]:
    """The head teacher says again what the facts say about one student."""
    row = row_of(screening, cast.a.students[0])
    return lambda _: actions.verify(row=row, result=RESULT, by=cast.head_teacher)


def test_a_student_verified_often_at_once_is_verified(committed: Cast) -> None:
    screening = opened(committed)
    outcome = race(verify(committed, screening), organisation=committed.school)
    assert outcome == {"won": 64}
    row = row_of(screening, committed.a.students[0])
    assert (row.result, row.checked_by) == (RESULT, committed.head_teacher.person)
    assert ScreeningRow.objects.exclude(result="").count() == 1


def rest(cast: Cast, screening: Screening) -> Callable[[int], object]:
    """The head teacher verifies the class's remaining students."""
    school_class = cast.a.school_class
    return lambda _: actions.verify_rest(
        screening=screening, school_class=school_class, by=cast.head_teacher
    )


def rests() -> int:
    return Event.objects.filter(verb="screening.verify_rest").count()


def test_the_rest_of_a_class_is_verified_once(committed: Cast) -> None:
    screening = opened(committed)
    outcome = race(rest(committed, screening), organisation=committed.school)
    assert outcome == {"won": 64}
    assert ScreeningRow.objects.exclude(result="").count() == 3
    assert rests() == 1


def test_without_the_lock_the_rest_is_verified_several_times(
    committed: Cast, no_locks: None
) -> None:
    screening = opened(committed)
    assert unguarded(rest(committed, screening), organisation=committed.school) > 1
    assert rests() > 1


def fill(cast: Cast, screening: Screening) -> object:
    return actions.fill(screening=screening, full_coverage="", coverage_reason="", by=cast.operator)


def order_of(screening: Screening) -> list[str]:
    """What happened to the screening, in the order of the chain."""
    verbs = ("screening.verify", "screening.fill")
    found = Event.objects.filter(organisation_id=screening.school_id, verb__in=verbs)
    return list(found.order_by("seq").values_list("verb", flat=True))


def test_nobody_verifies_what_is_filled_in(committed: Cast) -> None:
    screening = verified(committed)
    say = verify(committed, screening)

    def act(i: int) -> object:
        return fill(committed, screening) if i == 0 else say(i)

    outcome = race(act, organisation=committed.school)
    found = order_of(screening)
    assert found[-1] == "screening.fill"
    assert found.count("screening.fill") == 1
    assert outcome["won"] == len(found)


def test_without_the_lock_a_student_is_verified_after_the_numbers_froze(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    screening = verified(committed)
    say = verify(committed, screening)
    closed = rules.why_closed

    def look(found: Screening) -> object:
        reasons = closed(found)
        meanwhile(lambda: fill(committed, screening), organisation=committed.school, on=DAY)
        return reasons

    monkeypatch.setattr(rules, "why_closed", look)
    say(0)
    assert order_of(screening) == ["screening.fill", "screening.verify"]


SIGNING: dict[str, tuple[str, Callable[[Cast, Screening], object]]] = {
    "fill": ("open", lambda cast, found: fill(cast, found)),
    "review": ("filled", lambda cast, found: actions.review(screening=found, by=cast.reviewer)),
    "sign": ("reviewed", lambda cast, found: actions.sign(screening=found, by=cast.a.leader)),
    "send_back": (
        "reviewed",
        lambda cast, found: actions.send_back(screening=found, reason="有误", by=cast.a.leader),
    ),
}


@pytest.mark.parametrize("verb", SIGNING)
def test_one_of_many_at_once(committed: Cast, verb: str) -> None:
    status, act = SIGNING[verb]
    screening = at(committed, status)
    outcome = race(lambda _: act(committed, screening), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.parametrize("verb", SIGNING)
def test_without_the_lock_several_of_many(committed: Cast, no_locks: None, verb: str) -> None:
    status, act = SIGNING[verb]
    screening = at(committed, status)
    assert unguarded(lambda _: act(committed, screening), organisation=committed.school) > 1


def test_signed_or_sent_back(committed: Cast) -> None:
    screening = at(committed, "reviewed")

    def act(i: int) -> object:
        return SIGNING["sign" if i % 2 else "send_back"][1](committed, screening)

    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
