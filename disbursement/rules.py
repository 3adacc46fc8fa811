"""Judgments about money: who may do what, who may be awarded, who may be paid. All pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import models
from django.urls import reverse

from applications.models import Application, Programme, Tier
from audit.refusal import Reason
from disbursement.models import AidCard, Award, PaymentBatch
from disbursement.months import Month, absence_words, month_of, still_due, whole_month_away
from privacy.identity import name_key
from review.models import Case
from schools.models import Appointment, Term
from schools.roles import Role
from students.models import Student
from students.rules.enrolment import Absence

HELD_NAMES = 3
GIVE_UP = "不列入名单，已列入的取消资助"
YEARLY = (Programme.Cadence.PER_YEAR, Programme.Cadence.ONCE)


class Check(models.TextChoices):
    """The checklist before freezing and before sending, in the order of the page."""

    APPLICATION = "application", "申请有效"
    MEANT = "meant", "属于项目的资助对象"
    RECOGNITION = "recognition", "本学年认定有效"
    NOTICE = "notice", "公示期已满，无未办结异议"
    PRESENT = "present", "在籍在校"
    UNIQUE = "unique", "学籍唯一"
    CARD = "card", "资助卡为本人、已核对、已激活"
    REPEAT = "repeat", "本学期没有重复发放"
    EXCLUSIVE = "exclusive", "没有互斥的资助项目"
    TERM = "term", "未跨学期"
    FUND = "fund", "资金足够"


PAGES: Mapping[str, str] = {
    Check.CARD: "disbursement:cards",
    Check.FUND: "disbursement:ledger",
}


@dataclass(frozen=True, slots=True)
class Hold:
    """Why one award can't be paid now: which check, what is wrong, how it is mended."""

    check: str
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about a student on a day, wherever money depends on it."""

    student: Student
    recognised: bool = False
    in_open_group: bool = False
    open_objections: int = 0
    elsewhere: bool = False
    exclusive: tuple[str, ...] = ()
    # The other term in which a programme paid once a year was awarded.
    awarded_in: str = ""
    # Another school awarded the same to the same identity, in this term or year.
    awarded_elsewhere: bool = False
    absences: tuple[Absence, ...] = ()
    # Why the programme is not for such a student: stage, class year, groups, boarding.
    not_meant: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One award with everything that its payment depends on.

    `applied` means that the application still stands, neither withdrawn nor returned;
    `paid_in` is the number of another batch that pays it, `failed_line` the line it retries.
    """

    award: Award
    standing: Standing
    applied: bool
    case_confirmed: bool
    notice_ended: bool
    card: AidCard | None
    guardians: tuple[str, ...] = ()
    paid_in: str = ""
    failed_line: int | None = None
    card_changed: bool = False

    @property
    def student(self) -> Student:
        """Whose award it is."""
        return self.standing.student


@dataclass(frozen=True, slots=True)
class Paying:
    """What is being paid, and on which day."""

    programme: Programme
    term: Term
    on: date
    late_document: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """Who passes and who is held, with every reason."""

    passing: list[Candidate]
    held: list[tuple[Candidate, list[Hold]]]
    general: list[Hold] = field(default_factory=list)

    @property
    def total_fen(self) -> int:
        """What the passing awards add up to."""
        return sum(c.award.amount_fen for c in self.passing)


def why_not_here(by: Appointment, school_id: int, roles: Iterable[Role], what: str) -> list[Reason]:
    """The actor works for this school, in a role that does this."""
    wanted = sorted(roles)
    if by.organisation_id == school_id and by.role in {str(r) for r in wanted}:
        return []
    labels = "、".join(str(Role(r).label) for r in wanted)
    return [Reason(f"您的职责不能{what}", f"请由本校的{labels}办理")]


def why_not_awarded(standing: Standing, case: Case, programme: Programme) -> list[Hold]:
    """Why a confirmed case gives no award yet."""
    found = why_not_applied(case.application.status == Application.Status.SUBMITTED)
    found += _about_student(standing, programme) + why_not_tier(standing, case.decided_tier)
    if case.status != Case.Status.CONFIRMED:
        found.append(Hold(Check.NOTICE, "评审结果还没有公示确认", "请先完成公示确认"))
    if case.decided_tier_id is None:
        found.append(Hold(Check.NOTICE, "审定结果没有档次", "请在评审会议里补定档次"))
    return found


def why_not_paid(candidate: Candidate, paying: Paying) -> list[Hold]:
    """Why one award can't be paid on `paying.on`; every reason, empty when it can."""
    found = why_not_applied(candidate.applied)
    found += _about_student(candidate.standing, paying.programme, _month(candidate, paying))
    found += why_not_tier(candidate.standing, candidate.award.tier)
    if not candidate.case_confirmed or not candidate.notice_ended:
        found.append(Hold(Check.NOTICE, "公示期没有满或没有确认", "请先完成公示确认"))
    if candidate.award.status != Award.Status.GRANTED:
        found.append(Hold(Check.NOTICE, "资助已取消", "请退回编制后重新冻结"))
    found += why_not_card(candidate, paying.programme)
    if candidate.paid_in:
        found.append(Hold(Check.REPEAT, f"已在批次{candidate.paid_in}发放", "不能重复发放"))
    return found + why_not_term(paying) + why_not_begun(candidate.award.instalment, paying)


def why_not_applied(applied: bool) -> list[Hold]:
    """Nobody is paid what they no longer apply for."""
    if applied:
        return []
    return [Hold(Check.APPLICATION, "申请已撤回或退回", "请向本人核实；不再申请的请取消资助")]


def why_not_tier(standing: Standing, tier: Tier | None) -> list[Hold]:
    """A tier of boarders is for boarders, also when the roster is corrected after the decision."""
    student = standing.student
    if tier is None or tier.boarding in ("", student.boarding):
        return []
    decided = Student.Boarding(tier.boarding).label
    text = f"名册里是{student.get_boarding_display()}，审定的是{decided}生的档次"
    return [Hold(Check.MEANT, text, f"请核对名册里的就读方式；名册无误的，{GIVE_UP}")]


def _month(candidate: Candidate, paying: Paying) -> tuple[Month, Term] | None:
    """Which month the award pays; None when it pays more than a month."""
    if paying.programme.money_cadence != Programme.Cadence.MONTHLY:
        return None
    return month_of(candidate.award.instalment, paying.term), paying.term


def _about_student(
    standing: Standing, programme: Programme, month: tuple[Month, Term] | None = None
) -> list[Hold]:
    found = [
        Hold(Check.MEANT, reason.text, f"{reason.mend}；确实不符合的，{GIVE_UP}")
        for reason in standing.not_meant
    ]
    if programme.needs_recognition and not (standing.recognised or standing.in_open_group):
        found.append(
            Hold(Check.RECOGNITION, "没有本学年有效的困难认定", "先认定后资助，请先完成认定")
        )
    if standing.open_objections:
        found.append(Hold(Check.NOTICE, "有异议尚未办结", "请先答复异议"))
    found += _about_enrolment(standing, month)
    found += [
        Hold(Check.EXCLUSIVE, f"本学期已享受“{name}”，两项不能兼得", "请取消其中一项")
        for name in standing.exclusive
    ]
    if standing.awarded_in:
        once = programme.money_cadence == Programme.Cadence.ONCE
        often = "只发一次" if once else "每学年只发一次"
        found.append(Hold(Check.REPEAT, f"{standing.awarded_in}已享受，{often}", "请取消其中一项"))
    if standing.awarded_elsewhere:
        period = "学年" if programme.money_cadence in YEARLY else "学期"
        text = f"本{period}已在其他学校享受同一项目"
        found.append(Hold(Check.REPEAT, text, "请向区资助中心核实"))
    return found


def _about_enrolment(standing: Standing, month: tuple[Month, Term] | None) -> list[Hold]:
    found = _about_presence(standing, month)
    # Who left is rightly enrolled where he went to; here he is owed the months before.
    if standing.elsewhere and standing.student.status != Student.Status.LEFT:
        found.append(
            Hold(Check.UNIQUE, "疑似双学籍：同一身份证号在别的学校也在籍", "请向资助中心核实学籍")
        )
    return found


def _about_presence(standing: Standing, month: tuple[Month, Term] | None) -> list[Hold]:
    """Paid by the month, each month stands for itself; else who is away now is not paid."""
    away = standing.absences
    if month is not None and (one := whole_month_away(away, *month)):
        text = f"{month[0].label}整月不在校（{absence_words(one)}）"
        return [Hold(Check.PRESENT, text, "这个月不发，请取消这一次资助")]
    if month is not None and still_due(away, *month):
        return []
    student = standing.student
    since = f"{absence_words(away[-1])}，" if away and away[-1].back is None else ""
    if student.status == Student.Status.SUSPENDED:
        return [Hold(Check.PRESENT, f"{since}休学中", "复学后再发放，或取消资助")]
    if student.status == Student.Status.LEFT:
        left = f"{student.left_on.month}月{student.left_on.day}日" if student.left_on else ""
        return [Hold(Check.PRESENT, f"{left}已离校", "请取消资助")]
    return []


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


def why_not_second(by: Appointment, first: Iterable[int | None], what: str) -> list[Reason]:
    """Who did the first half does not do the second."""
    if by.person_id not in first:
        return []
    return [Reason(what, "请由另一位审核人或分管领导办理")]


def why_no_button(by: Appointment, roles: Iterable[Role], made: Sequence[str]) -> str:
    """In words, why this person is not the second one; empty when they may be.

    `made` is what they did of it themselves.
    """
    labels = "或".join(str(Role(r).label) for r in sorted(roles, reverse=True))
    if by.role not in {str(r) for r in roles}:
        return f"由{labels}办理，您的职责是{by.get_role_display()}"
    if made:
        return f"您{made[0]}，须由另一位{labels}办理"
    return ""


def why_no_reason(reason: str, what: str) -> list[Reason]:
    """What is taken back is taken back for a reason that can be read later."""
    return [] if reason.strip() else [Reason(f"没有写明{what}的原因", "请写明原因")]


def as_reasons(
    holds: Sequence[tuple[Candidate, list[Hold]]], general: Iterable[Hold] = ()
) -> list[Reason]:
    """The holds of many awards, grouped: each reason once, with how many and who."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for candidate, reasons in holds:
        for hold in reasons:
            grouped.setdefault((hold.check, hold.text, hold.mend), []).append(
                candidate.student.name
            )
    found = [Reason(hold.text, hold.mend, where(hold.check)) for hold in general]
    for (check, text, mend), names in grouped.items():
        who = "、".join(names[:HELD_NAMES])
        who += f"等{len(names)}人" if len(names) > HELD_NAMES else ""
        found.append(Reason(f"{who}：{text}", mend, where(check), count=len(names)))
    return found


def where(check: str) -> str:
    """The page on which a whole group of holds is mended; empty when it is another floor's."""
    name = PAGES.get(check)
    return reverse(name) if name else ""


def why_not_approve(
    batch: PaymentBatch,
    by: Appointment,
    *,
    shown: str,
    now: str,
    made: Iterable[str] = (),
) -> list[Reason]:
    """A second person approves what was frozen: the hash shown, kept and recomputed are one.

    `made` is what this person did for this money in an earlier role.
    """
    mend = "请由另一位审核人或分管领导审批"
    found = [Reason(f"您{what}，不能审批这个批次", mend) for what in made]
    if by.person_id in (batch.drafted_by_id, batch.freeze_by_id):
        found.append(Reason("编制或冻结的人不能审批同一批次", "请由另一位审核人或分管领导审批"))
    if shown != batch.content_hash:
        found.append(Reason("您看到的内容与现在冻结的不同", "请刷新页面，重新核对后再审批"))
    if now != batch.content_hash:
        found.append(Reason("冻结的明细与内容指纹不符", "请退回编制，重新冻结"))
    return found


def why_not_close(unpaid: Mapping[str, int]) -> list[Reason]:
    """A batch is settled when every line arrived, was paid again, or its award was revoked."""
    return [
        Reason(f"{count}笔退汇{text}", "请补发，或取消资助后再结清", count=count)
        for text, count in unpaid.items()
        if count
    ]


def yuan(fen: int) -> str:
    """`1,150.00` from fen."""
    return f"{fen // 100:,}.{fen % 100:02d}"
