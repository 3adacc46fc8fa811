"""追回: a payment found unjust comes back by two persons, and every balance says so."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError

from audit.refusal import Refused
from disbursement import actions, ledger, navigation
from disbursement.ledger import Purse
from disbursement.models import PaymentLine, Recovery
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, PAY_DAY, Aid, commit, run_sql
from tests.disbursement.pages import get, post


def paid(its: Aid) -> PaymentLine:
    cases.returned(its, {3: "账户未激活"})
    line: PaymentLine = PaymentLine.objects.filter(status="paid").order_by("pk")[0]
    return line


def asked_back(its: Aid, line: PaymentLine, fen: int = AMOUNT) -> Recovery:
    return actions.ask_back(
        line=line, amount_fen=fen, reason="核查发现情况不实", by=its.staffed.operator
    )


def settled(its: Aid, recovery: Recovery) -> Recovery:
    return actions.settle_recovery(
        recovery=recovery, returned_on=PAY_DAY, voucher="收-0018", by=its.staffed.finance
    )


def test_money_comes_back_by_two_persons_and_may_be_spent_again(all_ready: Aid) -> None:
    its, people = all_ready, all_ready.staffed
    line = paid(its)
    free = ledger.free(Purse.of(line.award))
    recovery = asked_back(its, line, AMOUNT // 2)
    recovery = actions.confirm_recovery(recovery=recovery, by=people.reviewer)
    assert ledger.free(Purse.of(line.award)) == free
    recovery = settled(its, recovery)
    commit()
    assert (recovery.status, recovery.voucher) == ("returned", "收-0018")
    assert ledger.free(Purse.of(line.award)) == free + AMOUNT // 2
    balances = ledger.balances(its.school)
    assert (balances["paid"], balances["recovered"]) == (2 * AMOUNT, -AMOUNT // 2)
    assert ledger.disagreements(its.school) == []


def test_every_reason_why_it_is_not_asked_back(all_ready: Aid) -> None:
    paid(all_ready)
    failed = PaymentLine.objects.get(status="failed")
    with pytest.raises(Refused) as refused:
        actions.ask_back(line=failed, amount_fen=AMOUNT + 1, reason="", by=all_ready.staffed.leader)
    assert [r.text for r in refused.value.reasons] == [
        "您的职责不能提出追回",
        "这笔款没有到账，不用追回",
        "追回的金额不对",
        "没有写明追回的原因",
    ]


@pytest.mark.parametrize("fen", [-1, 0, AMOUNT + 1])
def test_what_is_asked_back_is_some_of_what_was_paid(all_ready: Aid, fen: int) -> None:
    with pytest.raises(Refused, match="追回的金额不对"):
        asked_back(all_ready, paid(all_ready), fen)


def test_who_asked_does_not_decide(all_ready: Aid, cast: Cast) -> None:
    recovery = asked_back(all_ready, paid(all_ready))
    with pytest.raises(Refused, match="您的职责不能决定追回"):
        actions.confirm_recovery(recovery=recovery, by=cast.b.reviewer)
    reviewer = all_ready.staffed.reviewer
    reviewer.person_id = recovery.asked_by_id
    with pytest.raises(Refused, match="提出追回的人不能自己决定"):
        actions.confirm_recovery(recovery=recovery, by=reviewer)
    with pytest.raises(Refused, match="现在是“待确认”，不能登记追回到账"):
        settled(all_ready, recovery)


def test_a_payment_is_asked_back_once_unless_it_was_right(all_ready: Aid) -> None:
    line = paid(all_ready)
    recovery = asked_back(all_ready, line)
    with pytest.raises(Refused, match="这笔付款已经在追回"):
        asked_back(all_ready, line)
    actions.dismiss_recovery(recovery=recovery, reason="核实无误", by=all_ready.staffed.leader)
    assert asked_back(all_ready, line).status == "asked"


def test_it_returns_by_a_voucher_and_not_in_the_future(all_ready: Aid) -> None:
    recovery = asked_back(all_ready, paid(all_ready))
    recovery = actions.confirm_recovery(recovery=recovery, by=all_ready.staffed.reviewer)
    with pytest.raises(Refused) as refused:
        actions.settle_recovery(
            recovery=recovery,
            returned_on=date(2026, 11, 25),
            voucher=" ",
            by=all_ready.staffed.finance,
        )
    assert [r.text for r in refused.value.reasons] == ["没有凭证号", "到账日期在今天之后"]


def test_the_way_through_the_pages(all_ready: Aid, sign_in: Any) -> None:
    people = all_ready.staffed
    line = paid(all_ready)
    operator = sign_in(people.operator)
    assert "提出追回" in get(operator, "award", line.award_id)
    assert post(operator, "recovery_ask", line.award_id, amount="x", reason="").status_code == 409
    asked = {"amount": "1150.00", "reason": "情况不实"}
    assert post(operator, "recovery_ask", line.award_id, **asked).status_code == 302
    recovery = Recovery.objects.get()
    assert recovery.amount_fen == AMOUNT
    page = get(operator, "award", line.award_id)
    assert "由审核人或分管领导办理，您的职责是资助专干（经办）" in page
    (todo,) = navigation.todos(people.leader)
    assert todo.title == f"决定是否追回{line.student.name}的资助"
    reviewer = sign_in(people.reviewer)
    assert "将向学生追回" in get(reviewer, "award", line.award_id)
    assert post(reviewer, "recovery_confirm", recovery.pk).status_code == 302
    titles = [todo.title for todo in navigation.todos(people.finance)]
    assert f"追回{line.student.name}的资助" in titles
    finance = sign_in(people.finance)
    assert "登记追回到账" in get(finance, "award", line.award_id)
    back = {"returned_on": "2026-11-24", "voucher": "收-0018"}
    assert post(finance, "recovery_settle", recovery.pk, **back).status_code == 302
    page = get(finance, "award", line.award_id)
    assert "凭证号收-0018" in page
    assert "三个数一致" in get(finance, "ledger")


def test_a_recovery_is_dismissed_on_the_page(all_ready: Aid, sign_in: Any) -> None:
    recovery = asked_back(all_ready, paid(all_ready))
    reviewer = sign_in(all_ready.staffed.reviewer)
    assert post(reviewer, "recovery_dismiss", recovery.pk, reason="核实无误").status_code == 302
    assert "核实无误" in get(reviewer, "award", recovery.award_id)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("amount_fen = 0", "recovery_positive"),
        ("reason = ''", "recovery_reason"),
        ("status = 'claimed'", "recovery_claimed_stamp"),
        (
            "status = 'claimed', confirm_by_id = asked_by_id, confirm_at = now()",
            "recovery_second_person",
        ),
        ("status = 'dismissed'", "recovery_dismissed_stamp"),
        (
            "status = 'returned', confirm_at = now(), confirm_by_id ="
            " (SELECT max(id) FROM schools_person)",
            "recovery_returned_stamp",
        ),
    ],
)
def test_the_database_asks_a_second_person(all_ready: Aid, change: str, constraint: str) -> None:
    asked_back(all_ready, paid(all_ready))
    with pytest.raises(DatabaseError, match=constraint):
        run_sql(f"UPDATE disbursement_recovery SET {change}")
