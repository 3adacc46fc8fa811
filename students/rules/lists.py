"""What forbids taking a department's list, matching it, or undoing it."""

from datetime import date, timedelta

from audit.refusal import Reason
from schools.models import Appointment
from schools.roles import Role
from students.models import DepartmentList, SpecialGroup
from students.rules.endings import day_of, replaced_by

# A list of next year, or of the year after, may be made out early.
AHEAD = timedelta(days=3 * 366)
# Nobody is at school for longer.
LONGEST_YEARS = 20


def why_not_upload(
    *, group: SpecialGroup, issued_on: date, valid_from: date, valid_to: date | None, today: date
) -> list[Reason]:
    """Every reason why a list with these dates can't be taken."""
    found = []
    if issued_on > today:
        found.append(Reason("名单日期晚于今天", "请填写部门出具名单的日期"))
    if valid_to is not None and valid_to < valid_from:
        found.append(Reason("有效期止早于有效期起", "请核对有效期"))
    if group.valid_to is not None and group.valid_to < issued_on:
        found.append(Reason(f"“{group}”这一类型已停用", "请选择现行的类型"))
    if group.valid_from > issued_on:
        found.append(
            Reason(f"“{group}”这一类型{day_of(group.valid_from)}起才有", "请选择当时的类型")
        )
    elif valid_from < group.valid_from:
        mend = f"请核对年份，最早写{day_of(group.valid_from)}"
        found.append(Reason("有效期起早于这一类型开始的日期", mend))
    if valid_from > issued_on + AHEAD:
        found.append(Reason("有效期起比名单日期晚三年以上", "请核对年份"))
    if valid_to is not None and valid_to.year > valid_from.year + LONGEST_YEARS:
        found.append(Reason(f"有效期超过{LONGEST_YEARS}年", "请核对年份；一直有效的不填有效期止"))
    return found


def why_not_match(listed: DepartmentList) -> list[Reason]:
    """Why a list can't be matched (again): a newer one took its place.

    It would bring back the tags that two persons stopped because the newer one names nobody so.
    """
    newer = replaced_by(listed)
    if newer is None:
        return []
    day = day_of(newer.issued_on)
    return [
        Reason(
            f"这份名单已由{day}的新名单接替，不再列名的标记经两人审核停止，再比对会恢复",
            f"请在{day}的名单上办理；停止错了的，请部门出补充名单，上传后比对；"
            "新名单本身有误的，由资助中心审核撤销那份名单",
        )
    ]


def why_not_withdraw(listed: DepartmentList, reason: str, by: Appointment) -> list[Reason]:
    """Every reason besides its status why this person can't withdraw the list."""
    found = []
    if by.role != Role.BUREAU_REVIEWER:
        label = Role.BUREAU_REVIEWER.label
        found.append(Reason(f"撤销名单应由{label}办理", f"请{label}登录后办理"))
    if listed.match_by_id == by.person_id:
        found.append(Reason("比对这份名单的人不能撤销", "请另一人办理"))
    if not reason.strip():
        found.append(Reason("没有写撤销原因"))
    return found
