"""Races from the class's panel to the leading group's decision, each with its control."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from audit.models import Event
from review import actions, marks
from review.models import Appraisal, Attendance, Case, Meeting, Tally
from tests import database
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.review import cases

pytestmark = pytest.mark.race
DAY = date(2026, 9, 1)
Act = Callable[[int], object]


def holding(cast: Cast) -> Act:
    round_ = cases.taken_up(cast)
    return lambda i: actions.hold_appraisal(
        round_=round_,
        school_class=cast.a.school_class,
        held_on=DAY,
        expected=9,
        present=9,
        by=cast.head_teacher,
    )


def test_a_class_has_one_panel(committed: Cast) -> None:
    outcome = race(holding(committed), organisation=committed.school)
    # Whoever comes when it stands already says again who is there.
    assert outcome["won"] + outcome["Refused"] == 64
    assert Appraisal.objects.count() == 1
    assert Event.objects.filter(verb="appraisal.hold").count() == outcome["won"]


def test_without_the_constraint_a_class_has_several(committed: Cast, no_locks: None) -> None:
    act = holding(committed)
    with database.without("review_appraisal", "appraisal_once"):
        unguarded(act, organisation=committed.school)
        assert Appraisal.objects.count() > 1


def voting(cast: Cast) -> tuple[Case, Act]:
    appraisal = holding(cast)(0)
    assert isinstance(appraisal, Appraisal)
    case = Case.objects.order_by("pk")[0]

    def act(i: int) -> object:
        votes: dict[str, Any] = {"special": 0, "hard": i % 10, "general": 9 - i % 10, "none": 0}
        return actions.tally(appraisal=appraisal, case=case, by=cast.head_teacher, **votes)

    return case, act


def test_a_case_has_one_tally_that_adds_up(committed: Cast) -> None:
    case, act = voting(committed)
    assert race(act, organisation=committed.school) == {"won": 64}
    kept = Tally.objects.get(case=case)
    last = Event.objects.filter(verb="appraisal.tally").order_by("seq").last()
    assert last is not None
    assert (kept.hard, kept.general) == (last.facts["hard"], last.facts["general"])


def test_without_lock_and_constraint_a_case_has_several(committed: Cast, no_locks: None) -> None:
    case, act = voting(committed)
    with database.without("review_tally", "tally_once"):
        unguarded(act, organisation=committed.school)
        assert Tally.objects.filter(case=case).count() > 1


def reopening_panel(cast: Cast) -> Act:
    cases.appraise(cases.taken_up(cast), cast.a)
    appraisal = Appraisal.objects.get()
    return lambda i: actions.reopen_appraisal(
        appraisal=appraisal, reason="补评", by=cast.head_teacher
    )


def proposing(cast: Cast) -> Act:
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a)
    return lambda i: actions.propose(round_=round_, by=cast.operator)


def taking_back(cast: Cast) -> Act:
    round_ = cases.proposed(cast)
    return lambda i: actions.take_back(round_=round_, reason="漏了一份", by=cast.operator)


def convening(cast: Cast) -> Act:
    round_ = cases.proposed(cast)
    return lambda i: cases.convened(round_, cast.a, attended=False)


def returning(cast: Cast) -> Act:
    meeting = cases.decided(cast)
    return lambda i: actions.return_meeting(meeting=meeting, reason="票数有误", by=cast.reviewer)


DEEDS = (reopening_panel, proposing, taking_back, convening, returning)


@pytest.mark.parametrize("arrange", DEEDS)
def test_one_of_many(committed: Cast, arrange: Callable[[Cast], Act]) -> None:
    act = arrange(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


@pytest.mark.parametrize("arrange", DEEDS)
def test_without_the_guards_several(
    committed: Cast, no_guards: None, arrange: Callable[[Cast], Act]
) -> None:
    act = arrange(committed)
    assert unguarded(act, organisation=committed.school) > 1


def deciding_and_taking_back(cast: Cast) -> tuple[Meeting, Act]:
    round_ = cases.proposed(cast)
    meeting = cases.convened(round_, cast.a)

    def act(i: int) -> object:
        if i % 2:
            return actions.take_back(round_=round_, reason="漏了一份", by=cast.operator)
        return actions.decide(
            meeting=meeting,
            votes_for=4,
            votes_against=0,
            votes_abstain=0,
            resolution="",
            by=cast.operator,
        )

    return meeting, act


def test_cases_are_decided_or_taken_back(committed: Cast) -> None:
    meeting, act = deciding_and_taking_back(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
    meeting.refresh_from_db()
    (status,) = set(Case.objects.values_list("status", flat=True))
    assert (meeting.status, status) in (("decided", "decided"), ("planned", "appraised"))


def test_without_the_guards_they_are_both(committed: Cast, no_guards: None) -> None:
    _, act = deciding_and_taking_back(committed)
    assert unguarded(act, organisation=committed.school, threads=2) == 2


def attending(cast: Cast) -> tuple[Meeting, Act]:
    meeting = cases.convened(cases.proposed(cast), cast.a, attended=False)
    people = sorted(meeting.attendances.values_list("person_id", flat=True))

    def act(i: int) -> object:
        present = {people[i % 4], people[(i + 1) % 4], people[(i + 2) % 4]}
        return actions.take_attendance(
            meeting=meeting, present=present, recusals={}, by=cast.operator
        )

    return meeting, act


def test_attendance_is_what_was_said_last(committed: Cast) -> None:
    meeting, act = attending(committed)
    assert race(act, organisation=committed.school) == {"won": 64}
    assert Attendance.objects.filter(meeting=meeting, present=True).count() == 3


def attending_by_page(cast: Cast) -> tuple[Meeting, Act]:
    """Everyone has opened the page while nothing was recorded, and says something else."""
    meeting = cases.convened(cases.proposed(cast), cast.a, attended=False)
    people = sorted(meeting.attendances.values_list("person_id", flat=True))
    mark = marks.of_attendance(meeting.attendances.all())
    return meeting, lambda i: actions.take_attendance(
        meeting=meeting,
        present=set(people),
        recusals={people[0]: f"申请人的叔父，记录{i}"},
        by=cast.operator,
        mark=mark,
    )


def test_who_recorded_first_is_not_overwritten(committed: Cast) -> None:
    _, act = attending_by_page(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


def test_without_the_lock_one_record_overwrites_another(committed: Cast, no_locks: None) -> None:
    _, act = attending_by_page(committed)
    assert unguarded(act, organisation=committed.school) > 1


def test_the_same_record_sent_often_is_no_conflict(committed: Cast) -> None:
    meeting = cases.convened(cases.proposed(committed), committed.a, attended=False)
    people = set(meeting.attendances.values_list("person_id", flat=True))
    mark = marks.of_attendance(meeting.attendances.all())

    def act(_: int) -> object:
        return actions.take_attendance(
            meeting=meeting, present=people, recusals={}, by=committed.operator, mark=mark
        )

    assert race(act, organisation=committed.school) == {"won": 64}
