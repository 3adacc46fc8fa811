"""A term begins for everybody at once: one round, one taking back, one pause; each with control."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date

import pytest

from applications import actions
from applications.models import Application, AutoOpening, OpeningPause, Round
from audit.models import Event
from schools import clock
from schools.models import CalendarDay, Term
from schools.tenancy import set_scope
from tests.applications import scenes
from tests.applications.terms import AUTUMN, next_autumn
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded

pytestmark = pytest.mark.race
Act = Callable[[int], object]
RECOGNITION = Round.Kind.RECOGNITION


def by_itself(cast: Cast, term: Term) -> Act:
    return lambda _: actions.open_by_itself(school=cast.school, term=term, programme=None)


def by_both(cast: Cast, term: Term) -> Act:
    """The system and the aid office at the same moment."""

    def act(n: int) -> object:
        if n % 2:
            return actions.open_by_itself(school=cast.school, term=term, programme=None)
        return actions.open_recognition_round(school=cast.school, term=term, by=cast.operator)

    return act


@contextmanager
def no_keys() -> Iterator[None]:
    with ExitStack() as stack:
        keys = ("round_once", "round_of_year_once")
        stack.enter_context(without("applications_round", *keys, triggers=True))
        stack.enter_context(without("applications_autoopening", "auto_opening_once"))
        yield


@pytest.mark.parametrize("opening", [by_itself, by_both])
def test_one_round_is_opened(committed: Cast, opening: Callable[[Cast, Term], Act]) -> None:
    term = next_autumn()
    outcome = race(opening(committed, term), organisation=committed.school, on=AUTUMN)
    assert outcome == {"won": 1, "Refused": 63}
    assert Round.objects.filter(term=term).count() == 1


@pytest.mark.parametrize("opening", [by_itself, by_both])
def test_without_guards_several(
    committed: Cast, no_locks: None, opening: Callable[[Cast, Term], Act]
) -> None:
    term = next_autumn()
    with no_keys():
        won = unguarded(opening(committed, term), organisation=committed.school, on=AUTUMN)
        assert won > 1
        set_scope(committed.school.pk)
        assert Round.objects.filter(term=term).count() > 1


def opened(cast: Cast) -> Round:
    with clock.at(AUTUMN):
        return actions.open_by_itself(school=cast.school, term=next_autumn(), programme=None)


def taking_back(cast: Cast) -> Act:
    round_ = opened(cast)
    return lambda _: actions.take_back_round(round_=round_, reason="推迟", by=cast.operator)


def test_one_takes_it_back(committed: Cast) -> None:
    outcome = race(taking_back(committed), organisation=committed.school, on=AUTUMN)
    assert outcome == {"won": 1, "Refused": 63}
    assert not Round.objects.exists()
    assert AutoOpening.objects.exclude(take_back_at=None).count() == 1


def test_without_the_lock_several_take_it_back(committed: Cast, no_locks: None) -> None:
    act = taking_back(committed)
    assert unguarded(act, organisation=committed.school, on=AUTUMN) > 1
    assert Event.objects.filter(verb="round.take_back").count() > 1


def using(cast: Cast) -> Act:
    """Some take the round back, some begin an application in it."""
    round_ = opened(cast)

    def act(n: int) -> object:
        if n % 2:
            return actions.take_back_round(round_=round_, reason="推迟", by=cast.operator)
        student = cast.a.students[0]
        return scenes.entered(round_, student, cast.head_teacher, signed=AUTUMN)

    return act


def test_it_is_used_or_taken_back_never_both(committed: Cast) -> None:
    outcome = race(using(committed), organisation=committed.school, on=AUTUMN)
    assert outcome["won"] == 1
    assert Round.objects.count() == Application.objects.count()


def gone(round_: Round) -> None:
    """The row deleted as it is, without Django's last look at what hangs on it."""
    Round.objects.filter(pk=round_.pk)._raw_delete("default")


def test_without_guards_an_application_loses_its_round(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Round, "delete", gone)
    act = using(committed)
    table, key = "applications_application", "applications_application_round_wall"
    with without(table, key):
        # Two only: many applications of one student would meet at their own key.
        won = unguarded(act, organisation=committed.school, on=AUTUMN, threads=2)
        assert won == 2
        assert Application.objects.exists()
        assert not Round.objects.exists()


def settling(cast: Cast) -> Act:
    round_ = opened(cast)
    CalendarDay.objects.create(day=date(2027, 10, 1), working=False, name="国庆")
    return lambda _: actions.settle_window(round_=round_)


def test_one_settles_the_window(committed: Cast) -> None:
    outcome = race(settling(committed), organisation=committed.school, on=AUTUMN)
    assert outcome == {"won": 1, "Refused": 63}


def test_without_the_lock_it_is_settled_twice(committed: Cast, no_locks: None) -> None:
    assert unguarded(settling(committed), organisation=committed.school, on=AUTUMN) > 1
    assert Event.objects.filter(verb="round.settle").count() > 1


def pausing(cast: Cast) -> Act:
    return lambda _: actions.pause_opening(school=cast.school, kind=RECOGNITION, by=cast.operator)


def resuming(cast: Cast) -> Act:
    pausing(cast)(0)
    return lambda _: actions.resume_opening(school=cast.school, kind=RECOGNITION, by=cast.operator)


@pytest.mark.parametrize("arrange", [pausing, resuming])
def test_one_of_many_says_so(committed: Cast, arrange: Callable[[Cast], Act]) -> None:
    outcome = race(arrange(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


def test_without_guards_it_is_paused_twice(committed: Cast, no_locks: None) -> None:
    with without("applications_openingpause", "opening_pause_once"):
        assert unguarded(pausing(committed), organisation=committed.school) > 1
        assert OpeningPause.objects.count() > 1


def test_without_the_lock_it_is_resumed_twice(committed: Cast, no_locks: None) -> None:
    assert unguarded(resuming(committed), organisation=committed.school) > 1
    assert Event.objects.filter(verb="opening.resume").count() > 1
