"""What forbids ending the tags of those whom a newer list no longer names."""

from datetime import date

from django.db.models import Q, QuerySet

from audit.refusal import Reason, why_not_said
from schools.models import Appointment
from schools.roles import BUREAU_ROLES, Role
from students.models import DepartmentList, TagEnding, TagRetention

OPEN_ALREADY = Reason("这份名单已有一批停止在等审核", "请等审核之后再提")
NOBODY_CHOSEN = Reason("没有要停止的标记", "请先选择学生；已停止或重新列名的不用再提")
RETAINED_ALREADY = Reason("已记下不再列名的学生都保留标记", "要停止的，请先在这一页撤回保留")


def day_of(day: date) -> str:
    """A day as pages write it: 2026年9月1日."""
    return f"{day:%Y年%-m月%-d日}"


def newer_of(listed: DepartmentList) -> DepartmentList | None:
    """The newest matched list of the group by this bureau, which decides who dropped out."""
    return _newer(listed).order_by("issued_on", "pk").last()


def replaced_by(listed: DepartmentList) -> DepartmentList | None:
    """The newest list that took its place: those whom it no longer names were stopped by two."""
    replacing = _newer(listed).filter(endings__status=TagEnding.Status.APPROVED)
    return replacing.order_by("issued_on", "pk").last()


def _newer(listed: DepartmentList) -> QuerySet[DepartmentList]:
    later = Q(issued_on__gt=listed.issued_on) | Q(issued_on=listed.issued_on, pk__gt=listed.pk)
    rows: QuerySet[DepartmentList] = DepartmentList.objects.filter(
        later,
        organisation_id=listed.organisation_id,
        group=listed.group_id,
        status=DepartmentList.Status.MATCHED,
    )
    return rows


def why_not_propose(listed: DepartmentList, students: int, by: Appointment) -> list[Reason]:
    """Every reason why these tags can't be proposed for ending."""
    found = []
    if by.role != Role.BUREAU_OPERATOR:
        label = Role.BUREAU_OPERATOR.label
        found.append(Reason(f"停止标记由{label}提请", f"请{label}登录后办理"))
    found += _why_not_list(listed)
    if not students:
        retained = listed.retentions.filter(status=TagRetention.Status.HOLDS).exists()
        found.append(RETAINED_ALREADY if retained else NOBODY_CHOSEN)
    if listed.endings.filter(status=TagEnding.Status.PROPOSED).exists():
        found.append(OPEN_ALREADY)
    return found


def why_not_retain(
    listed: DepartmentList, students: int, by: Appointment, *, reason: str
) -> list[Reason]:
    """Every reason why it can't be said that all of these keep their tags."""
    found = []
    if by.role != Role.BUREAU_OPERATOR:
        label = Role.BUREAU_OPERATOR.label
        found.append(Reason(f"保留标记由{label}记下", f"请{label}登录后办理"))
    found += _why_not_list(listed)
    if not students:
        found.append(Reason("没有等着核对的学生", "请刷新页面，查看最新状态"))
    found += why_not_said(reason, "没有写保留的原因", "例如：部门说明这是补充名单")
    if listed.endings.filter(status=TagEnding.Status.PROPOSED).exists():
        found.append(OPEN_ALREADY)
    return found


def why_not_revoke(row: TagRetention, by: Appointment, *, reason: str) -> list[Reason]:
    """Every reason besides its status why this person can't take it back."""
    found = []
    if by.role not in BUREAU_ROLES or by.organisation_id != row.organisation_id:
        found.append(Reason("保留标记由资助中心经办或审核撤回", "请经办或审核登录后办理"))
    return found + why_not_said(reason, "没有写撤回的原因")


def why_not_review(
    ending: TagEnding,
    listed: DepartmentList,
    by: Appointment,
    *,
    back: bool = False,
    reason: str = "",
) -> list[Reason]:
    """Every reason besides its status why this person can't approve it, or send it `back`."""
    found = []
    if by.role != Role.BUREAU_REVIEWER:
        label = Role.BUREAU_REVIEWER.label
        found.append(Reason(f"停止标记由{label}审核", f"请{label}登录后办理"))
    if by.person_id == ending.proposed_by_id:
        found.append(Reason("提请的人不能审核", "请另一人办理"))
    if back:
        found += why_not_said(reason, "没有写退回的原因")
    else:
        found += _why_not_list(listed)
    return found


def _why_not_list(listed: DepartmentList) -> list[Reason]:
    if listed.status != DepartmentList.Status.MATCHED:
        return [Reason(f"这份名单现在是“{listed.get_status_display()}”", "请查看最新的名单")]
    newer = newer_of(listed)
    if newer is not None:
        return [Reason(f"已有{day_of(newer.issued_on)}的新名单", "请在最新的名单上办理")]
    return []
