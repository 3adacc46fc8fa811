"""One row of a roster: what it tells of a student, and what is wrong or doubtful in its cells."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from office.spreadsheets.cells import Cell, as_text, is_float_id
from students.models import SchoolClass
from students.rules.roster.columns import shown
from students.rules.roster.places import Place
from students.rules.roster.problems import Problem
from students.rules.roster.tables import Table, label_of


@dataclass(slots=True)
class Facts:
    """Clear text and typed values by column; None where the file tells nothing."""

    name: str | None = None
    name_key: str | None = None
    id_kind: str | None = None
    id_number: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    ethnicity: str | None = None
    enrolment_no: str | None = None
    student_no: str | None = None
    household: str | None = None
    boarding: str | None = None
    entered_on: date | None = None
    phone: str | None = None
    address: str | None = None
    guardian_name: str | None = None
    guardian_relation: str | None = None
    guardian_phone: str | None = None
    guardian_id_number: str | None = None
    second_name: str | None = None
    second_relation: str | None = None
    second_phone: str | None = None
    second_id_number: str | None = None
    major: str | None = None
    department: str | None = None
    agri_major: bool | None = None
    campus: str | None = None
    left_behind: bool | None = None
    migrant: bool | None = None
    disability: str | None = None
    native_place: str | None = None
    political_status: str | None = None
    postcode: str | None = None
    lifted_year: int | None = None
    household_address: str | None = None


FACTS = tuple(f.name for f in fields(Facts))


@dataclass(slots=True)
class Row:
    """One student as a file tells of him.

    The blind indexes and the class are filled in when the row is compared with the roster.
    """

    table: Table
    index: int
    cells: Sequence[Cell]
    facts: Facts = field(default_factory=Facts)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    # Columns whose formula failed: that is all there is to say about them.
    failed: frozenset[str] = frozenset()
    # The class of the line above its block, where no column tells it.
    titled: str = ""
    place: SchoolClass | Place | None = None
    id_blind: bytes | None = None
    enrolment_blind: bytes | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What was filled in, by column."""
        found = ((name, getattr(self.facts, name)) for name in FACTS)
        return {name: value for name, value in found if value is not None}

    def cell(self, name: str) -> Cell:
        """What stands in a column; empty when there is no such column."""
        column = self.table.columns.get(name)
        return "" if column is None or column >= len(self.cells) else self.cells[column]

    def text(self, name: str) -> str:
        """The clean text of a column; empty when there is no such column or nothing in it."""
        return as_text(self.cell(name))

    def problem(self, name: str, reason: str) -> Problem:
        """Something about one cell of this row, its value masked where it must be."""
        column = self.table.columns.get(name)
        return Problem(
            self.table.name,
            self.index,
            column,
            label_of(name),
            self._shown(name),
            reason,
            field=name,
        )

    def wrong(self, name: str, reason: str) -> None:
        """This row can't be imported because of this cell."""
        if name not in self.failed:
            self.problems.append(self.problem(name, reason))

    def mend(self, name: str, what: str) -> None:
        """This cell was typed with an accident that could be mended without doubt."""
        found = self.problem(name, f"{what}，按改正后的号码读取。")
        self.warnings.append(replace(found, mended=True))

    def doubtful(self, name: str, reason: str) -> None:
        """This row can be imported, but someone should look."""
        self.warnings.append(self.problem(name, reason))

    def _shown(self, name: str) -> str:
        raw = self.cell(name)
        if isinstance(raw, int | float) and is_float_id(raw):
            return f"{raw:.2E}"
        return shown(name, as_text(raw))
