"""Paid by the month: the first of two transfers is dated anew; each month stays one school's."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from disbursement import actions
from disbursement.models import Award
from disbursement.months import absences, month_of, whole_month_away
from schools import clock
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    agree_transfer_day,
    propose_transfer,
    propose_transfer_day,
    sign_transfer,
    sign_transfer_day,
)
from students.models import Student, Transfer
from tests.cast import Cast, Staffed
from tests.disbursement import cases
from tests.disbursement.cases import Aid
from tests.disbursement.test_months_corrected import CAME, LEFT, moved
from tests.disbursement.test_months_elsewhere import pay

__all__ = ["moved"]
# From B to A in autumn, and on from there: he left A, and came to the third school or to B again.
ON, THEN = date(2026, 12, 14), date(2026, 12, 16)
LATER = date(2027, 1, 18)


def his(whose: Staffed) -> Student:
    found: Student = Student.objects.get(school=whose.school, name="转示远")
    return found


def dated(cast: Cast, transfer: Transfer, on: date) -> None:
    """By all three persons."""
    with acting_for(cast.b.school):
        made = propose_transfer_day(
            transfer=transfer, on=on, seen=LEFT, reason="以转学证明为准", by=cast.b.operator
        )
    made = agree_transfer_day(day=made, by=cast.operator)
    with acting_for(cast.b.school):
        sign_transfer_day(day=made, by=cast.b.reviewer)


def went(cast: Cast, to: Staffed) -> None:
    """From A on to another school."""
    made = propose_transfer(
        student=his(cast.a), to_school=to.school, on=ON, reason="再次迁居", by=cast.operator
    )
    sign_transfer(transfer=made, by=cast.reviewer)
    with acting_for(to.school):
        accept_transfer(
            transfer=made, school=to.school, to_class=to.school_class, by=to.operator, on=THEN
        )


def in_school(its: Aid, whose: Staffed) -> set[int]:
    """The months that are granted there and of which he was there for a day."""
    with acting_for(whose.school):
        row = his(whose)
        away = absences(row.school_id, [row])[row.pk]
        granted = Award.objects.filter(student=row, status="granted")
        return {
            m
            for m in granted.values_list("instalment", flat=True)
            if not whole_month_away(away, month_of(m, its.term), its.term)
        }


def pays(its: Aid, whose: Staffed) -> set[int]:
    """Those of them that no other school gives."""
    asked: list[Any] = [
        whose.school.pk,
        its.programme.pk,
        its.term.pk,
        [bytes(his_at(whose).id_blind)],
    ]
    with acting_for(whose.school), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM aid_months_elsewhere(%s, %s, %s, %s::bytea[])", asked)
        return in_school(its, whose) - {month for _, month in cursor.fetchall()}


def his_at(whose: Staffed) -> Student:
    with acting_for(whose.school):
        return his(whose)


def cancelled(whose: Staffed, months: set[int]) -> None:
    """As the list of what is held tells the school that did not have him first."""
    with acting_for(whose.school):
        for award in Award.objects.filter(student=his(whose), instalment__in=months):
            actions.revoke(award=award, reason="这个月由原来的学校发", by=whose.operator)


# What each pays; and the months that each of two holds until one of them cancels its own.
@pytest.mark.parametrize(
    ("on", "first", "second", "held"),
    [
        (LEFT, {1, 2}, {3, 4}, set()),
        (date(2026, 11, 3), {1, 2}, {4}, {3}),
        (CAME, {1, 2}, {4}, {3}),
        (date(2026, 11, 1), {1, 2}, {3, 4}, set()),
        # In October he was at no school.
        (date(2026, 9, 28), {1}, {3, 4}, set()),
    ],
)
def test_of_three_schools_each_month_is_one_ones(
    its: Aid, cast: Cast, moved: Transfer, on: date, first: set[int], second: set[int],
    held: set[int],
) -> None:  # fmt: skip
    actions.grant_awards(round_=its.round, by=cast.operator)
    with clock.at(clock.office_opens(LATER)):
        went(cast, cast.c)
        with acting_for(cast.c.school):
            theirs = cases.aid(cast.c, its.programme)
            cases.ready(theirs, his(cast.c))
            actions.grant_awards(round_=theirs.round, by=cast.c.operator)
        if on != LEFT:
            dated(cast, moved, on)
        now = [pays(its, one) for one in (cast.b, cast.a, cast.c)]
        assert now == [first, second, {5}]
        assert in_school(its, cast.a) & in_school(its, cast.b) == held
        cancelled(cast.a, held)
        now = [pays(its, one) for one in (cast.b, cast.a, cast.c)]
        assert now == [first | held, second, {5}]


@pytest.mark.parametrize(
    ("on", "first", "second", "held"),
    [
        (LEFT, {1, 2, 5}, {3}, {4}),
        (date(2026, 11, 3), {1, 2, 5}, set(), {3, 4}),
        (date(2026, 11, 1), {1, 2, 5}, {3}, {4}),
        (date(2026, 9, 28), {1, 5}, {3}, {4}),
    ],
)
def test_of_one_who_is_back_each_month_is_one_schools(
    its: Aid, cast: Cast, moved: Transfer, on: date, first: set[int], second: set[int],
    held: set[int],
) -> None:  # fmt: skip
    actions.grant_awards(round_=its.round, by=cast.operator)
    with clock.at(clock.office_opens(LATER)):
        went(cast, cast.b)
        if on != LEFT:
            dated(cast, moved, on)
        assert [pays(its, one) for one in (cast.b, cast.a)] == [first, second]
        assert in_school(its, cast.a) & in_school(its, cast.b) == held
        cancelled(cast.a, held & {3})
        cancelled(cast.b, {4})
        assert [pays(its, one) for one in (cast.b, cast.a)] == [first | held & {3}, second | {4}]


@pytest.mark.parametrize("where", ["b", "c"])
@pytest.mark.parametrize(
    ("month", "on", "gone"),
    [(3, date(2026, 10, 8), set()), (3, date(2026, 11, 3), {3}), (4, date(2026, 11, 3), {3})],
)
def test_what_was_paid_stays_that_schools(
    its: Aid, cast: Cast, moved: Transfer, where: str, month: int, on: date, gone: set[int]
) -> None:
    """Paid ahead by B, before he left it."""
    with acting_for(cast.b.school):
        pay(cast, Award.objects.get(student=his(cast.b), instalment=month))
    actions.grant_awards(round_=its.round, by=cast.operator)
    with clock.at(clock.office_opens(LATER)):
        went(cast, getattr(cast, where))
        before = pays(its, cast.a)
        dated(cast, moved, on)
        assert pays(its, cast.a) == before - gone
