"""Paid by the month: after 更正转出日期, as before it, each month is one school's."""

from datetime import date

import pytest

from applications.models import Programme
from disbursement import actions
from disbursement.models import Award
from disbursement.months import absences, month_of, months_in, whole_month_away
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    agree_transfer_day,
    correct_change_day,
    propose_transfer,
    propose_transfer_day,
    refuse_transfer_day,
    restore_transfer_day,
    sign_transfer,
    sign_transfer_day,
)
from students.models import EnrolmentChange, Student, Transfer, TransferDay
from tests.cast import Cast, student
from tests.disbursement import cases
from tests.disbursement.cases import Aid

LEFT, CAME = date(2026, 10, 20), date(2026, 11, 10)


@pytest.fixture
def moved(its: Aid, cast: Cast) -> Transfer:
    """From B, where he was awarded September to January, to A in November."""
    its.programme.money_cadence = Programme.Cadence.MONTHLY
    its.programme.save()
    its.round.refresh_from_db()
    with acting_for(cast.b.school):
        theirs = cases.aid(cast.b, its.programme)
        someone = student(cast.b.school_class, "转示远")
        (award,) = cases.award_all(theirs, [cases.case(theirs, someone)])
        first, *rest = months_in(its.term)
        Award.objects.filter(pk=award.pk).update(instalment=first)
        for month in rest:
            copy = Award.objects.get(pk=award.pk)
            copy.pk, copy.instalment = None, month
            copy.save(force_insert=True)
        made = propose_transfer(
            student=someone, to_school=cast.school, on=LEFT, reason="迁居", by=cast.b.operator
        )
        sign_transfer(transfer=made, by=cast.b.reviewer)
    accept_transfer(
        transfer=made, school=cast.school, to_class=cast.a.school_class, by=cast.operator, on=CAME
    )
    cases.ready(its, _ours())
    return Transfer.objects.get(pk=made.pk)


def _ours() -> Student:
    found: Student = Student.objects.get(name="转示远")
    return found


def agreed(cast: Cast, transfer: Transfer, on: date) -> TransferDay:
    with acting_for(cast.b.school):
        made = propose_transfer_day(
            transfer=transfer, on=on, seen=LEFT, reason="以转学证明为准", by=cast.b.operator
        )
    return agree_transfer_day(day=made, by=cast.operator)


def in_school(its: Aid, his: Student) -> set[int]:
    """The months of which he was at his school for a day: no other one is paid there."""
    away = absences(his.school_id, [his])[his.pk]
    spans = {m: month_of(m, its.term) for m in months_in(its.term)}
    return {m for m, span in spans.items() if not whole_month_away(away, span, its.term)}


def months(its: Aid, cast: Cast) -> tuple[list[int], list[int]]:
    """Those that B pays, and those that A grants and pays."""
    with acting_for(cast.b.school):
        theirs = in_school(its, Student.objects.get(name="转示远"))
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    granted = set(Award.objects.filter(student=_ours()).values_list("instalment", flat=True))
    assert not theirs & granted
    return sorted(theirs), sorted(granted & in_school(its, _ours()))


def test_as_it_was_recorded(its: Aid, cast: Cast, moved: Transfer) -> None:
    assert months(its, cast) == ([1, 2], [3, 4, 5])


@pytest.mark.parametrize(
    ("on", "theirs", "ours"),
    [
        (date(2026, 11, 3), [1, 2, 3], [4, 5]),
        (CAME, [1, 2, 3], [4, 5]),
        # Gone on the first he was not there in that month.
        (date(2026, 11, 1), [1, 2], [3, 4, 5]),
        # In October he was at neither school.
        (date(2026, 9, 28), [1], [3, 4, 5]),
    ],
)
def test_after_the_correction(
    its: Aid, cast: Cast, moved: Transfer, on: date, theirs: list[int], ours: list[int]
) -> None:
    made = agreed(cast, moved, on)
    with acting_for(cast.b.school):
        sign_transfer_day(day=made, by=cast.b.reviewer)
    assert months(its, cast) == (theirs, ours)


def test_nothing_changes_before_it_is_signed(its: Aid, cast: Cast, moved: Transfer) -> None:
    agreed(cast, moved, date(2026, 11, 3))
    assert months(its, cast) == ([1, 2], [3, 4, 5])


def test_nor_when_it_is_refused(its: Aid, cast: Cast, moved: Transfer) -> None:
    made = agreed(cast, moved, date(2026, 9, 28))
    with acting_for(cast.b.school):
        refuse_transfer_day(day=made, reason="证明没有盖章", by=cast.b.reviewer)
    restore_transfer_day(day=made, by=cast.operator)
    assert months(its, cast) == ([1, 2], [3, 4, 5])


def test_the_day_of_coming_follows_by_itself(its: Aid, cast: Cast, moved: Transfer) -> None:
    made = agreed(cast, moved, date(2026, 9, 28))
    with acting_for(cast.b.school):
        sign_transfer_day(day=made, by=cast.b.reviewer)
    change = EnrolmentChange.objects.get(student=_ours())
    correct_change_day(
        change=change, on=date(2026, 10, 8), seen=CAME, reason="早就到校", by=cast.operator
    )
    assert months(its, cast) == ([1], [2, 3, 4, 5])
