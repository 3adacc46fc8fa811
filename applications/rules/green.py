"""Who comes in through the 绿色通道, and who may put off or waive what."""

from datetime import date

from applications.models import GreenEntry
from applications.rules.eligibility import why_not_present
from audit import moves
from audit.refusal import Reason
from schools.models import Appointment, Stage, Term
from schools.roles import CHECKERS, Role
from students.models import Student

STAGES = (Stage.SENIOR, Stage.VOCATIONAL)
SETTLERS = frozenset({Role.OPERATOR, Role.FINANCE, Role.REVIEWER})
ASKERS = SETTLERS | {Role.LEADER}
# One student's fee of a term beyond 100,000 yuan is a wrong number.
HIGHEST_FEN = 10_000_000
Kind = GreenEntry.Kind


def why_not_register(
    student: Student,
    term: Term,
    *,
    kind: str,
    amount_fen: int,
    reason: str,
    until: date | None,
    by: Appointment,
    today: date,
) -> list[Reason]:
    """Why a fee of this student can't be put off or waived at entry."""
    reasons = why_not_present(student)
    if by.role != Role.OPERATOR:
        reasons.append(Reason(f"{by.get_role_display()}不登记绿色通道", "由资助专干登记"))
    if student.school_class.stage not in STAGES:
        reasons.append(Reason("绿色通道只用于普通高中和中等职业学校", "义务教育不收学费"))
    if student.school_class.grade != 1:
        reasons.append(Reason(f"{student.name}不是新生", "在校学生的困难由认定和资助解决"))
    if term.half != 1 or today > term.ends_on:
        reasons.append(Reason("不在新生入学的学期", "秋季学期入学时登记"))
    if not 0 < amount_fen <= HIGHEST_FEN:
        reasons.append(Reason("金额不对", "单位是元，大于0，不超过10万元"))
    if not reason.strip():
        reasons.append(Reason("没有写原因", "写明为什么现在交不了"))
    return reasons + _why_not_until(term, kind, until, today)


def _why_not_until(term: Term, kind: str, until: date | None, today: date) -> list[Reason]:
    if kind not in Kind.values:
        return [Reason("没有选择缓交还是减免", "选择一种")]
    if kind == Kind.WAIVE:
        return [Reason("减免没有缓交日期", "去掉日期，或改为缓交")] if until else []
    if until is None:
        return [Reason("没有写缓交到哪天", "一般到学期结束以前")]
    if not today <= until <= term.ends_on:
        last = f"{term.ends_on.month}月{term.ends_on.day}日"
        return [Reason("缓交的日期不对", f"从今天起，最晚到学期结束（{last}）")]
    return []


def why_not_judge(entry: GreenEntry, verb: str, *, by: Appointment) -> list[Reason]:
    """Why this person can't agree to a waiver, or refuse it."""
    reasons = moves.why_not(entry, verb)
    if by.role not in CHECKERS:
        reasons.append(Reason("审核减免的应是本校审核人", "由审核人或分管领导审核"))
    if by.person_id == entry.registered_by_id:
        reasons.append(Reason("登记和审核不能是同一人", "请另一位审核人审核"))
    return reasons


def why_not_settle(entry: GreenEntry, how: str, *, by: Appointment) -> list[Reason]:
    """Why this person can't record that a fee which was put off is paid or covered."""
    reasons = moves.why_not(entry, "settle")
    if entry.kind != Kind.DEFER:
        reasons.append(Reason("减免的费用不用结清", "同意减免就办结了；缓交的才登记结清"))
    if by.role not in SETTLERS:
        reasons.append(Reason(f"{by.get_role_display()}不登记结清", "由财务或审核人登记结清"))
    if by.person_id == entry.registered_by_id:
        reasons.append(Reason("登记的人不能自己结清", "由财务或审核人登记结清"))
    if not how.strip():
        reasons.append(Reason("没有写怎样结清的", "例如：已补交，或由国家助学金解决"))
    return reasons


def why_not_void(entry: GreenEntry, *, by: Appointment) -> list[Reason]:
    """Why this person can't void a registration alone."""
    reasons = moves.why_not(entry, "void")
    if by.role != Role.OPERATOR:
        reasons.append(Reason(f"{by.get_role_display()}不单独作废登记", "请资助专干作废"))
    if entry.decided:
        reasons.append(Reason("已经同意或结清，一个人不能作废", "先申请作废，再由审核人确认"))
    return reasons


def why_not_ask_void(entry: GreenEntry, *, by: Appointment) -> list[Reason]:
    """Why this person can't ask that a registration somebody decided on be voided."""
    reasons = moves.why_not(entry, "ask_void")
    if not reasons and not entry.decided:
        reasons.append(Reason("还没有人同意或结清，不用申请", "由资助专干直接作废"))
    if by.role not in ASKERS:
        reasons.append(Reason(f"{by.get_role_display()}不申请作废", "由资助专干或财务申请"))
    if entry.void_asked:
        reasons.append(Reason("已经有人申请作废", "等另一位审核人确认"))
    return reasons


def why_not_answer_void(entry: GreenEntry, verb: str, *, by: Appointment) -> list[Reason]:
    """Why this person can't confirm (`void`) or decline (`decline_void`) what another asked."""
    reasons = moves.why_not(entry, verb)
    if not reasons and not entry.void_asked:
        reasons.append(Reason("没有人申请作废这笔登记", "请刷新页面，查看最新状态"))
    if by.role not in CHECKERS:
        reasons.append(Reason("确认作废的应是本校审核人", "由审核人或分管领导确认"))
    if by.person_id == entry.ask_void_by_id:
        reasons.append(Reason("申请和确认作废不能是同一人", "请另一位审核人确认"))
    return reasons


def undoing(entry: GreenEntry, *, by: Appointment) -> str:
    """What this person may do against a wrong registration: void, ask, answer, or nothing."""
    if not why_not_answer_void(entry, "void", by=by):
        return "answer"
    if not why_not_void(entry, by=by):
        return "void"
    return "" if why_not_ask_void(entry, by=by) else "ask"
