"""What was withdrawn and begun anew comes anew: late like any other, with a new consent."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from applications import actions
from applications.models import Application, Round
from audit.refusal import Refused
from schools import clock
from tests.applications import scenes
from tests.cast import Cast

IN_TIME, TOO_LATE = date(2026, 9, 3), date(2026, 11, 20)


@pytest.fixture
def withdrawn(cast: Cast) -> Application:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    with clock.at(IN_TIME):
        entered = scenes.handed_in(round_, cast.a.students[0], cast.head_teacher)
        return actions.withdraw(application=entered, by=cast.head_teacher)


def anew(cast: Cast) -> Application:
    return scenes.entered(Round.objects.get(), cast.a.students[0], cast.operator)


def test_after_the_window_it_needs_a_reason_and_a_second_person(
    cast: Cast, withdrawn: Application
) -> None:
    with clock.at(TOO_LATE):
        begun = anew(cast)
        assert (begun.pk, begun.status) == (withdrawn.pk, "draft")
        with pytest.raises(Refused, match="申请期已过"):
            actions.submit(application=begun, by=cast.operator)
        actions.allow_late(application=begun, reason="住院", by=cast.reviewer)
        assert actions.submit(application=begun, by=cast.operator).late_by == cast.reviewer.person


def test_within_the_window_it_is_in_time(cast: Cast, withdrawn: Application) -> None:
    with clock.at(IN_TIME):
        assert actions.submit(application=anew(cast), by=cast.operator).late_by is None


def test_an_earlier_consent_to_be_late_counts_no_more(cast: Cast, withdrawn: Application) -> None:
    with clock.at(TOO_LATE):
        begun = anew(cast)
        actions.allow_late(application=begun, reason="住院", by=cast.reviewer)
        submitted = actions.submit(application=begun, by=cast.operator)
        actions.withdraw(application=submitted, by=cast.operator)
        again = anew(cast)
        assert (again.late_reason, again.late_by) == ("", None)
        with pytest.raises(Refused, match="申请期已过"):
            actions.submit(application=again, by=cast.operator)


def test_whoever_began_it_anew_has_entered_it(cast: Cast, withdrawn: Application) -> None:
    assert withdrawn.channel == "head_teacher"
    begun = anew(cast)
    assert (begun.entered_by, begun.channel) == (cast.operator.person, "office")


def test_the_database_keeps_no_day_of_coming_on_a_draft(cast: Cast, withdrawn: Application) -> None:
    assert withdrawn.submit_at is not None
    with pytest.raises(IntegrityError, match="application_draft_unsubmitted"), transaction.atomic():
        Application.objects.filter(pk=withdrawn.pk).update(status="draft")
