"""年度经费 tells what this school pays: not what others handle, what all get, or what is over."""

from typing import Any

import pytest

from applications.models import Programme
from disbursement.budget import budget
from schools import clock
from schools.tenancy import set_scope
from tests.applications.policy import enacted
from tests.cast import Cast
from tests.disbursement.cases import Aid


@pytest.mark.parametrize(
    "told",
    [
        {"handling": "elsewhere", "paid_by": "乡村振兴部门"},
        {"handling": "universal"},
        {"stage": "vocational"},
        {"valid_to": "2026-08-31"},
    ],
)
def test_what_the_school_does_not_pay_has_no_line(all_ready: Aid, told: dict[str, Any]) -> None:
    its = all_ready

    def codes() -> set[str]:
        return {n.programme.code for n in budget(its.school, its.term.year, clock.today())}

    assert its.programme.code in codes()
    Programme.objects.filter(pk=its.programme.pk).update(**told)
    assert its.programme.code not in codes()


@pytest.mark.parametrize("kind", ["grant", "waiver"])
def test_the_nations_is_not_needed_beside_the_districts_own(
    cast: Cast, all_ready: Aid, kind: str
) -> None:
    its = all_ready
    enacted(cast.bureau_operator, cast.bureau_reviewer, kind=kind)
    set_scope(its.school.pk)
    codes = {n.programme.code for n in budget(its.school, its.term.year, clock.today())}
    # Of another kind it is given beside it.
    assert ("senior_grant" in codes) == (kind != "grant")
