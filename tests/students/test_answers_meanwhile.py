"""A question answered while the bureau settles it: the answer holds, or says what happened."""

from typing import Any

import pytest
from django.urls import reverse

from audit.refusal import Refused
from students.actions import candidates, confirm_candidate, reject_candidate, reopen_candidate
from students.models import SpecialGroupTag, live_tag
from tests.cast import Cast
from tests.students.test_candidates import SEEN
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
