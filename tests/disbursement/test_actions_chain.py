"""The whole chain once: fund, cards, awards, batch, bank file, return, follow-up, settled."""

import pytest
from django.db import connection

from audit.verify import broken_links
from disbursement import actions, ledger
from disbursement.models import PaymentBatch, PaymentLine
from schools import clock
from tests.cast import Cast
from tests.disbursement import cases


def replaced(failed: PaymentLine, cast: Cast) -> None:
    """The lost card's place is taken by another, which is checked and activated."""
    actions.replace_card(
        card=failed.student.cards.get(status="active"),
        number=cases.card_number(),
        bank="示范银行",
        holder=failed.student.name,
        reason="挂失后补办",
        by=cast.a.operator,
    )
    fresh = failed.student.cards.get(status="issued")
    actions.check_card(card=fresh, by=cast.a.reviewer)
    actions.activate_card(card=fresh, by=cast.a.operator)


@pytest.mark.parametrize("profile", ["xlsx", "txt", "txt_gbk"])
def test_money_arrives_and_every_balance_agrees(cast: Cast, profile: str) -> None:
    with clock.at(cases.PAY_DAY):
        its = cases.aid(cast.a)
        for someone in cast.a.students:
            cases.ready(its, someone)
        batch = cases.sent(its, profile)
        assert (batch.line_count, batch.total_fen) == (3, 3 * cases.AMOUNT)
        found = actions.apply_return(
            batch=batch,
            content=cases.answer(batch, {2: "账户已挂失"}),
            filename="回盘",
            by=cast.a.finance,
        )
        assert (found.paid_count, found.failed_count) == (2, 1)
        assert not ledger.disagreements(cast.school)

        failed = PaymentLine.objects.get(batch=batch, status="failed")
        again = actions.follow_up(batch=batch, by=cast.a.operator)
        replaced(failed, cast)
        again = actions.freeze(batch=again, by=cast.a.finance)
        assert PaymentLine.objects.get(batch=again).retries == failed
        actions.approve(batch=again, content_hash=again.content_hash, by=cast.a.reviewer)
        again = actions.send(batch=again, by=cast.a.finance, profile=profile)
        actions.apply_return(
            batch=again, content=cases.answer(again), filename="回盘", by=cast.a.finance
        )
        for one in (again, batch):
            assert actions.close(batch=one, by=cast.a.finance).status == "closed"

        assert not ledger.disagreements(cast.school)
        assert ledger.balances(cast.school, its.programme, its.term) == {
            "received": -100_000_000,
            "fund": 100_000_000 - 3 * cases.AMOUNT,
            "committed": 0,
            "payable": 0,
            "in_transit": 0,
            "paid": 3 * cases.AMOUNT,
            "recovered": 0,
        }
        assert not list(broken_links(cast.school.pk))
        assert PaymentBatch.objects.count() == 2
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
