"""Who becomes a day pupil in mid-term is paid by what held when the money's period began."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Programme, Tier
from disbursement import actions, boarding, queue
from disbursement.models import Award, PaymentBatch
from disbursement.rules import Paying
from schools import clock
from schools.models import Term
from students.actions import change_enrolment
from students.models import Student
from tests.disbursement import cases
from tests.disbursement.cases import Aid

JANUARY = date(2027, 1, 8)
MISMATCH = "是{}，审定的是寄宿生的档次"


def change(its: Aid, someone: Student, kind: str, on: date) -> None:
    fresh = Student.objects.get(pk=someone.pk)
    change_enrolment(student=fresh, kind=kind, on=on, reason="", by=its.staffed.operator)


def freeze(its: Aid, **more: Any) -> PaymentBatch:
    batch = actions.draft_batch(
        school=its.school,
        programme=its.programme,
        term=its.term,
        by=its.staffed.operator,
        **more,
    )
    return actions.freeze(batch=batch, by=its.staffed.finance)


def paid(batch: PaymentBatch) -> list[tuple[int, int]]:
    lines = batch.lines.values_list("award_id", flat=True)
    found = Award.objects.filter(pk__in=lines).order_by("student", "instalment")
    return list(found.values_list("student_id", "instalment"))


def of_boarders(its: Aid) -> None:
    """The only tier is for boarders, and all three are boarders."""
    Student.objects.update(boarding="boarder")
    Tier.objects.filter(pk=its.tier.pk).update(boarding="boarder")


def granted(its: Aid, on: date) -> None:
    """Awards decided on a day."""
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    Award.objects.update(granted_at=noon)
    cases.fund(its)


def test_by_the_term_it_is_what_held_when_it_was_granted(all_ready: Aid) -> None:
    of_boarders(all_ready)
    granted(all_ready, date(2026, 10, 20))
    stays, later, before = all_ready.staffed.students
    with clock.at(date(2026, 11, 24)):
        change(all_ready, later, "by_day", date(2026, 10, 21))
        change(all_ready, before, "by_day", date(2026, 10, 20))
        batch = freeze(all_ready)
    assert paid(batch) == [(stays.pk, 1), (later.pk, 1)]
    assert "名册里" + MISMATCH.format("走读") in str(batch.held)


def test_who_boards_only_since_then_gets_no_boarders_tier(all_ready: Aid) -> None:
    of_boarders(all_ready)
    granted(all_ready, date(2026, 10, 20))
    newly = all_ready.staffed.students[0]
    with clock.at(date(2026, 11, 24)):
        change(all_ready, newly, "boards", date(2026, 11, 2))
        batch = freeze(all_ready)
    assert "当时" + MISMATCH.format("走读") in str(batch.held)
    assert newly.pk not in dict(paid(batch))


def test_the_groups_of_day_pupils_do_not_bind_who_boarded_then(all_ready: Aid) -> None:
    of_boarders(all_ready)
    all_ready.programme.day_groups = ["disabled"]
    all_ready.programme.save()
    granted(all_ready, date(2026, 10, 20))
    later = all_ready.staffed.students[0]
    with clock.at(date(2026, 11, 24)):
        change(all_ready, later, "by_day", date(2026, 11, 2))
        batch = freeze(all_ready)
    assert later.pk in dict(paid(batch))


def test_the_roster_changed_without_a_day_holds_until_the_day_is_told(all_ready: Aid) -> None:
    of_boarders(all_ready)
    granted(all_ready, date(2026, 10, 20))
    someone = all_ready.staffed.students[0]
    Student.objects.filter(pk=someone.pk).update(boarding="day")
    with clock.at(date(2026, 11, 24)):
        batch = freeze(all_ready)
        assert someone.pk not in dict(paid(batch))
        assert "请登记学籍异动，写明从哪天起" in str(batch.held)
        actions.thaw(batch=batch, reason="登记异动", by=all_ready.staffed.finance)
        change(all_ready, someone, "by_day", date(2026, 11, 2))
        batch = actions.freeze(batch=batch, by=all_ready.staffed.finance)
    assert someone.pk in dict(paid(batch))


def test_a_day_that_is_told_again_is_read_after_the_one_told_before(all_ready: Aid) -> None:
    someone = all_ready.staffed.students[0]
    Student.objects.filter(pk=someone.pk).update(boarding="boarder")
    days = [date(2026, 11, 2), date(2026, 10, 12)]
    with clock.at(date(2026, 11, 24)):
        for day in days:
            change(all_ready, someone, "by_day", day)
    told = boarding.changes_of(all_ready.school.pk, [someone])
    assert told == {someone.pk: [("by_day", day) for day in days]}


def _became_day_pupil(on: date, programme: Programme, term: Term, **facts: Any) -> str:
    award = Award(student=Student(pk=1, boarding="day"), **facts)
    return boarding.of_award(award, programme, term, {1: [("by_day", on)]})


def test_the_day_of_a_grant_is_that_of_the_school() -> None:
    """In the first hours of a day it is still yesterday in Greenwich."""
    at = datetime(2026, 10, 11, 16, 30, tzinfo=UTC)
    by_term = Programme(money_cadence="per_term")
    for day, held in ((12, "day"), (13, "boarder")):
        found = _became_day_pupil(date(2026, 10, day), by_term, Term(), granted_at=at)
        assert found == held


def test_who_was_decided_without_a_tier_goes_by_today() -> None:
    found = boarding.of_decision(
        Student(pk=1, boarding="day"),
        None,
        [1],
        {1: [("by_day", date(2027, 3, 2))]},
        programme=Programme(money_cadence="monthly"),
        term=Term(starts_on=date(2027, 2, 22), ends_on=date(2027, 7, 9)),
        on=date(2027, 3, 9),
    )
    assert found == "day"


@pytest.mark.parametrize(
    ("cadence", "left_off", "held"),
    [
        # By the month it is enough to have boarded on the first day of one that has begun.
        ("monthly", date(2027, 3, 2), "boarder"),
        ("monthly", date(2027, 3, 1), "day"),
        ("per_term", date(2027, 3, 2), "day"),
        ("per_year", date(2027, 3, 2), "day"),
        ("once", date(2027, 3, 2), "day"),
        ("per_term", date(2027, 3, 10), "boarder"),
    ],
)
def test_by_which_boarding_a_boarders_tier_is_granted_in_march(
    cadence: str, left_off: date, held: str
) -> None:
    spring = Term(starts_on=date(2027, 3, 1), ends_on=date(2027, 7, 9))
    found = boarding.of_decision(
        Student(pk=1, boarding="day"),
        Tier(boarding="boarder"),
        range(1, 6) if cadence == "monthly" else range(1, 2),
        {1: [("by_day", left_off)]},
        programme=Programme(money_cadence=cadence),
        term=spring,
        on=date(2027, 3, 9),
    )
    assert found == held


def test_a_month_in_which_the_term_begins_goes_by_the_terms_first_day() -> None:
    spring = Term(starts_on=date(2027, 2, 22), ends_on=date(2027, 7, 9))
    monthly = Programme(money_cadence="monthly")
    for day, held in ((22, "day"), (23, "boarder")):
        found = _became_day_pupil(date(2027, 2, day), monthly, spring, instalment=1)
        assert found == held


@pytest.fixture
def monthly(its: Aid) -> Aid:
    """Paid by the month, September to January, to one boarder."""
    its.programme.money_cadence = Programme.Cadence.MONTHLY
    its.programme.save()
    cases.ready(its, its.staffed.students[0])
    of_boarders(its)
    its.round.refresh_from_db()
    return its


def test_by_the_month_each_month_goes_by_its_first_day(monthly: Aid) -> None:
    granted(monthly, date(2026, 10, 20))
    someone = monthly.staffed.students[0]
    with clock.at(JANUARY):
        change(monthly, someone, "by_day", date(2026, 10, 12))
        change(monthly, someone, "boards", date(2026, 12, 1))
        batch = freeze(monthly, instalment=5)
    # Not November alone; in October he still boarded on the first.
    assert [month for _, month in paid(batch)] == [1, 2, 4, 5]


def test_the_months_before_are_granted_though_it_changed_before_the_decision(monthly: Aid) -> None:
    someone = monthly.staffed.students[0]
    with clock.at(date(2026, 11, 5)):
        change(monthly, someone, "by_day", date(2026, 10, 12))
        assert actions.grant_awards(round_=monthly.round, by=monthly.staffed.operator).count == 5
    cases.fund(monthly)
    with clock.at(JANUARY):
        batch = freeze(monthly, instalment=5)
    assert [month for _, month in paid(batch)] == [1, 2]


def test_who_never_boarded_in_the_term_is_not_granted(monthly: Aid) -> None:
    someone = monthly.staffed.students[0]
    with clock.at(date(2026, 11, 5)):
        change(monthly, someone, "by_day", date(2026, 9, 1))
        result = actions.grant_awards(round_=monthly.round, by=monthly.staffed.operator)
    assert (result.count, len(result.held)) == (0, 1)


def test_asking_costs_the_same_for_one_changed_and_for_thirty(all_ready: Aid) -> None:
    for someone in cases.add_students(all_ready.staffed, 30):
        cases.ready(all_ready, someone)
    of_boarders(all_ready)
    granted(all_ready, date(2026, 10, 20))
    with clock.at(date(2026, 11, 24)):
        for someone in all_ready.staffed.school_class.students.all():
            change(all_ready, someone, "by_day", date(2026, 11, 2))
    awards = list(Award.objects.select_related("student__school_class", "tier"))
    what = Paying(all_ready.programme, all_ready.term, date(2026, 11, 24))
    asked = {}
    for n in (1, 30):
        with CaptureQueriesContext(connection) as seen:
            queue.candidates_of(awards[:n], what)
        asked[n] = len(seen)
    assert asked[1] == asked[30]
