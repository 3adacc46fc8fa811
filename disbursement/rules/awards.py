"""Who may be awarded: the student, the groups, the grade and the presence."""

from applications.models import Application, Programme, Tier
from disbursement.months import Month, absence_words, month_of, still_due, whole_month_away
from disbursement.rules.checklist import Check, Hold, Standing
from review.models import Case
from schools.models import Term
from students.models import Student

# Both schools may be told so of one month: whoever had him first in it keeps it.
ONE_SCHOOL = (
    "一个月只由一所学校发，转出当月由转出学校发；"
    "请与那所学校核对，应由那所学校发的，请取消这一次资助"
)
GIVE_UP = "不列入名单，已列入的取消资助"
YEARLY = (Programme.Cadence.PER_YEAR, Programme.Cadence.ONCE)


def why_not_awarded(standing: Standing, case: Case, programme: Programme) -> list[Hold]:
    """Why a confirmed case gives no award yet."""
    found = why_not_applied(case.application.status == Application.Status.SUBMITTED)
    found += about_student(standing, programme) + why_not_tier(standing, case.decided_tier)
    if case.status != Case.Status.CONFIRMED:
        found.append(Hold(Check.NOTICE, "评审结果还没有公示确认", "请先完成公示确认"))
    if case.decided_tier_id is None:
        found.append(Hold(Check.NOTICE, "审定结果没有档次", "请在评审会议里补定档次"))
    return found


def why_not_applied(applied: bool) -> list[Hold]:
    """Nobody is paid what they no longer apply for."""
    if applied:
        return []
    return [Hold(Check.APPLICATION, "申请已撤回或退回", "请向本人核实；不再申请的请取消资助")]


def why_not_tier(standing: Standing, tier: Tier | None) -> list[Hold]:
    """A tier of boarders is for boarders, also when the roster is corrected after the decision."""
    if tier is None or tier.boarding in ("", standing.boarding):
        return []
    decided, counts = (Student.Boarding(b).label for b in (tier.boarding, standing.boarding))
    where = "名册里" if standing.boarding == standing.student.boarding else "当时"
    text = f"{where}是{counts}，审定的是{decided}生的档次"
    mend = "请核对名册里的就读方式；学期中改的，请登记学籍异动，写明从哪天起"
    return [Hold(Check.MEANT, text, f"{mend}；都无误的，{GIVE_UP}")]


def about_student(
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
    found += about_enrolment(standing, month)
    found += [
        Hold(Check.EXCLUSIVE, f"同期已享受“{name}”，两项不能兼得", "请取消其中一项")
        for name in standing.exclusive
    ]
    found += [
        Hold(
            Check.EXCLUSIVE,
            f"同期已在其他学校享受“{name}”，两项不能兼得",
            "请向区资助中心核实，取消其中一项",
        )
        for name in standing.exclusive_elsewhere
    ]
    if standing.awarded_in:
        once = programme.money_cadence == Programme.Cadence.ONCE
        often = "只发一次" if once else "每学年只发一次"
        found.append(Hold(Check.REPEAT, f"{standing.awarded_in}已享受，{often}", "请取消其中一项"))
    if standing.awarded_elsewhere:
        text = _elsewhere(programme)
        found.append(Hold(Check.REPEAT, text, "请向区资助中心核实"))
    if month and month[0] in [month_of(i, month[1]) for i in standing.months_elsewhere]:
        text = f"{month[0].label}已在其他学校享受同一项目"
        found.append(Hold(Check.REPEAT, text, ONE_SCHOOL))
    return found


def _elsewhere(programme: Programme) -> str:
    if programme.money_cadence == Programme.Cadence.ONCE:
        return "已在其他学校享受过同一项目，只发一次"
    period = "学年" if programme.money_cadence in YEARLY else "学期"
    return f"本{period}已在其他学校享受同一项目"


def about_enrolment(standing: Standing, month: tuple[Month, Term] | None) -> list[Hold]:
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
