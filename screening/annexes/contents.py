"""What a filled-in table says, and whether it agrees with itself."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from audit.refusal import Reason
from screening.categories import LABELS, Cell
from screening.numbers import Numbers


class Kind(StrEnum):
    """Which of the two printed tables."""

    ANNEX_1 = "附件1"
    ANNEX_2 = "附件2"


@dataclass(frozen=True, slots=True)
class Detail:
    """One line of 排查发现应助未助情况. `history` pairs month and programme of aid received."""

    school_id: int
    name: str
    id_number: str
    place: str
    class_name: str
    cell: int
    history: tuple[tuple[str, str], ...]
    reason: str
    measure: str
    due_on: date

    @property
    def category(self) -> str:
        """家庭经济困难类型 in the words of note 1."""
        return LABELS[self.cell]

    @property
    def registered_poor(self) -> str:
        """是否建档立卡家庭."""
        return "是" if self.cell == Cell.REGISTERED_POOR else "否"

    @property
    def remedy(self) -> str:
        """解决措施与时限 as one cell."""
        on = self.due_on
        return f"{self.measure}\n时限：{on.year}年{on.month}月{on.day}日"


@dataclass(frozen=True, slots=True)
class Part:
    """One school's share of a bureau's table."""

    code: str
    name: str
    numbers: Numbers
    details: int


@dataclass(frozen=True, slots=True)
class Annex:
    """A table ready to be written. `missing` are schools that have not reported."""

    kind: Kind
    holder: str
    term: str
    numbers: Numbers
    full_coverage: str
    coverage_reason: str
    details: tuple[Detail, ...]
    parts: tuple[Part, ...] = ()
    missing: tuple[str, ...] = ()
    # Sums of the frozen rows by category, counted anew.
    recounted: dict[int, int] = field(default_factory=dict)

    @property
    def covered(self) -> int:
        """覆盖学生数: each of the two tables asks for another one."""
        first = self.kind == Kind.ANNEX_1
        return self.numbers.covered_top if first else self.numbers.covered_compulsory

    def why_wrong(self) -> list[Reason]:
        """Everything that disagrees: total and six, rows, the list and 是/否, schools and sum."""
        reasons = self.numbers.why_wrong(self.holder)
        rows = [self.recounted.get(int(cell), 0) for cell in Cell]
        if rows != list(self.numbers.cells):
            text = f"{self.holder}：填报的六类人数{_listed(self.numbers.cells)}，"
            reasons.append(
                Reason(f"{text}按排查名单重新计数{_listed(rows)}，不一致", "请退回后重新填报")
            )
        if len(self.details) != self.numbers.unaided:
            text = f"{self.holder}：填报应助未助{self.numbers.unaided}人，"
            reasons.append(Reason(f"{text}明细{len(self.details)}人，不一致", "请退回后重新填报"))
        return reasons + self._why_parts_wrong()

    def _why_parts_wrong(self) -> list[Reason]:
        reasons = [r for part in self.parts for r in part.numbers.why_wrong(part.name)]
        for part in self.parts:
            if part.details != part.numbers.unaided:
                text = f"{part.name}：填报应助未助{part.numbers.unaided}人，明细{part.details}人"
                reasons.append(Reason(f"{text}，不一致", "请退回该校重新填报"))
        if self.parts and sum(p.numbers.total for p in self.parts) != self.numbers.total:
            reasons.append(Reason(f"{self.holder}：各校合计与总数不一致"))
        return reasons


def _listed(numbers: tuple[int, ...] | list[int]) -> str:
    return "、".join(str(n) for n in numbers)
