"""Answers, leavings, guardians and read files by many at once: once, each with its control."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db.models import QuerySet

from audit.models import Event
from schools.models import Organisation
from schools.scope import acting_for
from students.actions import (
    change_whereabouts,
    confirm_candidate,
    decline_transfer,
    keep_filter,
    record_whereabouts,
    refuse_ending,
    remove_guardian,
    reopen_candidate,
    stage_roster,
    withdraw_transfer,
)
from students.actions import endings as ending
from students.actions.leaving import record_leavings
from students.actions.roster_jobs import (
    apply_later,
    read_again,
    read_received,
    receive_roster,
)
from students.models import Guardian, SavedFilter, Whereabouts
from students.queue import missing
from tests.cast import Cast
from tests.database import owner, without
from tests.racing import race, unguarded
from tests.students.rosters import roster
from tests.students.test_candidates import SEEN, match, person, questions
from tests.students.test_dropouts import found_out
from tests.students.test_endings import _proposed
from tests.students.test_missing import listed_by
from tests.students.test_roster_jobs import work
from tests.students.test_transfers import proposed, signed

pytestmark = pytest.mark.race
DAY = date(2026, 9, 1)
Act = Callable[[int], object]
Arranged = tuple[Organisation, Act]


def reopening(cast: Cast) -> Arranged:
    match(cast, person())
    (question,) = questions()
    done = confirm_candidate(candidate=question, reason=SEEN, by=cast.operator)
    return cast.school, lambda _: reopen_candidate(
        candidate=done, reason="认错了人", by=cast.reviewer
    )


def withdrawing(cast: Cast) -> Arranged:
    made = proposed(cast)
    return cast.school, lambda _: withdraw_transfer(transfer=made, by=cast.operator)


def refusing_ending(cast: Cast) -> Arranged:
    found = _proposed(cast)
    return cast.district, lambda _: refuse_ending(
        ending=found, reason="再核", by=cast.bureau_reviewer
    )


def leaving(cast: Cast) -> Arranged:
    staged = stage_roster(
        school=cast.school, content=roster(20), filename="a.xlsx", by=cast.operator
    )
    gone = [cast.a.students[0].pk]
    return cast.school, lambda _: record_leavings(
        staged=staged,
        students=gone,
        kind="transfer_out",
        on=DAY,
        reason="转往外地",
        by=cast.operator,
    )


def removing(cast: Cast) -> Arranged:
    row = Guardian.objects.create(
        school=cast.school, student=cast.a.students[0], name="张样泽", relation="父亲"
    )
    return cast.school, lambda _: remove_guardian(guardian=row, reason="登记错了", by=cast.operator)


def reading_again(cast: Cast) -> Arranged:
    staged = receive_roster(
        school=cast.school, content=roster(20), filename="a.xlsx", by=cast.operator
    )
    work(staged)
    return cast.school, lambda _: read_again(staged=staged, columns={}, by=cast.operator)


def reading(cast: Cast) -> Arranged:
    staged = receive_roster(
        school=cast.school, content=roster(20), filename="a.xlsx", by=cast.operator
    )
    return cast.school, lambda _: read_received(
        staged=staged, by=cast.operator, tell=lambda *_: None
    )


def applying(cast: Cast) -> Arranged:
    staged = stage_roster(
        school=cast.school, content=roster(20), filename="a.xlsx", by=cast.operator
    )
    return cast.school, lambda _: apply_later(staged=staged, by=cast.operator)


DEEDS: tuple[Callable[[Cast], Arranged], ...] = (
    reopening,
    withdrawing,
    refusing_ending,
    leaving,
    removing,
    reading_again,
    reading,
    applying,
)


@pytest.mark.parametrize("arrange", DEEDS)
def test_one_of_many(committed: Cast, arrange: Callable[[Cast], Arranged]) -> None:
    organisation, act = arrange(committed)
    assert race(act, organisation=organisation) == {"won": 1, "Refused": 63}


@pytest.mark.parametrize("arrange", DEEDS)
def test_without_the_lock_several(
    committed: Cast,
    no_locks: None,
    monkeypatch: pytest.MonkeyPatch,
    arrange: Callable[[Cast], Arranged],
) -> None:
    monkeypatch.setattr(ending, "lock_group", lambda listed: None)
    organisation, act = arrange(committed)
    assert unguarded(act, organisation=organisation) > 1


# --- a transfer, answered by the other school ---


def declining(cast: Cast) -> Act:
    made = signed(cast)
    return lambda _: decline_transfer(
        transfer=made, school=cast.b.school, reason="没有学位", by=cast.b.operator
    )


def answered(cast: Cast) -> int:
    with acting_for(cast.b.school):
        return Event.objects.filter(verb="transfer.decline").count()


def test_a_transfer_is_declined_once(committed: Cast) -> None:
    outcome = race(declining(committed), organisation=committed.b.school)
    assert outcome == {"won": 1, "Refused": 63}
    assert answered(committed) == 1


def test_without_lock_and_wall_it_is_declined_several_times(
    committed: Cast, no_locks: None
) -> None:
    act = declining(committed)
    with owner() as cursor:
        # Whoever comes second finds a row that this school may not write any more.
        cursor.execute("ALTER TABLE students_transfer DISABLE ROW LEVEL SECURITY")
    try:
        assert unguarded(act, organisation=committed.b.school) > 1
        assert answered(committed) > 1
    finally:
        with owner() as cursor:
            cursor.execute("ALTER TABLE students_transfer ENABLE ROW LEVEL SECURITY")


# --- filters and whereabouts: everybody's word, one row each ---


def keeping(cast: Cast) -> Act:
    return lambda _: keep_filter(
        school=cast.school, name="寄宿生", query="boarding=1", by=cast.operator
    )


def test_a_filter_of_a_name_is_kept_once(committed: Cast) -> None:
    outcome = race(keeping(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


def test_without_the_key_it_is_kept_several_times(committed: Cast) -> None:
    with without("students_savedfilter", "filter_name_once"):
        assert unguarded(keeping(committed), organisation=committed.school) > 1
        assert SavedFilter.objects.count() > 1


def noting(cast: Cast) -> Act:
    """Two outcomes for the same people, told in either order."""
    with acting_for(cast.district):
        listed = listed_by(cast)
        rows = list(missing(listed).values_list("pk", flat=True))
    told = ("dropped_out", rows), ("elsewhere", rows[::-1])

    def act(i: int) -> object:
        outcome, chosen = told[i % 2]
        return record_whereabouts(
            listed=listed, rows=chosen, outcome=outcome, note="", by=cast.bureau_operator
        )

    return act


def test_where_people_are_is_what_was_said_last(committed: Cast) -> None:
    act = noting(committed)
    assert race(act, organisation=committed.district) == {"won": 64}
    with acting_for(committed.district):
        rows = Whereabouts.objects.all()
        assert rows.count() > 1
        last = Event.objects.filter(verb="departmentlist.whereabouts").order_by("-seq")[0]
        assert set(rows.values_list("outcome", flat=True)) == {last.facts["outcome"]}


def changing(cast: Cast) -> Act:
    """Two words about what became of one who was out of school."""
    person = found_out(cast)
    return lambda i: change_whereabouts(
        persons=[person.pk],
        outcome=("returned", "moved")[i % 2],
        note="",
        by=cast.bureau_operator,
    )


def test_what_became_of_someone_is_recorded_once(committed: Cast) -> None:
    outcome = race(changing(committed), organisation=committed.district)
    assert outcome == {"won": 1, "Refused": 63}


def test_without_the_lock_both_words_are_recorded(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    assert unguarded(changing(committed), organisation=committed.district) > 1
