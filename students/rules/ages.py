"""Ages at which one is expected at school, for telling who is missing there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from schools.models import Stage


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


def outside(stage: str, age: int) -> str:
    """`超龄`, `低龄`, or nothing where this age is usual."""
    least, most = STAGE_AGES[stage]
    if age > most:
        return "超龄"
    return "低龄" if age < least else ""


def school_year_start(today: date) -> date:
    """1 September of the school year in which `today` lies: the day on which ages are counted."""
    return date(today.year if today.month >= 9 else today.year - 1, 9, 1)


def age_on(birth: date, day: date) -> int:
    """Full years on `day`."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
