"""An application on which a grade in force was decided is not withdrawn any more."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from applications import actions as applications
from applications.models import Application
from audit.refusal import Refused
from review import actions, holds
from review.models import Case, Recognition
from schools import clock
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.review import cases


def test_withdrawn_until_the_grade_is_confirmed_and_not_after(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    first, second = Application.objects.filter(
        pk__in=notice.lines.values("case__application")
    ).order_by("pk")
    client = sign_in(cast.head_teacher)
    page = f"/applications/entries/{first.pk}/"
    assert 'id="withdraw"' in client.get(page).text
    set_scope(cast.school.pk)
    applications.withdraw(application=second, by=cast.head_teacher)
    with clock.at(date(2026, 9, 10)):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
        with pytest.raises(Refused) as error:
            applications.withdraw(application=first, by=cast.head_teacher)
        assert [r.text for r in error.value.reasons] == ["认定已经公示确认，申请不能撤回"]
        assert 'id="withdraw"' not in client.get(page).text
        assert client.post(f"{page}withdraw/").status_code == 409
    set_scope(cast.school.pk)
    first.refresh_from_db()
    assert first.status == "submitted"


def test_a_grade_that_ended_holds_nothing(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(date(2026, 9, 10)):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    case = Case.objects.filter(status="confirmed").select_related("application")[0]
    assert holds.recognised(case.application)
    Recognition.objects.filter(case=case).update(valid_to=date(2026, 9, 20))
    assert holds.recognised(case.application) == []


def both(cast: Cast) -> Callable[[int], object]:
    """The checker confirms the notice; the head teacher takes one of its applications back."""
    notice = cases.published(cast)
    one = Application.objects.filter(pk__in=notice.lines.values("case__application"))[0]

    def act(i: int) -> object:
        if i % 2:
            return applications.withdraw(application=one, by=cast.head_teacher)
        return actions.confirm_notice(notice=notice, by=cast.reviewer)

    return act


def groundless() -> int:
    """Grades in force whose application was withdrawn."""
    found = Recognition.objects.filter(valid_to=None, case__application__status="withdrawn")
    return found.count()


def test_of_a_grade_and_a_withdrawal_at_once_there_is_one(committed: Cast) -> None:
    act = both(committed)
    outcome = race(act, organisation=committed.school, on=date(2026, 9, 10))
    assert outcome["won"] >= 1
    assert groundless() == 0


def test_without_the_locks_there_may_be_both(committed: Cast, no_guards: None) -> None:
    act = both(committed)
    # Both have looked when the first of them writes.
    assert unguarded(act, organisation=committed.school, threads=2, on=date(2026, 9, 10)) == 2
    assert groundless() == 1
