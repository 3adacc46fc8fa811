"""Nobody confirms what he or she entered, appraised or recorded, in whatever role."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from applications.models import Application
from audit.refusal import Refused
from review import actions
from review.models import Case
from schools import clock
from tests.cast import Cast
from tests.review import cases

AFTER = date(2026, 9, 9)
DEEDS = [
    ("entered_by", "由本人录入或提交申请"),
    ("submit_by", "由本人录入或提交申请"),
    ("appraise_by", "由本人主持班级评议"),
]


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def done_by_the_reviewer(cast: Cast, deed: str) -> None:
    """The first case's application or appraisal was the reviewer's, as a head teacher."""
    case = Case.objects.order_by("pk")[0]
    if deed == "appraise_by":
        Case.objects.filter(pk=case.pk).update(appraise_by=cast.reviewer.person)
    else:
        Application.objects.filter(pk=case.application_id).update(**{deed: cast.reviewer.person})


@pytest.mark.parametrize(("deed", "text"), DEEDS)
def test_a_meeting_waits_for_someone_else(cast: Cast, deed: str, text: str) -> None:
    meeting = cases.decided(cast)
    done_by_the_reviewer(cast, deed)
    with pytest.raises(Refused) as error:
        actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
    assert refusal(error) == [f"{text}：高一（1）班1人"]
    assert actions.confirm_meeting(meeting=meeting, by=cast.a.leader).status == "confirmed"


@pytest.mark.parametrize(("deed", "text"), DEEDS)
def test_a_notice_holds_just_those_cases(cast: Cast, deed: str, text: str) -> None:
    notice = cases.published(cast)
    done_by_the_reviewer(cast, deed)
    with clock.at(AFTER):
        made = actions.confirm_notice(notice=notice, by=cast.reviewer)
        assert (made.confirmed, [r.text for r in made.held]) == (2, [f"{text}：高一（1）班1人"])
        assert actions.confirm_notice(notice=notice, by=cast.a.leader).confirmed == 1


def test_the_database_refuses_the_chair_of_the_panel(cast: Cast) -> None:
    cases.published(cast)
    with (
        pytest.raises(IntegrityError, match="case_not_by_its_chair"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE review_case SET confirm_by_id = appraise_by_id")
