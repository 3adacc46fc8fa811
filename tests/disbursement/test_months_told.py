"""Which months another school gives, as the database tells it: each condition tried alone."""

from dataclasses import replace
from datetime import date

import pytest

from disbursement.models import Award, PaymentLine
from schools.models import Term
from schools.scope import acting_for
from students.models import Student
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import Aid
from tests.disbursement.test_months_elsewhere import (
    CAME,
    SUSPENDED,
    at_b,
    elsewhere,
    happened,
    monthly,
    pay,
)

__all__ = ["monthly"]
# The day on which he left the other school is in November.
THEIRS = {1, 2, 3}


@pytest.mark.parametrize("steps", [0, 1, 2])
@pytest.mark.parametrize("later", ["here", "there"])
def test_every_version_of_a_programme_is_the_same_one(
    monthly: Aid, cast: Cast, later: str, steps: int
) -> None:
    first = monthly.programme
    beside = cases.programme("beside", money_cadence=first.money_cadence)
    last = first
    for _ in range(steps):
        last = cases.programme("next", follows=last, money_cadence=first.money_cadence)
    here, there = (last, first) if later == "here" else (first, last)
    at_b(replace(monthly, programme=there), cast, CAME)
    assert elsewhere(replace(monthly, programme=here)) == THEIRS
    assert elsewhere(replace(monthly, programme=beside)) == set()


def test_another_term_is_another_grant(monthly: Aid, cast: Cast) -> None:
    at_b(monthly, cast, CAME)
    assert elsewhere(monthly) == THEIRS
    other = replace(monthly, term=Term.objects.get(code="2026-2"))
    assert elsewhere(other) == set()


def test_what_is_not_paid_by_the_month_is_theirs_as_a_whole(all_ready: Aid, cast: Cast) -> None:
    """Also of one who left on the first day, or should never have been there."""
    someone = at_b(all_ready, cast, date(2026, 9, 1), months=[1])
    happened(someone, cast, ("cancel", date(2026, 9, 1)))
    assert elsewhere(all_ready) == {0}


@pytest.mark.parametrize(("status", "told"), [("pending", THEIRS), ("failed", {1, 2})])
def test_a_month_of_absence_is_theirs_when_it_was_paid(
    monthly: Aid, cast: Cast, status: str, told: set[int]
) -> None:
    someone = at_b(monthly, cast, CAME)
    happened(someone, cast, SUSPENDED, ("transfer_out", CAME))
    assert elsewhere(monthly) == {1, 2}
    with acting_for(cast.b.school):
        facts = {"status": status} | ({"bank_note": "账号不符"} if status == "failed" else {})
        pay(cast, Award.objects.get(student=someone, instalment=3), **facts)
        assert PaymentLine.objects.get().status == status
    assert elsewhere(monthly) == told


CANCELLED = ("cancel", date(2026, 10, 12))
BACK = ("enter", date(2026, 10, 20))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        # How he left last is what counts, of one day what was recorded last.
        ([CANCELLED, BACK, ("withdraw", CAME)], THEIRS),
        ([CANCELLED, BACK, ("graduate", CAME)], THEIRS),
        ([CANCELLED, BACK, ("transfer_out", CAME)], THEIRS),
        ([("cancel", CAME), ("withdraw", CAME)], THEIRS),
        ([("withdraw", CAME), ("cancel", CAME)], set()),
        ([("withdraw", date(2026, 10, 12)), BACK, ("death", CAME)], set()),
        # By no other change does anybody leave.
        ([("cancel", CAME), ("boards", date(2026, 11, 11))], set()),
    ],
)
def test_how_he_left_last_says_whose_the_months_are(
    monthly: Aid, cast: Cast, changes: list[tuple[str, date]], told: set[int]
) -> None:
    someone = at_b(monthly, cast, CAME)
    happened(someone, cast, *changes)
    assert elsewhere(monthly) == told


def test_how_another_left_says_nothing_of_him(monthly: Aid, cast: Cast) -> None:
    at_b(monthly, cast, CAME)
    with acting_for(cast.b.school):
        other = Student.objects.for_school(cast.b.school).order_by("pk")[0]
    happened(other, cast, ("cancel", date(2026, 11, 12)))
    assert elsewhere(monthly) == THEIRS
