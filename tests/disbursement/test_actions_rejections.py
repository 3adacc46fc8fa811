"""The bank refuses a whole file: two persons say so, and it is sent again, never paid twice."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError

from audit.refusal import Refused
from disbursement import actions, agreement, ledger
from disbursement.models import BankRejection, LedgerEntry, PaymentBatch, PaymentLine
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid, commit, run_sql


def _reported(its: Aid, batch: PaymentBatch) -> BankRejection:
    return actions.report_rejection(batch=batch, reason="格式不符，未受理", by=its.staffed.finance)


def test_a_refused_file_is_sent_again_and_paid_once(all_ready: Aid) -> None:
    its, people = all_ready, all_ready.staffed
    batch = cases.sent(its)
    first = batch.bank_file
    rejection = _reported(its, batch)
    assert ledger.balances(its.school)["in_transit"] == 3 * AMOUNT
    batch = actions.confirm_rejection(rejection=rejection, by=people.reviewer)
    assert (batch.status, batch.bank_file, batch.send_by_id) == ("approved", None, None)
    assert ledger.balances(its.school)["in_transit"] == 0
    assert ledger.disagreements(its.school) == []
    assert PaymentLine.objects.filter(status="pending").count() == 3
    batch = actions.send(batch=batch, by=people.finance, profile="txt")
    assert batch.bank_file != first
    assert batch.bank_file is not None
    assert batch.bank_file.name == f"{batch.number}-2.txt"
    assert agreement.of(batch).agrees
    actions.apply_return(
        batch=batch, content=cases.answer(batch), filename="回盘.txt", by=people.finance
    )
    commit()
    assert ledger.balances(its.school, its.programme, its.term)["paid"] == 3 * AMOUNT
    assert ledger.disagreements(its.school) == []
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)) == [
        "fund",
        "award",
        "sent",
        "rejected",
        "sent",
        "paid",
    ]


def test_it_may_be_refused_a_second_time(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    for _ in range(2):
        batch = actions.confirm_rejection(
            rejection=_reported(all_ready, batch), by=all_ready.staffed.reviewer
        )
        batch = actions.send(batch=batch, by=all_ready.staffed.finance)
    assert batch.bank_file is not None
    assert batch.bank_file is not None
    assert batch.bank_file.name == f"{batch.number}-3.xlsx"
    assert ledger.disagreements(all_ready.school) == []


def test_after_a_refusal_the_batch_may_go_back_to_a_draft(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    batch = actions.confirm_rejection(
        rejection=_reported(all_ready, batch), by=all_ready.staffed.reviewer
    )
    batch = actions.thaw(batch=batch, reason="更正开户行", by=all_ready.staffed.finance)
    batch = actions.freeze(batch=batch, by=all_ready.staffed.finance)
    commit()
    assert agreement.of(batch).agrees
    assert PaymentLine.objects.count() == 3


def test_it_takes_a_reason_a_sent_batch_and_a_second_person(all_ready: Aid) -> None:
    people = all_ready.staffed
    batch = cases.approved(all_ready)
    with pytest.raises(Refused) as refused:
        actions.report_rejection(batch=batch, reason=" ", by=people.operator)
    assert [r.text for r in refused.value.reasons] == [
        "您的职责不能登记银行整批退回",
        "现在是“已审批”，不能银行整批退回",
        "没有写明银行退回的原因",
    ]
    batch = actions.send(batch=batch, by=people.finance)
    rejection = _reported(all_ready, batch)
    with pytest.raises(Refused, match="已登记过银行整批退回"):
        _reported(all_ready, batch)
    with pytest.raises(Refused, match="您的职责不能确认银行整批退回"):
        actions.confirm_rejection(rejection=rejection, by=people.finance)
    reviewer = people.reviewer
    reviewer.person_id = rejection.reported_by_id
    with pytest.raises(Refused, match="登记退回或送出文件的人不能确认整批退回"):
        actions.confirm_rejection(rejection=rejection, by=reviewer)


def test_no_answer_is_applied_while_a_refusal_is_open(all_ready: Aid) -> None:
    people = all_ready.staffed
    batch = cases.sent(all_ready)
    rejection = _reported(all_ready, batch)
    uploaded = cases.answer(batch)
    with pytest.raises(Refused, match="已登记银行整批退回，还没有确认"):
        actions.apply_return(batch=batch, content=uploaded, filename="x", by=people.finance)
    with pytest.raises(Refused, match="没有写明撤销的原因"):
        actions.dismiss_rejection(rejection=rejection, reason="", by=people.reviewer)
    actions.dismiss_rejection(rejection=rejection, reason="银行已受理", by=people.reviewer)
    with pytest.raises(Refused, match="现在是“不属实”，不能确认整批退回"):
        actions.confirm_rejection(rejection=rejection, by=people.reviewer)
    actions.apply_return(batch=batch, content=uploaded, filename="x", by=people.finance)
    assert ledger.disagreements(all_ready.school) == []


def test_the_other_school_can_not(all_ready: Aid, cast: Cast) -> None:
    with pytest.raises(Refused, match="您的职责不能登记银行整批退回"):
        actions.report_rejection(batch=cases.sent(all_ready), reason="格式不符", by=cast.b.finance)


def test_neither_who_sent_nor_who_reported_confirms(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    finance: Any = all_ready.staffed.finance
    sender, finance.person_id = finance.person_id, all_ready.staffed.operator.person_id
    rejection = actions.report_rejection(batch=batch, reason="格式不符", by=finance)
    reviewer: Any = all_ready.staffed.reviewer
    for person in (sender, finance.person_id):
        reviewer.person_id = person
        with pytest.raises(Refused, match="登记退回或送出文件的人不能确认整批退回"):
            actions.confirm_rejection(rejection=rejection, by=reviewer)
    by = all_ready.staffed.leader
    assert actions.confirm_rejection(rejection=rejection, by=by).status == "approved"


def test_the_database_takes_a_sent_batch_back_only_with_the_second_persons_word(
    all_ready: Aid,
) -> None:
    batch = cases.sent(all_ready)
    back = "UPDATE disbursement_paymentbatch SET status = 'approved'"
    with pytest.raises(DatabaseError, match="was not refused by the bank"):
        run_sql(back)
    rejection = _reported(all_ready, batch)
    with pytest.raises(DatabaseError, match="was not refused by the bank"):
        run_sql(back)
    with pytest.raises(DatabaseError, match="is frozen"):
        run_sql("UPDATE disbursement_paymentbatch SET bank_file_id = NULL")
    batch = actions.confirm_rejection(rejection=rejection, by=all_ready.staffed.reviewer)
    actions.send(batch=batch, by=all_ready.staffed.finance)
    # The word about the first sending is no word about the second.
    with pytest.raises(DatabaseError, match="was not refused by the bank"):
        run_sql(back)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("reason = ''", "rejection_reason"),
        (
            "status = 'confirmed', confirm_by_id = reported_by_id, confirm_at = now()",
            "rejection_second_person",
        ),
        ("status = 'confirmed'", "rejection_confirmed_stamp"),
        ("status = 'dismissed'", "rejection_dismissed_stamp"),
    ],
)
def test_the_database_asks_a_second_person(all_ready: Aid, change: str, constraint: str) -> None:
    _reported(all_ready, cases.sent(all_ready))
    with pytest.raises(IntegrityError, match=constraint):
        run_sql(f"UPDATE disbursement_bankrejection SET {change}")
