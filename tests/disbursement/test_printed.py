"""What printed forms ask of review and of this floor, and how it comes onto the paper."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.told_above import told_above
from disbursement import printed
from disbursement.models import AidCard
from review.models import Case
from tests.disbursement.cases import Aid


def test_grade_bank_and_last_four(all_ready: Aid) -> None:
    ids = [s.pk for s in all_ready.staffed.students]
    Case.objects.filter(recognitions__student_id=ids[0]).update(
        appraised_grade="special", advised_grade="special", decision_reason="父亲已就业"
    )
    with CaptureQueriesContext(connection) as asked:
        told = told_above(all_ready.round, ids)
    assert len(asked) == 3
    card = AidCard.objects.get(student_id=ids[0])
    digits = card.number.reveal()
    assert told[ids[0]] == {
        "grade": "困难",
        "panel": "特别困难",
        "bank": card.bank,
        "branch": "",
        "card": f"尾号{digits[-4:]}",
        "main": "是",
        "holder": card.holder,
    }
    assert digits not in str(told)


def test_last_years_grade_and_a_lost_card_are_not_printed(all_ready: Aid) -> None:
    ids = [s.pk for s in all_ready.staffed.students]
    round_ = all_ready.round
    round_.term.year -= 1
    assert "grade" not in told_above(round_, ids)[ids[0]]
    AidCard.objects.update(status="closed")
    assert printed.cards(round_, ids) == {}


@pytest.mark.parametrize(
    ("told", "bank", "branch"),
    [
        ("示范银行", "示范银行", ""),
        ("示范银行样例支行", "示范银行", "示范银行样例支行"),
        ("示范银行股份有限公司示范县分理处", "示范银行", "示范银行股份有限公司示范县分理处"),
        ("示范县农村信用社样例分社", "示范县农村信用社", "示范县农村信用社样例分社"),
        # What names no bank stays as it was written.
        ("样例支行", "样例支行", ""),
    ],
)
def test_a_branch_is_parted_from_its_bank(told: str, bank: str, branch: str) -> None:
    assert printed.bank_and_branch(told) == {"bank": bank, "branch": branch}
