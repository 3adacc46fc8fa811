"""Ages at which one is expected at school, for telling who is missing there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from audit.refusal import Reason, why_not_said
from schools.models import Appointment, Organisation, Stage
from schools.roles import Role
from students.rules.proposals import by_operator


@dataclass(frozen=True, slots=True)
class AgeBand:
    """From `first` to `last` full years."""

    code: str
    label: str
    first: int
    last: int


BANDS = (
    AgeBand("compulsory", "义务教育年龄（6—15岁）", 6, 15),
    AgeBand("senior", "高中年龄（16—18岁）", 16, 18),
    AgeBand("preschool", "学前（3—5岁）", 3, 5),
    AgeBand("grown", "19岁及以上", 19, 150),
    AgeBand("baby", "不满3岁", 0, 2),
)
COMPULSORY = BANDS[0]


def years_before(day: date, years: int) -> date:
    """The day so many years before; 29 February counts as the 28th."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return date(max(day.year - years, 1), day.month, last)


# From which to which full age on 1 September nobody asks (row 1-37: above 20 at a 中职 stands out).
STAGE_AGES: Mapping[str, tuple[int, int]] = {
    Stage.PRESCHOOL: (2, 6),
    Stage.PRIMARY: (5, 13),
    Stage.JUNIOR: (10, 17),
    Stage.SENIOR: (13, 20),
    Stage.VOCATIONAL: (13, 20),
}


Limits = Mapping[str, tuple[int, int]]
YOUNGEST, OLDEST = 1, 60


def outside(stage: str, age: int, limits: Limits = STAGE_AGES) -> str:
    """`超龄`, `低龄`, or nothing where this age is usual."""
    least, most = limits[stage]
    if age > most:
        return "超龄"
    return "低龄" if age < least else ""


def why_not_set(
    *, organisation: Organisation, stage: str, least: int, most: int, reason: str, by: Appointment
) -> list[Reason]:
    """Why this person can't set these ages for a school, or for the schools of a bureau."""
    found = _by_its_officer(organisation, by)
    if stage not in STAGE_AGES:
        found.append(Reason("没有这个学段", "请重新选择"))
    if not YOUNGEST <= least < most <= OLDEST:
        found.append(
            Reason("年龄范围不对", f"最低年龄要小于最高年龄，在{YOUNGEST}到{OLDEST}岁之间")
        )
    return found + _why_not_told(reason)


def why_not_drop(*, organisation: Organisation, reason: str, by: Appointment) -> list[Reason]:
    """Why this person can't give up what was set, so that what is above holds again."""
    return _by_its_officer(organisation, by) + _why_not_told(reason)


def _by_its_officer(organisation: Organisation, by: Appointment) -> list[Reason]:
    if organisation.is_school:
        return by_operator("年龄范围", "设定", school_id=organisation.pk, by=by)
    if by.role == Role.BUREAU_OPERATOR and by.organisation_id == organisation.pk:
        return []
    return [Reason(f"年龄范围由本局{Role.BUREAU_OPERATOR.label}设定", "请经办登录后办理")]


def _why_not_told(reason: str) -> list[Reason]:
    return why_not_said(reason, "没有写明原因", "请填写，例如本校招收往届生和退役军人", least=4)


def school_year_start(today: date) -> date:
    """1 September of the school year in which `today` lies: the day on which ages are counted."""
    return date(today.year if today.month >= 9 else today.year - 1, 9, 1)


def age_on(birth: date, day: date) -> int:
    """Full years on `day`."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
