"""What may still be reserved, in fen, at every step: nothing is spoken for twice, nothing lost."""

from disbursement import actions, ledger
from disbursement.ledger import Purse
from disbursement.models import LedgerEntry
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid


def test_money_is_spoken_for_from_the_freezing_until_it_arrived(all_ready: Aid) -> None:
    its, people = all_ready, all_ready.staffed
    purse = Purse(its.school.pk, its.programme.pk, its.term.pk)

    def money() -> tuple[int, int]:
        return ledger.available(purse) // AMOUNT, ledger.free(purse) // AMOUNT

    cases.fund(its, 10 * AMOUNT)
    actions.grant_awards(round_=its.round, by=people.operator)
    draft = cases.draft(its)
    assert money() == (10, 10)
    batch = actions.freeze(batch=draft, by=people.finance)
    # Three of 1,150 yuan each; the batch that asks doesn't stand in its own way.
    assert money() == (10, 7)
    assert ledger.free(purse, besides=batch.pk) == 10 * AMOUNT
    batch = actions.approve(batch=batch, content_hash=batch.content_hash, by=people.reviewer)
    assert money() == (10, 7)
    batch = actions.send(batch=batch, by=people.finance)
    assert money() == (7, 7)
    uploaded = cases.answer(batch, {1: "账户未激活"})
    actions.apply_return(batch=batch, content=uploaded, filename="回盘.xlsx", by=people.finance)
    # One came back and may be paid again.
    assert money() == (8, 8)
    batch.refresh_from_db()
    again = actions.freeze(
        batch=actions.follow_up(batch=batch, by=people.operator), by=people.finance
    )
    assert money() == (8, 7)
    cases.pay(its, actions.thaw(batch=again, reason="核对", by=people.finance))
    assert money() == (7, 7)
    assert ledger.disagreements(its.school) == []
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)) == [
        "fund", "award", "sent", "paid", "failed", "sent", "paid",
    ]  # fmt: skip


def test_each_programme_and_term_has_its_own_purse(all_ready: Aid) -> None:
    its, people = all_ready, all_ready.staffed
    beside = cases.aid(people, cases.programme("beside"))
    spring = cases.aid(people, its.programme, "2026-2")
    cases.fund(its, 3 * AMOUNT)
    for n, other in enumerate((beside, spring), 1):
        doubted = cases.fund(other, n * 100_000)
        actions.doubt_fund(fund=doubted, reason="文号有误", by=people.finance)
        cases.fund(other, n * 1_000_000)
        cases.recorded(other, n * 7)
    cases.recorded(its, 5)
    purses = [Purse(its.school.pk, a.programme.pk, a.term.pk) for a in (its, beside, spring)]
    assert [ledger.available(p) for p in purses] == [3 * AMOUNT, 1_100_000, 2_200_000]
    assert [ledger.free(p) for p in purses] == [3 * AMOUNT, 1_000_000, 2_000_000]
    assert [ledger.unconfirmed(p) for p in purses] == [5, 7, 14]
    of_school, of_spring = (ledger.balances(its.school, term=t) for t in (None, spring.term))
    assert (of_school["fund"], of_spring["fund"]) == (3 * AMOUNT + 3_300_000, 2_200_000)
    of_its, of_purse = (ledger.balances(its.school, its.programme, t) for t in (None, its.term))
    assert (of_its["fund"], of_purse["fund"]) == (3 * AMOUNT + 2_200_000, 3 * AMOUNT)
    actions.grant_awards(round_=its.round, by=people.operator)
    assert actions.freeze(batch=cases.draft(its), by=people.finance).line_count == 3
    assert [ledger.free(p) for p in purses] == [0, 1_000_000, 2_000_000]
