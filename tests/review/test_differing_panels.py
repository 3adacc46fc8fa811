"""Where the class panel suggests another grade than the score, its reason stands beside it."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.refusal import Refused
from review import actions
from review.models import Appraisal, Case, Tally
from tests.cast import Cast
from tests.review import cases
from tests.review.test_cases import held, refusal


def differing(cast: Cast, reason: str = "") -> Appraisal:
    """The panel votes special for everybody: the score said hard, general, none."""
    appraisal = held(cast, cases.taken_up(cast))
    for case in Case.objects.order_by("pk"):
        actions.tally(
            appraisal=appraisal,
            case=case,
            by=cast.head_teacher,
            special=9,
            hard=0,
            general=0,
            none=0,
            reason=reason,
        )
    return appraisal


def test_a_panel_that_differs_from_the_score_says_why(cast: Cast) -> None:
    appraisal = differing(cast, reason=" ")
    codes = "、".join(c.code for c in Case.objects.order_by("pk"))
    with pytest.raises(Refused) as error:
        actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
    assert refusal(error) == [f"编号{codes}的结果和评分建议不同，没有写理由"]
    assert set(Case.objects.values_list("status", flat=True)) == {"open"}
    Tally.objects.update(reason=cases.WHY)
    actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
    assert set(Case.objects.values_list("appraised_grade", flat=True)) == {"special"}


def test_nor_does_the_database_keep_such_a_grade(cast: Cast) -> None:
    differing(cast)
    case = Case.objects.order_by("pk")[0]
    with pytest.raises(IntegrityError, match="without a reason"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(appraised_grade="special")
    Case.objects.filter(pk=case.pk).update(appraised_grade=case.advised_grade)
    with pytest.raises(IntegrityError, match="without a reason"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(advised_grade="none")


def test_the_head_teacher_is_led_to_the_reason(cast: Cast, sign_in: Any) -> None:
    appraisal = held(cast, cases.taken_up(cast))
    case = Case.objects.select_related("application").order_by("pk")[0]
    client = sign_in(cast.head_teacher)
    votes = {"special": 9, "hard": 0, "general": 0, "none": 0, "abstain": 0}
    url = reverse("review:tally", args=[appraisal.pk, case.pk])
    page = client.post(url, votes, follow=True)
    assert page.redirect_chain[0][0].endswith(f"?case={case.pk}")
    assert "结果和评分建议不同，请写明理由" in page.text
    page = client.post(url, votes | {"reason": cases.WHY}, follow=True)
    assert f"编号{case.code}已保存" in page.text
