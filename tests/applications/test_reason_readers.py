"""申请理由 is the family's own word: only who may read the form sees it, on a phone too."""

from typing import Any

from applications import actions
from tests.applications import scenes
from tests.cast import Cast


def test_the_leading_group_does_not_read_the_reason(cast: Cast, sign_in: Any) -> None:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    row = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    url = f"/applications/entries/{row.pk}/"
    for reader in (cast.head_teacher, cast.operator, cast.reviewer):
        assert "父母务工，收入低" in sign_in(reader).get(url).content.decode()
    for other in (cast.a.committee, cast.a.finance):
        answer = sign_in(other).get(url)
        assert answer.status_code == 200
        assert "父母务工，收入低" not in answer.content.decode()


def test_on_a_phone_each_fact_of_a_member_keeps_its_label(cast: Cast, sign_in: Any) -> None:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    row = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    answer = sign_in(cast.head_teacher).post(
        f"/applications/entries/{row.pk}/survey/", {"reason": "核对"}
    )
    assert '<td class="num" data-l="年收入（元）">32,000.00</td>' in answer.content.decode()
