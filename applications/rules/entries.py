"""When an application may be entered, changed, handed in, returned and withdrawn."""

from collections.abc import Collection
from datetime import date

from django.utils import timezone

from applications.models import Application, Round
from applications.models.entries import Signer
from applications.rules.eligibility import why_not_present
from audit import moves
from audit.refusal import Reason
from privacy.identity import name_key
from schools.models import Appointment
from schools.roles import CHECKERS, Role
from students.models import Student

# 个人信息保护法 §31: below this age the guardian consents.
CONSENTS_FROM = 14
ENTERING = frozenset({Role.OPERATOR, Role.HEAD_TEACHER})


def why_not_open(round_: Round, today: date) -> list[Reason]:
    """Why the round takes no entries now; after its last day it still does, with a late reason."""
    if round_.status != Round.Status.OPEN:
        return [Reason(f"{round_}已办结", "确需补办的，由资助专干重新打开批次")]
    if today < round_.opens_on:
        day = f"{round_.opens_on.month}月{round_.opens_on.day}日"
        return [Reason(f"申请{day}才开始", "到时再录入")]
    return []


def why_not_entering(student: Student, *, by: Appointment, led: Collection[int]) -> list[Reason]:
    """Why this person can't enter for this student; `led` are the classes that the person leads."""
    if by.role not in ENTERING:
        return [Reason(f"{by.get_role_display()}不录入申请", "由班主任或资助专干录入")]
    if by.role == Role.HEAD_TEACHER and student.school_class_id not in led:
        return [Reason(f"{student.name}不在您的班", "班主任只录入本班学生的申请")]
    return []


def why_not_draft(
    round_: Round,
    student: Student,
    *,
    by: Appointment,
    led: Collection[int],
    today: date,
    existing: Application | None,
) -> list[Reason]:
    """Why an application can't be begun; a withdrawn one may be taken up again."""
    reasons = why_not_open(round_, today) + why_not_entering(student, by=by, led=led)
    if student.school_id != round_.school_id:
        reasons.append(Reason(f"{student.name}不是本校学生", "在本校名册里选择"))
    reasons += why_not_present(student)
    if existing and existing.status != Application.Status.WITHDRAWN:
        reasons.append(
            Reason(
                f"{student.name}在本批次已有申请{existing.number}"
                f"（{existing.get_status_display()}）",
                "在原申请上修改",
            )
        )
    return reasons


def why_not_commitment(
    *, committed_on: date | None, committed_by: str, today: date
) -> list[Reason]:
    """Why the day and name of 个人承诺 can't be right (`domain.md` §C.1)."""
    if committed_on and committed_on > today:
        return [Reason("承诺日期在今天之后", "按纸面上签字的日期填写")]
    if committed_on and not committed_by.strip():
        return [Reason("有承诺日期，没有承诺人", "填写在承诺书上签字的学生或监护人")]
    return []


def why_not_signer(
    student: Student, *, committed_by: str, relation: str, today: date
) -> list[Reason]:
    """Why this name can't stand under the commitment: a child under 14 does not sign by itself."""
    if student.age_on(today) >= CONSENTS_FROM:
        return []
    itself = committed_by.strip() and name_key(committed_by) == name_key(student.name)
    if itself or relation == Signer.STUDENT:
        mend = "由父母或其他监护人签字，承诺人填监护人姓名"
        return [Reason(f"{student.name}不满{CONSENTS_FROM}周岁，不能自己承诺", mend)]
    return []


def why_not_consented(application: Application, *, filed: bool, today: date) -> list[Reason]:
    """Why a child under 14 has no guardian's consent yet; `filed`: given on the phone already."""
    student = application.student
    reasons = why_not_signer(
        student,
        committed_by=application.committed_by,
        relation=application.committed_relation,
        today=today,
    )
    if filed or student.age_on(today) >= CONSENTS_FROM:
        return reasons
    if not application.committed_relation:
        mend = f"{student.name}不满{CONSENTS_FROM}周岁，选择是父亲、母亲还是其他监护人"
        reasons.append(Reason("没有填承诺人与学生的关系", mend))
    if not application.consents:
        mend = f"{student.name}不满{CONSENTS_FROM}周岁，由监护人在申请表上签字同意后勾选"
        reasons.append(Reason("没有监护人同意处理个人信息的记录", mend))
    return reasons


def why_not_complete(
    application: Application, *, has_survey: bool, filed: bool, today: date
) -> list[Reason]:
    """What is still missing from an application, each missing part one reason.

    `filed`: the family has filled in its form on a phone, and consented there.
    """
    if not application.round.is_recognition:
        return []
    missing = []
    if not has_survey:
        missing.append(Reason("没有填家庭情况", "填写家庭经济状况和成员"))
    if not application.reason.strip():
        missing.append(Reason("没有写申请理由", "照申请表填写"))
    if not application.committed_on or not application.committed_by.strip():
        missing.append(Reason("个人承诺缺签字人或日期", "补签后填写承诺人和日期"))
    if not application.identity_paper:
        missing.append(Reason("没有收到身份证或户口簿复印件", "收到并核对后勾选"))
    return missing + why_not_consented(application, filed=filed, today=today)


def is_late(application: Application, today: date) -> bool:
    """Handed in for the first time after the window; what was returned keeps its first day.

    What was withdrawn and begun anew comes anew: a draft has no day on which it was handed in.
    What a family handed over came on that day, however long the head teacher takes to compare it.
    """
    if application.submit_at is not None:
        return False
    handed = application.hand_over_at
    came = timezone.localdate(handed) if handed else today
    closes_on: date = application.round.closes_on
    return came > closes_on


def why_not_late(
    *,
    late_reason: str,
    late_by: Appointment | None,
    by: Appointment,
    entered_by_id: int | None = None,
) -> list[Reason]:
    """Why it can't be handed in late: that needs a reason and a second person (row 0-23)."""
    reasons = []
    if not late_reason.strip():
        reasons.append(Reason("申请期已过", "填写逾期原因，由审核人同意后提交"))
    if late_by is None:
        reasons.append(Reason("逾期提交还没有审核人同意", "请审核人在申请页上同意"))
    else:
        reasons += why_not_second(late_by, by=by, entered_by_id=entered_by_id)
    return reasons


def why_not_second(
    second: Appointment, *, by: Appointment, entered_by_id: int | None = None
) -> list[Reason]:
    """Why this person can't be the second one for what `by` does and somebody else entered."""
    reasons = []
    if second.role not in CHECKERS or second.organisation_id != by.organisation_id:
        reasons.append(Reason("同意逾期的应是本校审核人", "由审核人或分管领导同意"))
    if second.person_id in (by.person_id, entered_by_id):
        reasons.append(Reason("录入和同意逾期不能是同一人", "请另一位审核人同意"))
    return reasons


def why_not_allow_late(
    application: Application, *, reason: str, by: Appointment, today: date
) -> list[Reason]:
    """Why a checker can't let in a late application."""
    reasons = []
    if by.role not in CHECKERS:
        reasons.append(Reason("同意逾期的应是本校审核人", "由审核人或分管领导同意"))
    if by.person_id == application.entered_by_id:
        reasons.append(Reason("录入和同意逾期不能是同一人", "请另一位审核人同意"))
    if moves.why_not(application, "submit"):
        reasons += moves.why_not(application, "submit")
    elif not is_late(application, today):
        reasons.append(Reason("申请没有逾期", "可以直接提交"))
    if not reason.strip():
        reasons.append(Reason("没有逾期原因", "由录入人填写，或在同意时填写"))
    return reasons


def why_not_return(
    application: Application, *, by: Appointment, led: Collection[int]
) -> list[Reason]:
    """Why this person can't send it back: a head teacher only what still waits for comparing."""
    reasons = moves.why_not(application, "send_back")
    if by.role != Role.HEAD_TEACHER or reasons:
        return reasons
    if application.student.school_class_id not in led:
        reasons.append(Reason("不是本班学生的申请", "由该班班主任退回"))
    if application.status != Application.Status.CHECKING:
        reasons.append(Reason("申请已经提交", "需要更正的，请资助专干退回补正"))
    return reasons


def why_not_change(application: Application) -> list[Reason]:
    """Why the facts of an application can't be changed now."""
    if application.status in (Application.Status.DRAFT, Application.Status.RETURNED):
        return []
    label = application.get_status_display()
    return [Reason(f"现在是“{label}”，不能修改", "需要更正的，请资助专干退回补正")]
