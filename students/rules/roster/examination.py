"""Look at a roster file: read it and compare it with the roster, writing nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from office.bulk import uncollected
from schools import clock
from schools.models import School
from schools.official import current_term
from students.models import SchoolClass
from students.rules.roster.difference import Difference, differ
from students.rules.roster.headings import known_at
from students.rules.roster.places import Classes
from students.rules.roster.reading import Reading, read_roster
from students.rules.roster.tables import Columns

# How far it is, as a step and words; the default tells nobody.
Tell = Callable[[int, str], None]


def silent(step: int, note: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What a file says and what it would change."""

    reading: Reading
    difference: Difference


@uncollected()
def examine(
    *,
    school: School,
    content: bytes,
    filename: str,
    columns: Columns | None = None,
    lock: bool = False,
    tell: Tell = silent,
) -> Examination:
    """Read and compare, telling each step. Raises `Unreadable` when it is no roster at all."""
    today = clock.today()
    tell(1, "正在逐格核对")
    classes = Classes(stage=school.stage, starting_year=academic_year(today))
    its_classes = {row.pk: row for row in SchoolClass.objects.for_school(school)}
    classes.learn(its_classes.values())
    reading = read_roster(
        content,
        filename,
        classes=classes,
        today=today,
        columns=columns,
        known=known_at(school),
    )
    tell(2, f"已核对{len(reading.rows)}行，正在与名册比对")
    difference = differ(school=school, reading=reading, today=today, classes=its_classes, lock=lock)
    return Examination(reading, difference)


def academic_year(today: date) -> int:
    """The year in which the academic year of today began; in summer, the one that comes."""
    term = current_term()
    return term.year if term else today.year
