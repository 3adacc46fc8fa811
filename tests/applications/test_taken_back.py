"""What is not taken back any more: a round with a workbook, or closed; a version ended unkept."""

from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from applications import actions
from applications.actions.openings import open_by_itself
from applications.models import Programme, Round
from applications.rules.programmes import SUPERSEDED, Hanging, why_not_revoke
from applications.tasks import open_rounds
from audit.refusal import Refused
from schools import clock
from schools.tenancy import set_scope
from tests.applications import sheets
from tests.applications.terms import AUTUMN, next_autumn
from tests.cast import Cast


def opened_by_itself(cast: Cast) -> Round:
    term = next_autumn()
    with clock.at(AUTUMN):
        open_rounds()
    set_scope(cast.school.pk)
    found: Round = Round.objects.get(term=term)
    return found


def why(round_: Round, cast: Cast, day: date) -> list[str]:
    with clock.at(day), pytest.raises(Refused) as caught:
        actions.take_back_round(round_=round_, reason="推迟", by=cast.operator)
    return [reason.text for reason in caught.value.reasons]


def test_a_workbook_that_was_handed_in_keeps_its_round(cast: Cast) -> None:
    round_, student = opened_by_itself(cast), cast.a.students[0]
    content = sheets.filled([sheets.row(student)], [sheets.member(student)])
    with clock.at(AUTUMN):
        actions.stage_form_sheet(
            round_=round_, content=content, filename="填报表.xlsx", by=cast.head_teacher
        )
    assert why(round_, cast, AUTUMN) == ["已经上传1份Excel填报表"]


def test_a_closed_round_stays_on_record(cast: Cast) -> None:
    round_ = opened_by_itself(cast)
    after = round_.closes_on + timedelta(days=1)
    with clock.at(after):
        actions.close_round(round_=round_, by=cast.operator)
    assert why(round_, cast, after) == ["批次已办结"]
    assert Round.objects.filter(pk=round_.pk).exists()


def test_a_version_whose_end_was_not_kept_is_not_given_back(db: None) -> None:
    """Ended by a later version before ends were remembered: nobody knows to which day it went."""
    day = date(2027, 9, 1)
    before = Programme(status="ended", end_reason=SUPERSEDED)
    later = Programme(status="enacted", valid_from=day, follows=before)
    none: dict[str, Any] = {field.name: 0 for field in fields(Hanging)}
    found = why_not_revoke(
        later, "ask_revoke", today=day - timedelta(days=30), hanging=Hanging(**none)
    )
    assert [reason.text for reason in found] == ["原版本以前的截止日期没有记下"]


def test_what_a_school_wants_by_hand_opens_at_nobodys_call(cast: Cast) -> None:
    """The action asks too: a school may stop it between the look and the opening."""
    term = next_autumn()
    with clock.at(AUTUMN):
        actions.pause_opening(school=cast.school, kind=Round.Kind.RECOGNITION, by=cast.operator)
        with pytest.raises(Refused) as caught:
            open_by_itself(school=cast.school, term=term, programme=None)
    assert [reason.text for reason in caught.value.reasons] == ["学校已设为不自动开"]


@pytest.mark.parametrize("who", ["reviewer", "leader", "finance", "committee", "head_teacher"])
def test_rounds_are_the_officers_to_open_and_to_take_back(
    cast: Cast, sign_in: Any, who: str
) -> None:
    """The actions ask for no role, so the pages do: whoever checks a round doesn't open it."""
    round_ = opened_by_itself(cast)
    client = sign_in(getattr(cast.a, who))
    with clock.at(AUTUMN):
        assert client.get(reverse("applications:open_round")).status_code == 403
        for name, args in (
            ("open_round", []),
            ("take_back_round", [round_.pk]),
            ("pause_opening", []),
            ("resume_opening", []),
        ):
            told = {"reason": "推迟", "kind": "recognition"}
            answer = client.post(reverse(f"applications:{name}", args=args), told)
            assert answer.status_code == 403, name
