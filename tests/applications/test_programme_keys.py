"""What the database itself keeps of a programme, and who may keep a version that was asked back."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from applications import actions
from applications.models import Programme
from audit.refusal import Refused
from schools import clock
from schools.roles import Role
from tests.applications.policy import enacted
from tests.cast import Cast, appoint

NEXT_YEAR = date(2027, 9, 1)


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ({"handling": "elsewhere", "paid_by": ""}, "programme_handled"),
        ({"share_least": 0, "share_most": 500}, "programme_share"),
        ({"share_least": 500, "share_most": 300}, "programme_share"),
        ({"share_least": 300, "share_most": 10_001}, "programme_share"),
        ({"share_least": None, "share_most": 500}, "programme_share"),
        ({"share_least": 300, "share_most": None}, "programme_share"),
    ],
)
def test_who_pays_and_which_share_are_kept_whole(
    db: None, told: dict[str, object], key: str
) -> None:
    grants = Programme.objects.filter(code="senior_grant")
    with pytest.raises(IntegrityError, match=key), transaction.atomic():
        grants.update(**told)


@pytest.mark.parametrize("missing", ["revoke_reason", "ask_revoke_by", "ask_revoke_at"])
def test_nothing_is_asked_back_without_who_when_and_why(cast: Cast, missing: str) -> None:
    one = enacted(cast.bureau_operator, cast.bureau_reviewer, NEXT_YEAR)
    told: dict[str, object] = {
        "revoke_reason": "写错",
        "ask_revoke_by": cast.bureau_operator.person,
        "ask_revoke_at": clock.now(),
    }
    told[missing] = "" if missing == "revoke_reason" else None
    rows = Programme.objects.filter(pk=one.pk)
    with pytest.raises(IntegrityError, match="programme_revoking_asked"), transaction.atomic():
        rows.update(status="revoking", **told)


def test_a_colleague_of_whoever_asked_keeps_nothing(cast: Cast) -> None:
    """Who asked gives it up, a checker refuses it; another officer of the bureau does neither."""
    one = enacted(cast.bureau_operator, cast.bureau_reviewer, NEXT_YEAR)
    colleague = appoint("同事", cast.district, Role.BUREAU_OPERATOR, "colleague")
    actions.ask_revoke(programme=one, reason="写错", by=cast.bureau_operator)
    with pytest.raises(Refused) as caught:
        actions.retain_programme(programme=one, reason="不撤", by=colleague)
    assert [reason.text for reason in caught.value.reasons] == ["不同意撤回由审核人办理"]
    kept = actions.retain_programme(programme=one, reason="没有写错", by=cast.bureau_operator)
    assert kept.status == "enacted"
