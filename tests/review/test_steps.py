"""The steps of a round: the same wherever it is shown, and done when they are done."""

import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from applications.models import Application
from review import actions
from review.steps import standing
from schools import clock
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.review import cases

AFTER = date(2026, 9, 9)


def shown(page: str) -> str:
    [stepper] = re.findall(r'<ol class="stepper".*?</ol>', page, re.DOTALL)
    return re.sub(r' aria-label="[^"]*"', "", stepper)


def test_both_pages_of_a_round_and_the_desk_show_the_same_steps(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    client = sign_in(cast.operator)
    steps = [
        shown(client.get(address).text)
        for address in (
            reverse("review:round", args=[notice.round_id]),
            reverse("applications:round", args=[notice.round_id]),
            "/",
        )
    ]
    assert steps[0] == steps[1] == steps[2]
    words = ("申请", "班级评议", "确定建议", "领导小组", "公示", "确认")
    places = [steps[0].index(word) for word in words]
    assert places == sorted(places)


def test_applications_that_nobody_handed_in_keep_the_first_step_open(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    with clock.at(AFTER):
        assert standing(round_).steps[0].state == "done"
        Application.objects.filter(student=cast.a.students[0]).update(status="returned")
        first = standing(round_).steps[0]
    assert (first.state, first.done, first.total) == ("late", 2, 3)


def test_a_round_in_which_all_is_done_is_not_among_those_to_do(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
        desk = sign_in(cast.operator).get("/")
        appraisals = sign_in(cast.operator).get(reverse("review:appraisals"))
    [running] = desk.context["rounds"]
    assert running.finished
    assert "各步骤都已办完，可以办结" in desk.text
    assert "已评完" in appraisals.text


@pytest.mark.parametrize(
    ("on", "told"),
    [(date(2026, 9, 8), ["申请到9月8日才截止，之后提交的要另行公示"]), (AFTER, [])],
)
def test_a_notice_before_the_last_day_of_applying_says_who_would_be_missed(
    cast: Cast, sign_in: Any, on: date, told: list[str]
) -> None:
    notice = cases.drafted(cast)
    with clock.at(on):
        page = sign_in(cast.reviewer).get(reverse("review:notice", args=[notice.pk]))
        assert [r.text for r in page.context["early"]] == told
        set_scope(cast.school.pk)
        # Batches are lawful (row 1-05): it may be published all the same.
        assert actions.publish(notice=notice, by=cast.reviewer).status == "published"


def test_who_has_not_handed_in_is_counted_before_a_notice_is_drafted(
    cast: Cast, sign_in: Any
) -> None:
    notice = cases.drafted(cast)
    Application.objects.filter(student=cast.a.students[2]).update(status="returned")
    with clock.at(AFTER):
        page = sign_in(cast.operator).get(reverse("review:revise_notice", args=[notice.pk]))
    assert [r.text for r in page.context["early"]] == [
        "还有1份申请没有提交或退回补正中，赶不上这次公示"
    ]


def test_a_head_teacher_is_not_led_where_only_the_office_may_go(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    address = reverse("applications:round", args=[notice.round_id])
    assert "<a " in shown(sign_in(cast.operator).get(address).text)
    assert "<a " not in shown(sign_in(cast.head_teacher).get(address).text)
