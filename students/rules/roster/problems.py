"""What is wrong or doubtful in one cell of a roster or a list, as people and files are told it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from office.spreadsheets.cells import cell_name
from office.spreadsheets.marking import CellError

# More are counted, and listed in the marked workbook, but not kept with the import.
MOST_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell (0-based row and column; None is the whole row), its masked value, and the reason.

    `reason` says what is wrong and how to mend it.
    """

    sheet: str
    row: int
    column: int | None
    label: str
    value: str
    reason: str
    # Mended by the reader itself; told, but nobody has to do anything.
    mended: bool = False
    # The column's code, as the command line answers it; pages show the label.
    field: str = ""

    @property
    def cell(self) -> str:
        """C7, or 第7行."""
        return f"第{self.row + 1}行" if self.column is None else cell_name(self.row, self.column)

    def as_json(self) -> dict[str, Any]:
        """The shape of the command line's contract and of what is stored."""
        return {
            "sheet": self.sheet,
            "cell": self.cell,
            "column": self.label,
            "value": self.value,
            "reason": self.reason,
        }

    def as_mark(self) -> CellError:
        """The cell to be marked in the officer's own workbook."""
        return CellError(self.sheet, self.row, self.column, self.reason)


def kept(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """The first of them, for storing; what was merely mended comes last."""
    first = islice((p for p in problems if not p.mended), MOST_KEPT)
    stored = [p.as_json() for p in first]
    mended = islice((p for p in problems if p.mended), MOST_KEPT - len(stored))
    return stored + [p.as_json() for p in mended]
