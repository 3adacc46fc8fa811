"""A round in which nobody is difficult ends without a notice."""

from typing import Any

import pytest
from django.urls import reverse

from audit.refusal import Refused
from review import actions, navigation
from review.models import Case, Recognition
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.review import cases


def test_a_checker_confirms_who_is_not_difficult(cast: Cast, sign_in: Any) -> None:
    round_ = cases.proposed(cast, votes=[{"none": 9}] * 3)
    meeting = cases.decided(cast, round_)
    with pytest.raises(Refused, match="没有待确认的不困难学生"):
        actions.confirm_undisputed(round_=round_, by=cast.reviewer)
    actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
    with pytest.raises(Refused, match="由审核人或分管领导办理"):
        actions.confirm_undisputed(round_=round_, by=cast.operator)
    client = sign_in(cast.reviewer)
    page = client.get(reverse("review:round", args=[round_.pk])).content.decode()
    assert reverse("review:confirm_undisputed", args=[round_.pk]) in page
    answer = client.post(reverse("review:confirm_undisputed", args=[round_.pk]))
    assert answer.status_code == 302
    set_scope(cast.school.pk)
    assert set(Recognition.objects.values_list("grade", flat=True)) == {"none"}
    assert Case.objects.filter(status="confirmed").count() == 3


def test_while_somebody_is_to_be_published_it_waits(cast: Cast) -> None:
    notice = cases.drafted(cast)
    with pytest.raises(Refused, match="本批次还有要公示的学生"):
        actions.confirm_undisputed(round_=notice.round, by=cast.reviewer)


def test_the_desk_of_a_checker_asks_for_it(cast: Cast) -> None:
    round_ = cases.proposed(cast, votes=[{"none": 9}] * 3)
    meeting = cases.decided(cast, round_)
    assert titles(cast.reviewer) == ["确认会议审定：家庭经济困难认定审定会"]
    actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
    assert titles(cast.reviewer) == ["家庭经济困难认定：确认3人不困难"]
    assert titles(cast.operator) == []
    actions.confirm_undisputed(round_=round_, by=cast.reviewer)
    assert titles(cast.reviewer) == []


def test_it_is_not_asked_for_while_a_notice_stands_for_them(cast: Cast) -> None:
    drafted = cases.drafted(cast)
    assert titles(cast.reviewer) == [f"发布：{drafted.title}"]
    actions.publish(notice=drafted, by=cast.reviewer)
    assert titles(cast.reviewer) == []


def test_the_meeting_says_what_comes_next(cast: Cast, sign_in: Any) -> None:
    meeting = cases.decided(cast, cases.proposed(cast, votes=[{"none": 9}] * 3))
    answer = sign_in(cast.reviewer).post(
        reverse("review:confirm_meeting", args=[meeting.pk]), follow=True
    )
    assert "没有要公示的学生，由审核人或分管领导在批次页确认不困难" in answer.text


def titles(by: Any) -> list[str]:
    return [t.title for t in navigation.todos(by)]
