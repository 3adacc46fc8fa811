"""Races on committed rows, each with a control in which the guard is off and the race happens."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db.models import QuerySet
from psycopg2.errors import UniqueViolation

from applications.models import Round
from audit.refusal import Refused
from review import actions
from review.actions import meetings, writing
from review.models import Appraisal, Case, Meeting, Notice, Recognition
from schools import clock
from tests import database
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.review import cases

pytestmark = pytest.mark.race
AFTER = date(2026, 9, 9)


def handed_in(cast: Cast) -> Round:
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
    with database.without("review_case", "case_once", "case_student_once"):
        unguarded(
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
            reason=cases.WHY,
        )
    return appraisal


def finish(appraisal: Appraisal, cast: Cast) -> Callable[[int], object]:
    return lambda _: actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)


def test_an_appraisal_is_finished_once(committed: Cast) -> None:
    act = finish(panel(committed), committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


def test_without_the_lock_it_is_finished_often(committed: Cast, no_locks: None) -> None:
    act = finish(panel(committed), committed)
    assert unguarded(act, organisation=committed.school) > 1


def decide(meeting: Meeting, cast: Cast) -> Callable[[int], object]:
    return lambda _: actions.decide(
        meeting=meeting,
        votes_for=4,
        votes_against=0,
        votes_abstain=0,
        resolution="",
        by=cast.operator,
    )


def test_a_meeting_decides_once(committed: Cast) -> None:
    meeting = cases.convened(cases.proposed(committed), committed.a)
    act = decide(meeting, committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


def test_without_locks_and_guard_it_decides_often(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plain(found: QuerySet[Case]) -> list[Case]:
        related = ("application", "student", "school_class", "proposed_tier", "decided_tier")
        return list(found.select_related(*related))

    def unchecked(found: list[Case], *, sources: object, fields: list[str]) -> None:
        Case.objects.bulk_update(found, ["status", *fields]) if found else None

    meeting = cases.convened(cases.proposed(committed), committed.a)
    monkeypatch.setattr(meetings, "locked", plain)
    monkeypatch.setattr(meetings, "write", unchecked)
    act = decide(meeting, committed)
    assert unguarded(act, organisation=committed.school) > 1


def confirm_meeting(meeting: Meeting, cast: Cast) -> Callable[[int], object]:
    return lambda _: actions.confirm_meeting(meeting=meeting, by=cast.reviewer)


def test_a_meeting_is_confirmed_once(committed: Cast) -> None:
    act = confirm_meeting(cases.decided(committed), committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


def test_without_the_lock_it_is_confirmed_often(committed: Cast, no_locks: None) -> None:
    act = confirm_meeting(cases.decided(committed), committed)
    assert unguarded(act, organisation=committed.school) > 1


def publish(notice: Notice, cast: Cast) -> Callable[[int], object]:
    return lambda _: actions.publish(notice=notice, by=cast.reviewer)


def test_a_notice_is_published_once(committed: Cast) -> None:
    act = publish(cases.drafted(committed), committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


def test_without_the_lock_it_is_published_often(committed: Cast, no_locks: None) -> None:
    act = publish(cases.drafted(committed), committed)
    assert unguarded(act, organisation=committed.school) > 1


def confirm(notice: Notice, cast: Cast) -> Callable[[int], object]:
    return lambda _: actions.confirm_notice(notice=notice, by=cast.reviewer)


def test_a_list_is_confirmed_once(committed: Cast) -> None:
    act = confirm(cases.published(committed), committed)
    assert race(act, organisation=committed.school, on=AFTER) == {"won": 1, "Refused": 63}
    assert Recognition.objects.count() == 3


def test_without_locks_and_constraint_recognitions_double(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plain(found: QuerySet[Case]) -> list[Case]:
        related = ("application", "student", "school_class", "decide_by")
        return list(found.select_related(*related))

    def unchecked(found: list[Case], *, sources: object, fields: list[str]) -> None:
        Case.objects.bulk_update(found, ["status", *fields])

    notice = cases.published(committed)
    monkeypatch.setattr(actions.confirmations, "locked", plain)
    monkeypatch.setattr(actions.confirmations, "write", unchecked)
    with database.without("review_recognition", "recognition_once"):
        act = confirm(notice, committed)
        assert unguarded(act, organisation=committed.school, on=AFTER) > 1
        assert Recognition.objects.count() > 3


def test_a_student_has_one_grade_in_force_says_the_database(committed: Cast) -> None:
    notice = cases.published(committed)
    with clock.at(clock.office_opens(AFTER)):
        actions.confirm_notice(notice=notice, by=committed.reviewer)
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
    with pytest.raises(Refused, match="有人同时在办理"):
        writing.write(read, sources=["open"], fields=[])
