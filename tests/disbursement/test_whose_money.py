"""What a batch pays is its own, once, to the card of today, and only what the public could see."""

from datetime import date, timedelta

import pytest

from applications.models import Programme, Tier
from audit.refusal import Refused
from disbursement import actions, agreement, content, ledger, queue, receipts
from disbursement.actions import sending
from disbursement.bank_files import Totals
from disbursement.models import Award, PaymentBatch
from review.models import Notice
from schools import clock
from students.models import Guardian
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid


def granted(its: Aid) -> int:
    return actions.grant_awards(round_=its.round, by=its.staffed.operator).count


def frozen(its: Aid, batch: PaymentBatch | None = None) -> PaymentBatch:
    return actions.freeze(batch=batch or cases.draft(its), by=its.staffed.finance)


def test_another_programmes_another_terms_and_revoked_awards_are_not_paid(all_ready: Aid) -> None:
    its, students = all_ready, all_ready.staffed.students
    cases.fund(its)
    granted(its)
    actions.revoke(award=cases.award_of(students[0]), reason="点错了人", by=its.staffed.operator)
    beside = cases.aid(its.staffed, cases.programme("beside"))
    spring = cases.aid(its.staffed, its.programme, "2026-2")
    for other in (beside, spring):
        cases.award_all(other, [cases.case(other, someone) for someone in students])
    batch = frozen(its)
    assert (batch.line_count, batch.total_fen, batch.held) == (2, 2 * AMOUNT, [])
    paid = {(ln.student_id, ln.award.programme_id, ln.award.term_id) for ln in batch.lines.all()}
    assert paid == {(s.pk, its.programme.pk, its.term.pk) for s in students[1:]}
    found = agreement.of(batch)
    assert (found.awards, found.lines, found.agrees) == (found.lines, Totals(2, 2 * AMOUNT), True)


def test_the_next_batch_pays_who_came_since_and_nobody_again(all_ready: Aid) -> None:
    its = all_ready
    cases.fund(its)
    granted(its)
    first = cases.pay(its, cases.draft(its))
    someone = cases.add_students(its.staffed, 1)[0]
    cases.ready(its, someone)
    granted(its)
    second = frozen(its)
    assert (first.line_count, second.line_count, second.held) == (3, 1, [])
    assert [ln.student_id for ln in content.lines_of(second)] == [someone.pk]
    assert [agreement.of(batch).agrees for batch in (first, second)] == [True, True]
    # Each is signed for with its own.
    assert receipts.lines_of(second) == content.lines_of(second)
    assert len(receipts.lines_of(first)) == 3


def test_who_is_neither_paid_nor_held_is_missed(all_ready: Aid) -> None:
    its = all_ready
    actions.report_lost(card=its.staffed.students[0].cards.get(), by=its.staffed.operator)
    cases.fund(its)
    granted(its)
    batch = frozen(its)
    assert agreement.of(batch).agrees
    batch.held = []
    found = agreement.of(batch)
    assert (found.awards, found.lines) == (Totals(3, 3 * AMOUNT), Totals(2, 2 * AMOUNT))
    assert not found.agrees


def test_a_follow_up_takes_what_came_back_in_its_own_batch(all_ready: Aid) -> None:
    its = all_ready
    first = cases.returned(its, {1: "账户未激活"})
    someone = cases.add_students(its.staffed, 1)[0]
    cases.ready(its, someone)
    granted(its)
    second = cases.pay(its, cases.draft(its), {1: "户名不符"})
    for batch in (first, second):
        failed = batch.lines.get(status="failed")
        again = frozen(its, actions.follow_up(batch=batch, by=its.staffed.operator))
        (line,) = content.lines_of(again)
        assert (line.award_id, line.retries_id) == (failed.award_id, failed.pk)
        assert again.held == []


def test_an_earlier_months_batch_pays_no_later_month(its: Aid) -> None:
    Programme.objects.filter(pk=its.programme.pk).update(money_cadence="monthly")
    its.programme.refresh_from_db()
    cases.ready(its, its.staffed.students[0])
    its.round.refresh_from_db()
    cases.fund(its)
    assert granted(its) == 5
    batch = actions.draft_batch(
        school=its.school,
        programme=its.programme,
        term=its.term,
        by=its.staffed.operator,
        instalment=2,
    )
    batch = frozen(its, batch)
    assert [ln.award.instalment for ln in content.lines_of(batch)] == [1, 2]
    assert (batch.total_fen, batch.held) == (2 * AMOUNT, [])
    assert agreement.of(batch).agrees


@pytest.mark.parametrize(
    ("status", "ended", "held"),
    [("confirmed", 1, False), ("confirmed", 0, True), ("published", 1, True)],
)
def test_nothing_is_paid_before_the_notice_has_ended_and_was_confirmed(
    all_ready: Aid, status: str, ended: int, held: bool
) -> None:
    its = all_ready
    cases.fund(its)
    granted(its)
    # Of another round all is well.
    cases.aid(its.staffed, cases.programme("beside"))
    stamps = {} if status == "confirmed" else {"confirm_by": None, "confirm_at": None}
    Notice.objects.filter(round=its.round).update(
        status=status, ends_on=clock.today() - timedelta(ended), **stamps
    )
    if not held:
        assert frozen(its).line_count == 3
        return
    with pytest.raises(Refused, match="公示期没有满或没有确认"):
        frozen(its)


def test_who_lost_the_card_after_the_freezing_is_named_before_sending(all_ready: Aid) -> None:
    batch = cases.approved(all_ready)
    someone = all_ready.staffed.students[0]
    actions.report_lost(card=someone.cards.get(), by=all_ready.staffed.operator)
    with pytest.raises(Refused, match=f"{someone.name}：没有资助卡"):
        actions.send(batch=batch, by=all_ready.staffed.finance)


def test_the_card_in_use_is_paid_whatever_becomes_of_the_old_one(all_ready: Aid) -> None:
    its = all_ready
    someone = its.staffed.students[0]
    old = actions.report_lost(card=someone.cards.get(), by=its.staffed.operator)
    new = cases.card(its, someone)
    actions.close_card(card=old, reason="已补办", by=its.staffed.operator)
    cases.fund(its)
    granted(its)
    batch = frozen(its)
    assert batch.line_count == 3
    line = batch.lines.get(student=someone)
    assert line.card_number.reveal() == new.number.reveal()


def test_a_draft_for_which_nobody_waits_any_more_is_not_frozen(all_ready: Aid) -> None:
    its = all_ready
    granted(its)
    batch = cases.draft(its)
    for award in Award.objects.all():
        actions.revoke(award=award, reason="点错了人", by=its.staffed.operator)
    assert queue.checklist(batch, date(2026, 11, 24)).passing == []
    with pytest.raises(Refused, match="没有可以发放的人"):
        frozen(its, batch)


def test_the_money_that_came_in_is_paid_to_the_last_fen(all_ready: Aid) -> None:
    its = all_ready
    cases.fund(its, 3 * AMOUNT)
    granted(its)
    batch = cases.pay(its, cases.draft(its))
    assert (batch.status, batch.total_fen) == ("returned", 3 * AMOUNT)


def test_what_was_awarded_is_paid_whatever_the_standard_is_now(all_ready: Aid) -> None:
    its = all_ready
    cases.fund(its)
    granted(its)
    Tier.objects.filter(pk=its.tier.pk).update(amount_fen=1)
    assert frozen(its).total_fen == 3 * AMOUNT


def test_a_guardians_card_is_paid_in_the_guardians_name(its: Aid) -> None:
    its.programme.guardian_card = True
    its.programme.save()
    someone = its.staffed.students[0]
    Guardian.objects.create(school=its.school, student=someone, name="张样泽", relation="父亲")
    cases.ready(its, someone, holder="张样泽", guardians=True)
    cases.fund(its)
    granted(its)
    (payment,) = content.payments(content.lines_of(frozen(its)))
    assert (payment.name, payment.amount_fen) == ("张样泽", AMOUNT)


def test_a_follow_up_in_preparation_keeps_no_newcomer_waiting(all_ready: Aid) -> None:
    its = all_ready
    batch = cases.returned(its, {1: "账户未激活"})
    actions.follow_up(batch=batch, by=its.staffed.operator)
    someone = cases.add_students(its.staffed, 1)[0]
    cases.ready(its, someone)
    granted(its)
    assert [ln.student_id for ln in content.lines_of(frozen(its))] == [someone.pk]


def test_what_is_sent_is_what_was_approved_and_is_covered(all_ready: Aid) -> None:
    batch = cases.approved(all_ready)
    lines = content.lines_of(batch)
    assert sending.why_not_send(batch, content.clear(lines), "xlsx") == []
    other = cases.card_number()
    lines[0].card_number = other
    changed = [r.text for r in sending.why_not_send(batch, content.clear(lines), "xlsx")]
    assert "冻结的明细与审批的内容指纹不符" in changed
    batch.total_fen = 100_000_001
    short = [r.text for r in sending.why_not_send(batch, content.opened(batch), "xlsx")]
    assert short == ["可用资金1,000,000.00元，本批需要1,000,000.01元，差0.01元", "冻结之后情况有变"]


def test_what_was_paid_is_not_revoked_and_what_was_held_is(all_ready: Aid) -> None:
    its = all_ready
    held = its.staffed.students[0]
    actions.report_lost(card=held.cards.get(), by=its.staffed.operator)
    batch = cases.returned(its, {1: "账户未激活"})
    failed, paid = content.lines_of(batch)
    with pytest.raises(Refused, match=f"已列入批次{batch.number}，已到账"):
        actions.revoke(award=paid.award, reason="点错了人", by=its.staffed.operator)
    for award in (cases.award_of(held), failed.award):
        done = actions.revoke(award=award, reason="点错了人", by=its.staffed.operator)
        assert done.status == "revoked"
    assert ledger.balances(its.school)["committed"] == 0
    assert ledger.disagreements(its.school) == []
