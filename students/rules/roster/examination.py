"""Look at a roster file: read it and compare it with the roster, writing nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from office.bulk import uncollected
from schools import clock
from schools.models import School
from students.models import SchoolClass
from students.rules.roster.arrivals import doubt_unsaid
from students.rules.roster.difference import Difference, differ
from students.rules.roster.headings import known_at
from students.rules.roster.places import Classes
from students.rules.roster.reading import Reading, read_roster
from students.rules.roster.shifts import doubt_shifts
from students.rules.roster.standing import standing_year
from students.rules.roster.tables import Columns

# How far it is, as a step and words; the default tells nobody.
Tell = Callable[[int, str], None]


def silent(step: int, note: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a file is read by, besides the program: the day, the school's classes, its headings."""

    school: School
    today: date
    starting_year: int
    classes: dict[int, SchoolClass]
    known: Mapping[str, Sequence[str]]

    def facts(self) -> list[Any]:
        """All of it as plain values, to tell whether a file would be read the same now."""
        classes = [(c.pk, c.stage, c.grade, c.number, c.name) for c in self.classes.values()]
        known = {column: list(words) for column, words in self.known.items()}
        return [self.today, self.school.stage, self.starting_year, sorted(classes), known]


@dataclass(frozen=True, slots=True)
class Examination:
    """What a file says and what it would change; `refused` are rows that the file itself forbids.

    Others may have been found wrong when they were compared, and need not be so the next time.
    """

    ground: Ground
    reading: Reading
    refused: frozenset[int]
    difference: Difference


def ground_at(school: School) -> Ground:
    """By what a file of the school is read now."""
    today = clock.today()
    its_classes = {row.pk: row for row in SchoolClass.objects.for_school(school)}
    return Ground(school, today, standing_year(school), its_classes, known_at(school))


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
    tell(1, "正在逐格核对")
    ground = ground_at(school)
    classes = Classes(stage=school.stage, starting_year=ground.starting_year)
    classes.learn(ground.classes.values())
    reading = read_roster(
        content,
        filename,
        classes=classes,
        today=ground.today,
        columns=columns,
        known=ground.known,
    )
    tell(2, f"已核对{len(reading.rows)}行，正在与名册比对")
    return compared(ground, reading, lock=lock)


@uncollected()
def compared(ground: Ground, reading: Reading, *, lock: bool) -> Examination:
    """Compare what was read with the roster."""
    refused = frozenset(n for n, row in enumerate(reading.rows) if row.problems)
    difference = differ(
        school=ground.school,
        reading=reading,
        today=ground.today,
        # It adds those that graduated.
        classes=dict(ground.classes),
        lock=lock,
    )
    doubt_unsaid(ground.school, reading, difference)
    doubt_shifts(ground.school, reading, difference, ground.starting_year)
    return Examination(ground, reading, refused, difference)
