"""Which award may be paid on a day: its month, the card, the term, the fund."""

from applications.models import Programme
from disbursement.models import AidCard, Award
from disbursement.months import Month, month_of
from disbursement.rules.amounts import yuan
from disbursement.rules.awards import about_student, why_not_applied, why_not_tier
from disbursement.rules.checklist import Candidate, Check, Hold, Paying
from privacy.identity import name_key
from schools.models import Term


def why_not_paid(candidate: Candidate, paying: Paying) -> list[Hold]:
    """Why one award can't be paid on `paying.on`; every reason, empty when it can."""
    found = why_not_applied(candidate.applied)
    found += about_student(candidate.standing, paying.programme, _month(candidate, paying))
    found += why_not_tier(candidate.standing, candidate.award.tier)
    if not candidate.case_confirmed or not candidate.notice_ended:
        found.append(Hold(Check.NOTICE, "公示期没有满或没有确认", "请先完成公示确认"))
    if candidate.award.status != Award.Status.GRANTED:
        found.append(Hold(Check.NOTICE, "资助已取消", "请退回编制后重新冻结"))
    found += why_not_card(candidate, paying.programme)
    if candidate.paid_in:
        found.append(Hold(Check.REPEAT, f"已在批次{candidate.paid_in}发放", "不能重复发放"))
    return found + why_not_term(paying) + why_not_begun(candidate.award.instalment, paying)


def _month(candidate: Candidate, paying: Paying) -> tuple[Month, Term] | None:
    """Which month the award pays; None when it pays more than a month."""
    if paying.programme.money_cadence != Programme.Cadence.MONTHLY:
        return None
    return month_of(candidate.award.instalment, paying.term), paying.term


def why_not_card(candidate: Candidate, programme: Programme) -> list[Hold]:
    """Why the student's card can't take this money."""
    card = candidate.card
    if card is None:
        return [Hold(Check.CARD, "没有资助卡", "请登记资助卡")]
    found = []
    if card.status == AidCard.Status.ISSUED:
        found.append(Hold(Check.CARD, "资助卡没有激活", "请通知本人持证激活"))
    elif card.status != AidCard.Status.ACTIVE:
        found.append(Hold(Check.CARD, f"资助卡{card.get_status_display()}", "请登记补办的新卡"))
    if card.checked_by_id is None:
        found.append(Hold(Check.CARD, "资助卡没有经第二人核对", "请由审核人核对"))
    if candidate.card_changed:
        found.append(Hold(Check.CARD, "冻结之后换了卡", "请退回编制后重新冻结"))
    return found + _about_holder(card, candidate, programme)


def _about_holder(card: AidCard, candidate: Candidate, programme: Programme) -> list[Hold]:
    holder, student = name_key(card.holder), candidate.student
    if not card.guardians:
        if holder == name_key(student.name):
            return []
        text = f"户名“{card.holder}”与学生姓名不一致"
        return [Hold(Check.CARD, text, "请更正户名或登记本人的卡")]
    if not programme.guardian_card:
        return [Hold(Check.CARD, "登记的是监护人的卡，这个项目须用本人卡", "请登记本人的卡")]
    if holder not in {name_key(name) for name in candidate.guardians}:
        text = f"户名“{card.holder}”不是登记在册的监护人"
        return [Hold(Check.CARD, text, "请核对监护人信息或户名")]
    return []


def why_not_term(paying: Paying) -> list[Hold]:
    """Money of a term is paid within the term, or with the district's document (row 0-38)."""
    term = paying.term
    if term.starts_on <= paying.on <= term.ends_on or paying.late_document:
        return []
    return [
        Hold(
            Check.TERM,
            f"{paying.on.month}月{paying.on.day}日不在{term.season_label}内，不得跨学期发放",
            "确须发放的，请填写区级批准文号",
        )
    ]


def why_not_begun(instalment: int, paying: Paying) -> list[Hold]:
    """Money of a month is not paid before the month."""
    if paying.programme.money_cadence != Programme.Cadence.MONTHLY:
        return []
    month = month_of(instalment, paying.term).first
    if paying.on >= month:
        return []
    text = f"第{instalment}次是{month.month}月的资助，{month.month}月还没有开始，不得提前发放"
    return [Hold(Check.TERM, text, f"请在{month.month}月1日之后发放")]


def why_fund_short(total_fen: int, available_fen: int, waiting_fen: int = 0) -> list[Hold]:
    """The batch may not exceed what was received and confirmed for this programme and term.

    `waiting_fen` is money recorded that no second person has confirmed.
    """
    if total_fen <= available_fen:
        return []
    text = (
        f"可用资金{yuan(available_fen)}元，本批需要{yuan(total_fen)}元，"
        f"差{yuan(total_fen - available_fen)}元"
    )
    mend = "请等资金到账并登记后再办"
    if waiting_fen:
        mend = f"已登记的{yuan(waiting_fen)}元还没有确认，请由审核人或分管领导确认到账"
    return [Hold(Check.FUND, text, mend)]
