"""A question answered while the bureau settles it, or in half: what holds, what is told."""

from typing import Any

import pytest
from django.urls import reverse

from audit.refusal import Refused
from students.actions import candidates, confirm_candidate, reject_candidate, reopen_candidate
from students.models import SpecialGroupTag, live_tag
from tests.cast import Cast
from tests.students.test_candidates import NUMBER, SEEN, match, person, questions
from tests.students.test_replaced_lists import TODAY, also_tagged, ended_by_newer, question


def test_an_answer_given_while_an_ending_is_approved_is_kept_and_says_so(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer looked for a newer list before the ending was there; the trigger looks after."""
    row = confirm_candidate(candidate=question(cast), reason=SEEN, by=cast.operator)
    ended_by_newer(cast)
    reopen_candidate(candidate=row, reason="再看", by=cast.reviewer)
    monkeypatch.setattr(candidates, "replaced", lambda list_id: False)
    url = reverse("students:question_answer", kwargs={"candidate_id": row.pk})
    answer = sign_in(cast.operator).post(url, {"do": "same", "way": SEEN}, follow=True)
    assert answer.status_code == 200
    assert "这份名单已由新的一版接替，没有标记" in answer.content.decode()
    row.refresh_from_db()
    assert row.status == "same"
    assert not SpecialGroupTag.objects.filter(live_tag(TODAY), student=row.student).exists()


@pytest.mark.parametrize("answer", [confirm_candidate, reject_candidate])
def test_who_answers_what_was_settled_meanwhile_is_told_what_happened(
    cast: Cast, answer: Any
) -> None:
    row = question(cast)
    also_tagged(cast)
    ended_by_newer(cast)
    with pytest.raises(Refused) as refused:
        answer(candidate=row, reason=SEEN, by=cast.operator)
    (reason,) = refused.value.reasons
    assert reason.text.startswith("这个人不用再确认了")
    assert "撤销" in reason.text
    assert "接替" in reason.text
    assert "标记没有改变" in reason.mend


def test_another_way_has_to_be_told_and_the_form_comes_back(cast: Cast, sign_in: Any) -> None:
    match(cast, person(身份证号码=NUMBER))
    (row,) = questions()
    client = sign_in(cast.operator)
    url = reverse("students:question_answer", kwargs={"candidate_id": row.pk})
    answer = client.post(url, {"do": "same", "way": "其他", "detail": " "})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert f'href="#detail-{row.pk}"' in shown, "the summary leads to the field"
    assert f'id="detail-{row.pk}-error"' in shown
    assert f'aria-describedby="detail-{row.pk}-error"' in shown
    assert "<option selected>其他</option>" in shown, "what was chosen stays"
    assert [q.status for q in questions()] == ["waiting"]
    # Its address, opened by hand or by the links of its states, is the list.
    listed = reverse("students:questions")
    assert client.get(url, {"state": "same"}).url == f"{listed}?state=same"
    said = client.post(url, {"do": "same", "way": "其他", "detail": SEEN}, follow=True)
    assert "没有要确认的了" in said.content.decode()
