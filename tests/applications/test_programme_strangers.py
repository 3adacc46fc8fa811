"""A version is taken back, or kept, by its own authority alone: the actions ask for it too."""

from datetime import date
from typing import Any

import pytest

from applications import actions
from applications.models import Programme
from audit.refusal import Refused
from schools.roles import Role
from schools.scope import acting_for
from tests.applications.policy import enacted, facts
from tests.cast import Cast, appoint

NEXT_YEAR = date(2027, 9, 1)
STRANGE = ["这不是本单位的资助项目"]


def why(act: Any, **told: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        act(**told)
    return [reason.text for reason in caught.value.reasons]


def test_another_bureau_neither_asks_nor_agrees_nor_keeps(cast: Cast) -> None:
    with acting_for(cast.other_district):
        checker = appoint("别区审核", cast.other_district, Role.BUREAU_REVIEWER, "checker-there")
    programme = enacted(cast.bureau_operator, cast.bureau_reviewer, NEXT_YEAR)
    asking: dict[str, Any] = {"programme": programme, "reason": "写错"}
    assert why(actions.ask_revoke, **asking, by=cast.other_bureau_operator) == STRANGE
    actions.ask_revoke(**asking, by=cast.bureau_operator)
    assert why(actions.confirm_revoke, programme=programme, by=checker) == STRANGE
    assert why(actions.retain_programme, **asking, by=checker) == STRANGE
    assert Programme.objects.get(pk=programme.pk).status == "revoking"


def test_nothing_is_paired_with_a_draft_or_a_version_that_never_was(cast: Cast) -> None:
    """Who is given what no longer stands would keep a child from what does."""
    gone = enacted(cast.bureau_operator, cast.bureau_reviewer, NEXT_YEAR)
    actions.ask_revoke(programme=gone, reason="写错", by=cast.bureau_operator)
    actions.confirm_revoke(programme=gone, by=cast.bureau_reviewer)
    draft = actions.draft_programme(facts=facts(name="草稿"), by=cast.bureau_operator)
    for other in (draft, gone):
        told = facts(name="另一项", exclusive=(other.pk,))
        found = why(actions.draft_programme, facts=told, by=cast.bureau_operator)
        assert found == ["有不能同时享受的项目不在本单位的项目里"]
