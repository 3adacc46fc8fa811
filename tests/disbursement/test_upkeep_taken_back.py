"""系统录入 that was noted by mistake: the officer takes it back until it is checked."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError

from audit.refusal import Refused
from disbursement import actions, upkeep
from disbursement.models import SystemEntry
from schools import clock
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import Aid, run_sql
from tests.disbursement.pages import get, post
from tests.disbursement.test_upkeep import checked, enter, owed, texts


@pytest.fixture
def granted(all_ready: Aid) -> Aid:
    """Three awards of a term, entered once a term."""
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    return all_ready


def test_taken_back_it_is_as_if_it_had_not_been(granted: Aid, sign_in: Any) -> None:
    people = granted.staffed
    entry = enter(granted, owed(granted)[0])
    page = get(sign_in(people.operator), "upkeep_list", owed(granted)[0].key)
    assert "撤回登记" in page
    assert "撤回登记" not in get(sign_in(people.reviewer), "upkeep_list", owed(granted)[0].key)
    client = sign_in(people.operator)
    gone = post(client, "entry_withdraw", entry.pk)
    assert gone["Location"].endswith("?term=2026-1")
    assert post(client, "entry_withdraw", entry.pk).status_code == 409
    (duty,) = owed(granted)
    assert (duty.state, duty.latest, duty.base) == ("open", None, None)
    assert upkeep.may_be_owed(granted.school.pk)
    again = checked(granted, duty)
    assert again.number == 2
    page = get(client, "upkeep_list", duty.key)
    assert "已撤回" in page
    assert "撤回登记" not in page


def test_taken_back_it_is_compared_with_what_was_checked(granted: Aid) -> None:
    people = granted.staffed
    checked(granted, owed(granted)[0])
    assert not upkeep.may_be_owed(granted.school.pk)
    with clock.at(clock.office_opens(date(2026, 11, 30))):
        actions.revoke(award=cases.award_of(people.students[0]), reason="不实", by=people.operator)
        actions.withdraw_entry(entry=enter(granted, owed(granted)[0]), by=people.operator)
    (duty,) = owed(granted)
    assert (duty.state, duty.gone) == ("changed", [people.students[0].pk])
    assert upkeep.may_be_owed(granted.school.pk)
    assert enter(granted, duty).number == 3


def test_a_list_of_nobody_that_was_taken_back_is_gone(granted: Aid) -> None:
    entry = enter(granted, owed(granted)[0])
    for someone in granted.staffed.students:
        award = cases.award_of(someone)
        actions.revoke(award=award, reason="情况不实", by=granted.staffed.operator)
    actions.withdraw_entry(entry=entry, by=granted.staffed.operator)
    assert owed(granted) == []


def test_every_reason_why_it_is_not_taken_back(granted: Aid, cast: Cast) -> None:
    people = granted.staffed
    entry = checked(granted, owed(granted)[0])
    with pytest.raises(Refused) as refused:
        actions.withdraw_entry(entry=entry, by=people.reviewer)
    assert texts(refused)[0] == "您的职责不能撤回系统录入"
    assert len(texts(refused)) == 2
    with pytest.raises(Refused):
        actions.withdraw_entry(entry=entry, by=cast.b.operator)
    assert SystemEntry.objects.get().status == "checked"


def test_what_was_taken_back_stands(granted: Aid) -> None:
    actions.withdraw_entry(entry=enter(granted, owed(granted)[0]), by=granted.staffed.operator)
    for statement in (
        "UPDATE disbursement_systementry SET withdraw_at = now()",
        "UPDATE disbursement_systementry SET status = 'entered', withdraw_by_id = NULL,"
        " withdraw_at = NULL",
    ):
        with pytest.raises(DatabaseError, match="stands"):
            run_sql(statement)
