"""What was opened again: a class's panel, and the case of an objection that was upheld."""

from typing import Any

import pytest
from django.urls import reverse

from audit.refusal import Refused
from review import actions
from review.models import Appraisal, Case
from review.steps import standing
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.review import cases


def test_while_a_panel_is_open_again_its_votes_are_not_proposed(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a)
    panel = Appraisal.objects.get()
    panel = actions.reopen_appraisal(appraisal=panel, reason="补评", by=cast.head_teacher)
    with pytest.raises(Refused) as refused:
        actions.propose(round_=round_, by=cast.operator)
    assert [r.text for r in refused.value.reasons] == [
        "班级评议已重新打开，还没有提交：高一（1）班3人"
    ]
    assert refused.value.reasons[0].mend == "查看各班评议"
    actions.finish_appraisal(appraisal=panel, by=cast.head_teacher)
    assert actions.propose(round_=round_, by=cast.operator).proposed == 3


def test_the_round_says_who_is_held(cast: Cast, sign_in: Any) -> None:
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a)
    panel = Appraisal.objects.get()
    actions.reopen_appraisal(appraisal=panel, reason="补评", by=cast.head_teacher)
    page = sign_in(cast.operator).get(reverse("review:round", args=[round_.pk])).text
    assert "班级评议已重新打开，还没有提交" in page


def test_the_step_is_not_ticked_until_the_panel_hands_in_again(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a)
    assert standing(round_).steps[1].state == "done"
    panel = Appraisal.objects.get()
    panel = actions.reopen_appraisal(appraisal=panel, reason="补评", by=cast.head_teacher)
    step = standing(round_).steps[1]
    assert (step.label, step.state, step.note) == ("班级评议", "now", "1个班重新评议")
    actions.finish_appraisal(appraisal=panel, by=cast.head_teacher)
    step = standing(round_).steps[1]
    assert (step.state, step.note) == ("done", "")


def test_the_class_reads_why_its_panel_was_opened_again(cast: Cast, sign_in: Any) -> None:
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a)
    page = reverse("review:class_appraisal", args=[round_.pk, cast.a.school_class.pk])
    client = sign_in(cast.head_teacher)
    assert "评议已重新打开" not in client.get(page).text
    set_scope(cast.school.pk)
    panel = Appraisal.objects.get()
    for why in ("票数登记错了", "又收到一份申请"):
        panel = actions.reopen_appraisal(appraisal=panel, reason=why, by=cast.head_teacher)
        told = client.get(page).text
        assert f"原因：{why}" in told
        set_scope(cast.school.pk)
        panel = actions.finish_appraisal(appraisal=panel, by=cast.head_teacher)
    assert told.count("原因：") == 1
    assert "原因：" not in client.get(page).text


def test_an_upheld_objection_is_told_with_what_follows(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    line = notice.lines.order_by("serial")[0]
    said = actions.object_to(notice=notice, text="情况不符", contact="", line=line)
    actions.answer(objection=said, upheld=True, conclusion="属实", by=cast.reviewer)
    client = sign_in(cast.operator)
    told = client.get(reverse("review:objection", args=[said.pk])).text
    assert "退回领导小组重新评审" in told
    of_case = client.get(reverse("review:case", args=[line.case_id])).text
    assert reverse("review:objection", args=[said.pk]) in of_case
    set_scope(cast.school.pk)
    other = Case.objects.exclude(pk=line.case_id).order_by("pk")[0]
    assert "异议成立" not in client.get(reverse("review:case", args=[other.pk])).text
