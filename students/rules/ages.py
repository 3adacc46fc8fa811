"""Ages at which one is expected at school, for telling who is missing there."""

from dataclasses import dataclass
from datetime import date


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
