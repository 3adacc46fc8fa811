"""Whether the day of a recorded change can be put right: between what came before and after."""

from dataclasses import dataclass
from datetime import date

from audit.refusal import Reason
from schools.models import Appointment
from students.models import EnrolmentChange, Student
from students.rules.boarding import BECOMES
from students.rules.endings import day_of
from students.rules.enrolment import DAY, RESUMES
from students.rules.proposals import by_operator


@dataclass(frozen=True, slots=True)
class Beside:
    """What bounds the day of a change that moved the status.

    `earlier` and `later` are the days of the moves before and after it; `handed_over` says that
    another school of the system has the day, `together` that a whole grade graduated with him,
    `left_there` is the day in force of a transfer to here that is being put right.
    """

    earlier: date | None = None
    later: date | None = None
    handed_over: bool = False
    together: bool = False
    left_there: date | None = None


def comes(change: EnrolmentChange, student: Student, beside: Beside) -> bool:
    """Whether the student's 入学日期 is the day of this change, and so goes with it."""
    first = change.kind in RESUMES and beside.earlier is None
    return first and student.entered_on == change.on


def why_not_redate(
    *,
    change: EnrolmentChange,
    student: Student,
    beside: Beside,
    on: date,
    seen: date,
    reason: str,
    today: date,
    by: Appointment,
) -> list[Reason]:
    """Every reason why this change can't be dated `on`; `seen` is the day that the form showed."""
    found = by_operator(DAY, "更正", school_id=change.school_id, by=by)
    found += why_not_at_all(change, beside)
    if seen != change.on:
        found.append(Reason(f"{DAY}刚刚更正过", "请重新打开这一页，核对之后再办理"))
    elif on == change.on:
        found.append(Reason(f"{DAY}没有变", "请填写正确的日期"))
    if not reason.strip():
        found.append(Reason("没有写明更正的原因", "请填写，例如日期写错了，以批准文件为准"))
    return [*found, *why_not_on(change, student, beside, on, today)]


def why_not_at_all(change: EnrolmentChange, beside: Beside) -> list[Reason]:
    """Whose day is not put right here, whatever the right one is."""
    if change.kind in BECOMES:
        text = f"{change.get_kind_display()}的日期不在这里更正"
        return [Reason(text, "请再登记一次同一类别，以后登记的为准")]
    if beside.handed_over:
        text = f"{DAY}已随转学移交对方学校，不能单方更正"
        return [
            Reason(
                text,
                "对方还没有接收的，请对方退回之后重新办理；"
                "已经接收的，请在“转学”中提请更正转出日期，由对方学校同意",
            )
        ]
    if beside.together:
        return [Reason("这次毕业是升班时一起登记的", "请在“升班”中更正毕业日期")]
    return []


def why_not_on(
    change: EnrolmentChange,
    student: Student,
    beside: Beside,
    on: date,
    today: date,
    what: str = DAY,
) -> list[Reason]:
    """Every reason why the change can't have happened on that day, which is called `what`."""
    found = []
    if on > today:
        found.append(Reason(f"{what}晚于今天", "请填实际发生的日期"))
    if on <= student.birth_date:
        found.append(Reason(f"{what}早于出生日期", "请核对年份"))
    not_before = (
        (None if comes(change, student, beside) else student.entered_on, "入学日期", "请核对日期"),
        (beside.earlier, "前一次异动的日期", "请核对日期；前一次写错了的，请先更正前一次"),
        (
            change.left_other_on,
            "离开原校的日期",
            "请核对到校日期；离开原校的日期不对的，请原校在“转学”中提请更正",
        ),
        (
            beside.left_there,
            "原校登记的转出日期",
            "原校正在更正这个日期，请等更正办完之后再办理",
        ),
    )
    for day, bound, mend in not_before:
        if day and on < day:
            found.append(Reason(f"{what}早于{bound}{day_of(day)}", mend))
    if beside.later and on > beside.later:
        text = f"{what}晚于后一次异动的日期{day_of(beside.later)}"
        found.append(Reason(text, "请核对日期；后一次写错了的，请先更正后一次"))
    return found
