"""A card for who left: as long as a month in school is owed, and no longer."""

from datetime import date
from typing import Any

import pytest

from audit.refusal import Refused
from disbursement import actions, card_queue, queue
from disbursement.models import AidCard
from office.spreadsheets.writing import write_rows
from schools import clock
from students.models import Student
from tests.disbursement import cases
from tests.disbursement.cases import Aid
from tests.disbursement.pages import get
from tests.disbursement.test_months import JANUARY, change, freeze, monthly, paid_months

__all__ = ["monthly"]
REFUSED = "学生已离校，没有在校月份的资助等待发放"


def _left(its: Aid, kind: str = "withdraw", on: date = date(2026, 11, 30)) -> Student:
    change(its, its.staffed.students[0], kind, on)
    return Student.objects.get(pk=its.staffed.students[0].pk)


def _corrected(its: Aid, card: AidCard) -> AidCard:
    found = actions.replace_card(
        card=card,
        number=cases.card_number(),
        bank="示范银行",
        holder=card.student.name,
        reason="更正卡号",
        activated_on=clock.today(),
        by=its.staffed.operator,
    )
    return actions.check_card(card=found, by=its.staffed.reviewer)


def test_who_lost_the_card_and_left_is_paid_the_months_in_school(monthly: Aid) -> None:
    with clock.at(JANUARY):
        someone = _left(monthly)
        actions.report_lost(card=someone.cards.get(), by=monthly.staffed.operator)
        assert queue.owed_after_leaving(monthly.school.pk) == {someone.pk}
        assert list(card_queue.aided_without_card(monthly.school, monthly.term)) == [someone]
        cases.card(monthly, someone)
        # September, October and November, which ended with the leaving.
        assert paid_months(freeze(monthly)) == [1, 2, 3]


def test_what_came_back_after_leaving_is_paid_to_a_corrected_card(monthly: Aid) -> None:
    people = monthly.staffed
    with clock.at(JANUARY):
        draft = actions.draft_batch(
            school=monthly.school, programme=monthly.programme, term=monthly.term,
            by=people.operator, instalment=3,
        )  # fmt: skip
        batch = cases.pay(monthly, draft, {2: "户名不符"})
        someone = _left(monthly)
        card = _corrected(monthly, someone.cards.get())
        again = cases.pay(monthly, actions.follow_up(batch=batch, by=people.operator))
        assert paid_months(again) == [2]
        # December and January are still granted, but nobody owes them.
        with pytest.raises(Refused, match=REFUSED):
            _corrected(monthly, card)
        actions.close_card(card=card, reason="已离校", by=people.operator)
        assert not card_queue.aided_without_card(monthly.school, monthly.term).exists()


@pytest.mark.parametrize("kind", ["death", "cancel"])
def test_nobody_is_left_to_be_paid(monthly: Aid, kind: str) -> None:
    with clock.at(JANUARY):
        someone = _left(monthly, kind)
        with pytest.raises(Refused, match=REFUSED):
            _corrected(monthly, someone.cards.get())


def test_who_is_paid_by_the_term_and_left_needs_no_card(all_ready: Aid) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    someone = _left(all_ready, on=date(2026, 11, 20))
    with pytest.raises(Refused) as refused:
        _corrected(all_ready, someone.cards.get())
    (reason,) = refused.value.reasons
    assert reason.text == REFUSED
    assert reason.mend == ("不再登记资助卡；没有发放的资助请取消，离校日期有误的请先更正学籍异动")


def test_a_revoked_month_is_not_owed(monthly: Aid) -> None:
    with clock.at(JANUARY):
        someone = _left(monthly, on=date(2026, 9, 30))
        assert queue.owed_after_leaving(monthly.school.pk, someone.pk) == {someone.pk}
        september = someone.awards.get(instalment=1)
        actions.revoke(award=september, reason="本人放弃", by=monthly.staffed.operator)
        assert queue.owed_after_leaving(monthly.school.pk, someone.pk) == set()


def test_only_who_is_owed_is_offered_after_leaving(monthly: Aid, sign_in: Any) -> None:
    owed, other, _ = monthly.staffed.students
    with clock.at(JANUARY):
        _left(monthly)
        change(monthly, other, "withdraw", date(2026, 11, 30))
        client = sign_in(monthly.staffed.operator)
        assert "去更正或补办" in get(client, "card_student", q=owed.name)
        page = get(client, "card_student", q=other.name)
        assert "去更正或补办" not in page
        assert "已离校的，只登记还有在校月份没有发放的学生" in page


def test_the_banks_list_registers_who_is_owed_after_leaving(monthly: Aid) -> None:
    owed, other, _ = monthly.staffed.students
    for n, one in enumerate((owed, other), 1):
        Student.objects.filter(pk=one.pk).update(student_no=f"2600{n}")
    with clock.at(JANUARY):
        actions.report_lost(card=_left(monthly).cards.get(), by=monthly.staffed.operator)
        change(monthly, other, "withdraw", date(2026, 11, 30))
        rows = [
            [one.name, f"2600{n}", cases.card_number(), "示范银行"]
            for n, one in enumerate((owed, other), 1)
        ]
        content = write_rows(None, ("姓名", "学号", "卡号", "开户行"), rows)
        found = actions.look_at_cards(school=monthly.school, content=content, filename="卡.xlsx")
    assert [r.student.pk for r in found.rows] == [owed.pk]
    assert [w.place for w in found.wrong] == ["B3"]
