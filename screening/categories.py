"""The one category of each difficult student on the printed tables (`domain.md` §B.3). Pure."""

from dataclasses import dataclass, replace

from applications.models import DIFFICULT
from students.models import SpecialGroup, Student

Cell = SpecialGroup.Cell

# 家庭经济困难类型 in the words of note 1 under the tables.
LABELS: dict[int, str] = {
    Cell.REGISTERED_POOR: "建档立卡学生",
    Cell.DISABLED: "非建档立卡的家庭经济困难残疾学生",
    Cell.RURAL_DIBAO: "农村低保家庭学生",
    Cell.RURAL_DESTITUTE: "农村特困救助供养学生",
    Cell.ORPHAN: "孤儿",
    Cell.OTHER: "其他学校认定的家庭经济困难学生",
}
# A student of several groups is counted once, in the first of these that fits.
PRIORITY = (
    Cell.REGISTERED_POOR,
    Cell.DISABLED,
    Cell.RURAL_DIBAO,
    Cell.RURAL_DESTITUTE,
    Cell.ORPHAN,
)
# The printed names of these two say 农村, whatever a group's own flag says.
RURAL_CELLS = frozenset({Cell.RURAL_DIBAO, Cell.RURAL_DESTITUTE})
# Categories that a live tag opens by itself while the grade is undecided (`domain.md` §B.3): ②
# asks for recognised difficulty (ruling 3), ⑥ is what the school itself recognised.
BEFORE_GRADE = frozenset(PRIORITY) - {Cell.DISABLED}
RURAL_SHIFT = 8


def mark_of(cell: int, rural_only: bool) -> int:
    """One bit for a group's place in the tables; a student's marks are the OR of the live tags'."""
    return 1 << (cell + (RURAL_SHIFT if rural_only else 0))


@dataclass(frozen=True, slots=True)
class Means:
    """What decides a student's category: grade of the year, household and marks of live tags.

    `grade` is empty while the year's recognition is undecided; `counts_ungraded` says that a live
    tag is enough by itself until then.
    """

    grade: str = ""
    household: str = ""
    marks: int = 0
    counts_ungraded: bool = False


def cells_of(means: Means) -> frozenset[int]:
    """Categories of a student's live tags; a rural one is 其他 for other households."""
    rural = means.household == Student.Household.RURAL
    found = set()
    for cell in Cell.values:
        plain = bool(means.marks & mark_of(cell, False))
        marked_rural = bool(means.marks & mark_of(cell, True))
        if not plain and not marked_rural:
            continue
        needs_rural = cell in RURAL_CELLS or not plain
        found.add(int(cell) if rural or not needs_rural else int(Cell.OTHER))
    return frozenset(found)


def primary(means: Means) -> int | None:
    """The student's category, or None when the tables don't count the student.

    Counted are the three difficult grades, and students not yet graded whose tag puts them in ①,
    ③, ④ or ⑤ (待认定), so that nobody is dropped while recognition runs. Who was found 不困难
    this year is not counted, whatever the tags say.
    """
    cells = cells_of(means)
    if means.grade:
        return _first(cells) if means.grade in DIFFICULT else None
    enough = cells & BEFORE_GRADE
    return _first(enough) if means.counts_ungraded and enough else None


def hangs_on_household(means: Means) -> bool:
    """Whether 户口性质 is blank although it decides how, or if at all, the student is counted."""
    rural, urban = (
        primary(replace(means, household=str(kind))) for kind in Student.Household.values
    )
    return not means.household and rural != urban


def ungraded(means: Means) -> bool:
    """Whether the student is counted although the year's grade is not decided (待认定)."""
    return not means.grade and primary(means) is not None


def _first(cells: frozenset[int]) -> int:
    return int(next((cell for cell in PRIORITY if cell in cells), Cell.OTHER))
