"""64 people at once do the same small deed about money or a card: one of them has done it.

Each deed has its control, in which nobody waits and the deed's own key is taken away.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from disbursement import actions, upkeep
from disbursement.actions import batches, cards
from disbursement.models import AidCard, Award, BankRejection, SystemEntry
from office.spreadsheets.writing import write_rows
from tests.disbursement import cases
from tests.disbursement.cases import PAY_DAY, Aid
from tests.disbursement.test_races import (
    ONE_WINNER,
    _granted,
    _race,
    _unguarded,
    _without,
    its,
    nothing_waits,
)
from tests.disbursement.test_recoveries import asked_back, paid

__all__ = ["its", "nothing_waits"]
pytestmark = pytest.mark.race
Act = Callable[[int], object]
Key = tuple[str, ...]


def _thaw(its: Aid) -> Act:
    batch = cases.frozen(its)
    return lambda _: actions.thaw(batch=batch, reason="金额有误", by=its.staffed.finance)


def _discard(its: Aid) -> Act:
    batch = _granted(its)
    return lambda _: actions.discard(batch=batch, by=its.staffed.operator)


def _close(its: Aid) -> Act:
    batch = cases.returned(its)
    return lambda _: actions.close(batch=batch, by=its.staffed.finance)


def _draft(its: Aid) -> Act:
    cases.fund(its)
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    return lambda _: cases.draft(its)


def _follow_up(its: Aid) -> Act:
    batch = cases.returned(its, {3: "账户未激活"})
    return lambda _: actions.follow_up(batch=batch, by=its.staffed.operator)


def _revoke(its: Aid) -> Act:
    _granted(its)
    award = Award.objects.order_by("pk")[0]
    return lambda _: actions.revoke(award=award, reason="情况不实", by=its.staffed.operator)


def _discard_fund(its: Aid) -> Act:
    fund = cases.recorded(its)
    return lambda _: actions.discard_fund(fund=fund, reason="填错", by=its.staffed.finance)


def _doubt_fund(its: Aid) -> Act:
    fund = cases.fund(its)
    return lambda _: actions.doubt_fund(fund=fund, reason="填错", by=its.staffed.finance)


def _keep_fund(its: Aid) -> Act:
    fund = actions.doubt_fund(fund=cases.fund(its), reason="填错", by=its.staffed.finance)
    return lambda _: actions.keep_fund(fund=fund, reason="没有错", by=its.staffed.reviewer)


def _record_fund(its: Aid) -> Act:
    told: dict[str, Any] = {
        "document_no": "示财教〔2026〕9号",
        "amount_fen": 100,
        "received_on": PAY_DAY,
    }
    return lambda _: actions.record_fund(
        school=its.school,
        programme=its.programme,
        term=its.term,
        by=its.staffed.finance,
        **told,
    )


def _dismiss_rejection(its: Aid) -> Act:
    batch = cases.sent(its)
    actions.report_rejection(batch=batch, reason="格式不对", by=its.staffed.finance)
    found = BankRejection.objects.get()
    return lambda _: actions.dismiss_rejection(
        rejection=found, reason="银行已受理", by=its.staffed.reviewer
    )


def _confirm_recovery(its: Aid) -> Act:
    found = asked_back(its, paid(its))
    return lambda _: actions.confirm_recovery(recovery=found, by=its.staffed.reviewer)


def _dismiss_recovery(its: Aid) -> Act:
    found = asked_back(its, paid(its))
    return lambda _: actions.dismiss_recovery(
        recovery=found, reason="情况属实", by=its.staffed.reviewer
    )


def _new_card(its: Aid) -> AidCard:
    someone = cases.add_students(its.staffed, 1)[0]
    return cases.card(its, someone, ready=False)


def _check_card(its: Aid) -> Act:
    card = _new_card(its)
    return lambda _: actions.check_card(card=card, by=its.staffed.reviewer)


def _activate_card(its: Aid) -> Act:
    card = _new_card(its)
    return lambda _: actions.activate_card(card=card, by=its.staffed.operator)


def _check_cards(its: Aid) -> Act:
    both = [_new_card(its), _new_card(its)]
    # Ticked from above or from below.
    orders = both, both[::-1]
    return lambda i: actions.check_cards(cards=orders[i % 2], by=its.staffed.reviewer)


def _activate_cards(its: Aid) -> Act:
    both = [_new_card(its), _new_card(its)]
    orders = both, both[::-1]
    return lambda i: actions.activate_cards(cards=orders[i % 2], by=its.staffed.operator)


def _import_cards(its: Aid) -> Act:
    """The bank's list of two students, in the order of the class or of the bank."""
    rows = []
    for n, someone in enumerate(cases.add_students(its.staffed, 2), 1):
        someone.student_no = f"26009{n}"
        someone.save()
        rows.append([someone.name, someone.student_no, cases.card_number(), "示范银行"])
    files = [write_rows(None, ("姓名", "学号", "卡号", "开户行"), r) for r in (rows, rows[::-1])]
    return lambda i: actions.import_cards(
        school=its.school, content=files[i % 2], filename="卡.xlsx", by=its.staffed.operator
    )


def _report_lost(its: Aid) -> Act:
    card = AidCard.objects.order_by("pk")[0]
    return lambda _: actions.report_lost(card=card, by=its.staffed.operator)


def _close_card(its: Aid) -> Act:
    card = AidCard.objects.order_by("pk")[0]
    return lambda _: actions.close_card(card=card, reason="毕业", by=its.staffed.operator)


def _replace_card(its: Aid) -> Act:
    card = AidCard.objects.order_by("pk")[0]
    told = {"bank": "示范银行", "holder": card.student.name, "reason": "补办"}
    return lambda i: actions.replace_card(
        card=card, number=f"62{900 + i:017d}", by=its.staffed.operator, **told
    )


def _note_entered(its: Aid) -> Act:
    _granted(its)
    (duty,) = upkeep.duties(its.school, its.term)
    return lambda _: actions.note_entered(
        school=its.school,
        programme=its.programme,
        term=its.term,
        month=0,
        shown=duty.mark,
        by=its.staffed.operator,
    )


def _entered(its: Aid) -> SystemEntry:
    _note_entered(its)(0)
    return SystemEntry.objects.get()


def _check_entry(its: Aid) -> Act:
    entry = _entered(its)
    return lambda _: actions.check_entry(entry=entry, by=its.staffed.reviewer)


def _refuse_entry(its: Aid) -> Act:
    entry = _entered(its)
    return lambda _: actions.refuse_entry(entry=entry, answer="少一人", by=its.staffed.reviewer)


def _withdraw_entry(its: Aid) -> Act:
    entry = _entered(its)
    return lambda _: actions.withdraw_entry(entry=entry, by=its.staffed.operator)


ENTRY = ("systementry",)
CAUSE = ("ledgerentry", "ledger_cause_once")
BATCH = ("paymentbatch", "batch_one_draft", "batch_number")
DEEDS: dict[str, tuple[Callable[[Aid], Act], tuple[Key, ...]]] = {
    "thaw": (_thaw, ()),
    "discard": (_discard, ()),
    "close": (_close, ()),
    "draft_batch": (_draft, (BATCH,)),
    "follow_up": (_follow_up, (BATCH,)),
    "revoke": (_revoke, (CAUSE,)),
    "record_fund": (_record_fund, (("fund", "fund_once"),)),
    "discard_fund": (_discard_fund, ()),
    "doubt_fund": (_doubt_fund, ()),
    "keep_fund": (_keep_fund, ()),
    "dismiss_rejection": (_dismiss_rejection, ()),
    "confirm_recovery": (_confirm_recovery, ()),
    "dismiss_recovery": (_dismiss_recovery, ()),
    "check_card": (_check_card, ()),
    "activate_card": (_activate_card, ()),
    "check_cards": (_check_cards, ()),
    "activate_cards": (_activate_cards, ()),
    "import_cards": (_import_cards, (("aidcard", "card_one_per_student", "card_one_student"),)),
    "report_lost": (_report_lost, ()),
    "close_card": (_close_card, ()),
    "note_entered": (
        _note_entered,
        (("systementry", "system_entry_number", "system_entry_one_waiting"),),
    ),
    "check_entry": (_check_entry, (ENTRY,)),
    "refuse_entry": (_refuse_entry, (ENTRY,)),
    "withdraw_entry": (_withdraw_entry, (ENTRY,)),
    "replace_card": (_replace_card, (("aidcard", "card_one_per_student"),)),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_one_of_many(its: Aid, deed: str) -> None:
    arrange, _ = DEEDS[deed]
    assert _race(its, arrange(its)) == ONE_WINNER


@pytest.fixture
def nobody_waits(nothing_waits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No card of a selection is locked either, and batches are numbered side by side."""

    def read(found: Any) -> list[AidCard]:
        keys = [card.pk for card in found]
        return list(AidCard.objects.filter(pk__in=keys).select_related("student"))

    monkeypatch.setattr(cards, "_lock_all", read)
    monkeypatch.setattr(batches, "_one_at_a_time", lambda school, term: None)


@pytest.mark.parametrize("deed", DEEDS)
def test_several_where_nobody_waits(its: Aid, nobody_waits: None, deed: str) -> None:
    arrange, keys = DEEDS[deed]
    act = arrange(its)
    with ExitStack() as stack:
        for table, *names in keys:
            stack.enter_context(_without(table, *names))
        assert _unguarded(its, act) > 1
