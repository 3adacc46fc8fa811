"""What forbids marking a differing name as checked, or taking the mark back."""

from audit.refusal import Reason
from schools.models import Appointment
from schools.roles import Role
from students.models import NameCheck, NameDifference
from students.rules.sight import SEES_TAGS

ALREADY = Reason("这个姓名已经核对过", "请刷新页面；要重新核对的，先撤回")
COMPARED_ANEW = Reason(
    "名单刚刚重新比对过，这一条已经不在了", "请刷新页面，按最新的名单核对；这次没有保存"
)


def why_not_check(row: NameDifference, by: Appointment) -> list[Reason]:
    """Every reason why this person can't mark this name as checked."""
    found = []
    if by.role != Role.OPERATOR or by.organisation_id != row.school_id:
        found.append(Reason(f"姓名由本校{Role.OPERATOR.label}核对", "请经办登录后办理"))
    if row.student.name_key != row.rostered:
        found.append(Reason("名册上的姓名已经改过", "请刷新页面，查看最新状态"))
    if checked(row):
        found.append(ALREADY)
    return found


def why_not_recall(row: NameCheck, by: Appointment) -> list[Reason]:
    """Every reason besides its status why this person can't take the mark back."""
    if by.role in SEES_TAGS and by.organisation_id == row.school_id:
        return []
    return [Reason("核对由本校经办、审核人或分管领导撤回", "请经办登录后办理")]


def checked(row: NameDifference) -> bool:
    """Whether this way of writing was compared with this name of the roster."""
    return NameCheck.objects.filter(
        school_id=row.school_id,
        student_id=row.student_id,
        rostered=row.rostered,
        written=row.written,
        status=NameCheck.Status.HOLDS,
    ).exists()
