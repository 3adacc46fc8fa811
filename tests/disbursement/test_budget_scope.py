"""年度经费 tells what this school pays: not what others handle, what all get, or what is over."""

from typing import Any

import pytest

from applications.models import Programme
from disbursement.budget import budget
from schools import clock
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
