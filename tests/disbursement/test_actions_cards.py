"""Cards: registered, checked by a second person, activated by the holder, lost, corrected."""

from datetime import date
from typing import Any

import pytest

from audit import moves
from audit.models import Event
from audit.refusal import Refused
from disbursement import actions
from disbursement.models import AidCard
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import Aid


def _register(its: Aid, **facts: Any) -> AidCard:
    someone = facts.pop("student", its.staffed.students[0])
    values: dict[str, Any] = {
        "number": "6222 0000 1111 2222 334",
        "bank": "示范银行",
        "holder": someone.name,
        "by": its.staffed.operator,
    }
    return actions.register_card(student=someone, **{**values, **facts})


def test_a_card_is_mended_sealed_and_waits(its: Aid) -> None:
    card = AidCard.objects.get(pk=_register(its).pk)
    assert card.number.reveal() == "6222000011112222334"
    assert str(card.number) == "尾号2334"
    assert (card.status, card.checked_by_id, card.fee_fen) == ("issued", None, 0)
    event = Event.objects.get(verb="aidcard.register")
    assert event.about_id == card.student_id
    assert "6222" not in str(event.content())


def test_every_fault_at_once(its: Aid) -> None:
    with pytest.raises(Refused) as refused:
        _register(
            its,
            number="622",
            bank=" ",
            holder="林可",
            activated_on=date(2026, 11, 25),
            by=its.staffed.reviewer,
        )
    assert [r.text for r in refused.value.reasons] == [
        "您的职责不能登记资助卡",
        "银行卡号应为 16 至 19 位数字，请对照卡面核对。",
        "没有开户行",
        "户名“林可”与学生姓名不一致",
        "激活日期在今天之后",
    ]


def test_a_card_needs_a_holder_and_a_student_who_is_here(its: Aid) -> None:
    someone = its.staffed.students[0]
    someone.status, someone.left_on = "left", date(2026, 11, 9)
    with pytest.raises(Refused) as refused:
        _register(its, student=someone, holder=" ", guardians=True)
    assert [r.text for r in refused.value.reasons] == [
        "没有户名",
        "学生已离校，没有在校月份的资助等待发放",
    ]
    assert "没有发放的资助请取消" in refused.value.reasons[1].mend


@pytest.mark.parametrize("day", [date(2026, 11, 24), date(2026, 9, 3)])
def test_a_card_that_was_activated_already_is_registered_as_active(its: Aid, day: date) -> None:
    card = AidCard.objects.get(pk=_register(its, activated_on=day).pk)
    assert (card.status, card.activated_on) == ("active", day)
    assert (card.activate_by, card.checked_by) == (its.staffed.operator.person, None)


def test_one_card_per_student_and_one_student_per_card(its: Aid) -> None:
    _register(its)
    with pytest.raises(Refused, match="这名学生已有一张在用的资助卡"):
        _register(its, number=cases.card_number())
    with pytest.raises(Refused, match="这个卡号已登记在另一名学生名下"):
        _register(its, student=its.staffed.students[1])


def test_a_guardians_card_is_registered_as_such(its: Aid) -> None:
    assert _register(its, holder="张样泽", guardians=True).guardians


def test_a_second_person_checks(its: Aid) -> None:
    card = _register(its)
    with pytest.raises(Refused, match="您的职责不能核对资助卡"):
        actions.check_card(card=card, by=its.staffed.operator)
    checked = actions.check_card(card=card, by=its.staffed.reviewer)
    assert checked.checked_by_id == its.staffed.reviewer.person_id
    with pytest.raises(Refused, match="已经核对过"):
        actions.check_card(card=card, by=its.staffed.leader)


def test_nobody_checks_what_they_registered(its: Aid) -> None:
    card = _register(its)
    card.registered_by_id = its.staffed.reviewer.person_id
    card.save(update_fields=["registered_by"])
    with pytest.raises(Refused, match="是您自己登记的"):
        actions.check_card(card=card, by=its.staffed.reviewer)


def test_many_are_checked_or_none(its: Aid) -> None:
    cards = [_register(its, student=s, number=cases.card_number()) for s in its.staffed.students]
    actions.report_lost(card=cards[2], by=its.staffed.operator)
    with pytest.raises(Refused, match="只核对在用的卡"):
        actions.check_cards(cards=cards, by=its.staffed.reviewer)
    assert not AidCard.objects.exclude(checked_by=None).exists()
    assert len(actions.check_cards(cards=cards[:2], by=its.staffed.reviewer)) == 2
    with pytest.raises(Refused, match="没有选中资助卡"):
        actions.check_cards(cards=[], by=its.staffed.reviewer)


def test_activation_is_the_holders(its: Aid) -> None:
    card = _register(its)
    with pytest.raises(Refused, match="激活日期在今天之后"):
        actions.activate_card(card=card, by=its.staffed.operator, on=date(2026, 12, 1))
    card = actions.activate_card(card=card, by=its.staffed.operator, on=date(2026, 11, 20))
    assert (card.status, card.activated_on) == ("active", date(2026, 11, 20))
    with pytest.raises(Refused, match="不能登记激活"):
        actions.activate_card(card=card, by=its.staffed.operator)


ALLOWED = {
    "activate": {"issued"},
    "report_lost": {"issued", "active"},
    "close": {"issued", "active", "lost"},
}


@pytest.mark.parametrize("verb", ALLOWED)
@pytest.mark.parametrize("status", AidCard.Status.values)
def test_every_status_and_move(its: Aid, verb: str, status: str) -> None:
    card = AidCard(status=status)
    assert (moves.allowed(card, verb) is not None) is (status in ALLOWED[verb])


def test_checking_and_activating_stand_in_the_students_file(its: Aid) -> None:
    card = _register(its)
    actions.check_card(card=card, by=its.staffed.reviewer)
    actions.activate_card(card=card, by=its.staffed.operator)
    found = Event.objects.filter(about_id=card.student_id).order_by("pk")
    assert list(found.values_list("verb", "person_id")) == [
        ("aidcard.register", its.staffed.operator.person_id),
        ("aidcard.check", its.staffed.reviewer.person_id),
        ("aidcard.activate", its.staffed.operator.person_id),
    ]


def test_who_notes_an_activation_is_told_apart_from_who_registered(its: Aid) -> None:
    """Who noted it may not approve the money later."""
    card = actions.activate_card(card=_register(its), by=its.staffed.finance)
    card.refresh_from_db()
    assert (card.activate_by, card.registered_by) == (
        its.staffed.finance.person,
        its.staffed.operator.person,
    )


def test_taking_a_card_out_of_use_stands_in_the_students_file(its: Aid) -> None:
    first = _register(its)
    facts = {"number": cases.card_number(), "bank": "示范银行", "holder": first.student.name}
    second = actions.replace_card(card=first, reason="更正卡号", by=its.staffed.operator, **facts)
    second = actions.report_lost(card=second, by=its.staffed.operator)
    actions.close_card(card=second, reason="已补办", by=its.staffed.operator)
    found = Event.objects.filter(about_id=first.student_id).order_by("pk")
    assert list(found.values_list("verb", "subject_id", "reason")) == [
        ("aidcard.register", first.pk, ""),
        ("aidcard.close", first.pk, "更正卡号"),
        ("aidcard.register", second.pk, ""),
        ("aidcard.report_lost", second.pk, ""),
        ("aidcard.close", second.pk, "已补办"),
    ]


def test_a_guardians_card_is_corrected_to_a_guardians_card(its: Aid) -> None:
    card = _register(its, holder="张样泽", guardians=True)
    fresh = actions.replace_card(
        card=card,
        number=cases.card_number(),
        bank="示范银行",
        holder="张样泽",
        reason="补办",
        guardians=True,
        activated_on=date(2026, 11, 20),
        by=its.staffed.operator,
    )
    assert (fresh.guardians, fresh.status, fresh.activated_on) == (
        True,
        "active",
        date(2026, 11, 20),
    )


def test_only_the_schools_keepers_take_a_card_out_of_use(its: Aid, cast: Cast) -> None:
    card = _register(its)
    for by in (its.staffed.reviewer, cast.b.operator):
        with pytest.raises(Refused, match="您的职责不能登记挂失"):
            actions.report_lost(card=card, by=by)
        with pytest.raises(Refused, match="您的职责不能停用资助卡"):
            actions.close_card(card=card, reason="毕业", by=by)
    lost = actions.report_lost(card=card, by=its.staffed.operator)
    with pytest.raises(Refused, match="现在是“已挂失”"):
        actions.report_lost(card=lost, by=its.staffed.operator)


def test_lost_and_closed(its: Aid) -> None:
    card = actions.report_lost(card=_register(its), by=its.staffed.operator)
    assert card.status == "lost"
    with pytest.raises(Refused, match="没有写明停用的原因"):
        actions.close_card(card=card, reason="", by=its.staffed.operator)
    card = actions.close_card(card=card, reason="已补办", by=its.staffed.operator)
    assert card.status == "closed"
    # The number of a lost card is free for the one that stands in for it.
    assert _register(its).status == "issued"


def test_a_correction_is_a_new_card_to_be_checked_anew(its: Aid) -> None:
    card = cases.card(its, its.staffed.students[0])
    fresh = actions.replace_card(
        card=card,
        number=cases.card_number(),
        bank="示范银行",
        holder=card.student.name,
        reason="挂失后补办",
        by=its.staffed.operator,
    )
    card.refresh_from_db()
    assert (card.status, fresh.status, fresh.checked_by_id) == ("closed", "issued", None)
    assert fresh.replaces_id == card.pk
    with pytest.raises(Refused) as refused:
        actions.replace_card(
            card=card,
            number="1",
            bank="",
            holder="林可",
            reason=" ",
            activated_on=date(2026, 11, 25),
            by=its.staffed.operator,
        )
    assert [r.text for r in refused.value.reasons] == [
        "现在是“已停用”，不能停用",
        "银行卡号应为 16 至 19 位数字，请对照卡面核对。",
        "没有开户行",
        "户名“林可”与学生姓名不一致",
        "激活日期在今天之后",
        "没有写明更正的原因",
    ]


def test_a_number_is_shown_for_a_reason_on_the_record(its: Aid, cast: Cast) -> None:
    card = _register(its)
    with pytest.raises(Refused, match="没有写明理由"):
        actions.reveal_card(card=card, reason="", by=its.staffed.operator)
    with pytest.raises(Refused, match="您的职责不能查看完整卡号"):
        actions.reveal_card(card=card, reason="核对银行卡", by=its.staffed.head_teacher)
    shown = actions.reveal_card(card=card, reason="核对银行卡", by=its.staffed.reviewer)
    assert shown == "6222000011112222334"
    event = Event.objects.get(verb="aidcard.reveal")
    assert (event.reason, event.about_id) == ("核对银行卡", card.student_id)
