"""Whether the day of an accepted transfer may be put right, and who may answer."""

from dataclasses import dataclass
from datetime import date

from audit import moves
from audit.refusal import Reason, why_not_said
from schools.models import Appointment
from students.models import EnrolmentChange, Student, Transfer, TransferDay
from students.rules.endings import day_of
from students.rules.enrolment import away_words, money_words, stay_words
from students.rules.proposals import by_operator, by_second
from students.rules.redating import Beside, why_not_on

WHAT = "转出日期的更正"
DAY = "转出日期"
Kind = EnrolmentChange.Kind


@dataclass(frozen=True, slots=True)
class Back:
    """The student is at the sender again since `on`.

    `left_on` is since when the school from which he came back counts him no longer, if it told.
    """

    on: date
    left_on: date | None


PROPOSE_ANEW = "请写明原因，不同意这次更正，由经办核对之后重新提请"


def why_never(transfer: Transfer) -> list[Reason]:
    """Why no other day can be proposed for this transfer, whatever the right one is."""
    if transfer.status == Transfer.Status.SIGNED:
        mend = "转出日期不对的，请对方退回之后重新办理"
        return [Reason("对方学校还没有接收，不在这里更正转出日期", mend)]
    if transfer.status != Transfer.Status.ACCEPTED:
        now = transfer.get_status_display()
        return [Reason(f"这次转学{now}，没有转出日期可以更正", "请核对是哪一次转学")]
    return []


def why_not_propose(
    *,
    transfer: Transfer,
    change: EnrolmentChange,
    student: Student,
    beside: Beside,
    on: date,
    seen: date,
    reason: str,
    today: date,
    by: Appointment,
) -> list[Reason]:
    """Every reason why this day can't be proposed; `seen` is the day that the form showed."""
    found = by_operator(WHAT, "提请", school_id=transfer.school_id, by=by)
    found += why_never(transfer)
    if seen != transfer.on:
        found.append(Reason("转出日期刚刚更正过", "请重新打开这一页，核对之后再提请"))
    elif on == transfer.on:
        found.append(Reason("转出日期没有变", "请填写正确的日期"))
    mend = "请填写，例如日期写错了，以转学证明为准，对方学校会看到"
    found += why_not_said(reason, "没有写明更正的原因", mend)
    return [*found, *why_not_on(change, student, beside, on, today, DAY)]


def why_not_agree(
    *,
    day: TransferDay,
    there: EnrolmentChange | None,
    url: str,
    by: Appointment,
) -> list[Reason]:
    """Every reason why the receiver can't agree.

    `there` is its own change by which the student came, `url` where its day is put right.
    """
    found = [*moves.why_not(day, "agree"), *_receives(day, "同意", by)]
    if there is None:
        return found or [Reason("没有找到本校登记的转入", "请退回，并写明原因")]
    if day.on > there.on:
        text = f"更正后的转出日期{day_of(day.on)}晚于到校日期{day_of(there.on)}"
        found.append(Reason(text, "到校日期不对的，请先更正到校日期；没有错的，请退回", url))
    if day.away_since != day.transfer.away_since:
        text = "提请之后，转出学校更正了休学的日期"
        found.append(Reason(text, "请退回，并写明原因，由转出学校重新提请"))
    return found


def why_not_decline(*, day: TransferDay, reason: str, by: Appointment) -> list[Reason]:
    """Every reason why the receiver can't send the proposal back."""
    found = [*moves.why_not(day, "decline"), *_receives(day, "退回", by)]
    return found + why_not_said(reason, "没有写明退回的原因", "请填写，对方学校会看到")


def why_not_sign(
    *,
    day: TransferDay,
    change: EnrolmentChange,
    student: Student,
    beside: Beside,
    away_since: date | None,
    today: date,
    by: Appointment,
) -> list[Reason]:
    """Every reason why the second person can't agree, by what is recorded now.

    `away_since` is since when the student had been suspended when he left, as it stands now.
    """
    if done := moves.why_not(day, "sign"):
        # The day that it changed is no day that was changed meanwhile.
        return done
    found = _seconds(day, by)
    if day.transfer.on != day.before or away_since != day.away_since:
        found.append(Reason("提请之后，本校登记的日期有变动", PROPOSE_ANEW))
    found += why_never(day.transfer)
    return [*found, *why_not_on(change, student, beside, day.on, today, DAY)]


def why_not_refuse(*, day: TransferDay, reason: str, by: Appointment) -> list[Reason]:
    """Every reason why the second person can't say no."""
    found = [*moves.why_not(day, "refuse"), *_seconds(day, by)]
    mend = "请填写，经办和对方学校会看到"
    return found + why_not_said(reason, "没有写明不同意的原因", mend)


def why_not_restore(*, day: TransferDay, by: Appointment) -> list[Reason]:
    """Every reason why the receiver can't go back to the day in force."""
    return [*moves.why_not(day, "restore"), *_receives(day, "恢复", by)]


def money_there(left_on: date, came_on: date, gone_on: date | None) -> str:
    """Which months the receiver pays of who left the sender then, and has left again or not."""
    if gone_on:
        return stay_words(came_on, left_on, gone_on)
    return money_words(Kind.TRANSFER_IN, came_on, left_on)


def money_here(left_on: date, back: Back | None) -> str:
    """From which month the sender pays no more of who left then, and from which one again."""
    if back:
        return away_words(left_on, back.on, back.left_on)
    return money_words(Kind.TRANSFER_OUT, left_on)


def _receives(day: TransferDay, done: str, by: Appointment) -> list[Reason]:
    if by.organisation_id == day.school_id:
        return [Reason(f"{WHAT}由转入学校{done}", "请等对方学校的经办办理")]
    return by_operator(WHAT, done, school_id=day.to_school_id, by=by)


def _seconds(day: TransferDay, by: Appointment) -> list[Reason]:
    return by_second(WHAT, proposed_by_id=day.proposed_by_id, school_id=day.school_id, by=by)
