"""The numbers of the tables: counted from the facts, frozen when a school fills in, added up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from audit.refusal import Reason
from schools.models import Term
from screening import facts
from screening.categories import Cell, ungraded


@dataclass(frozen=True, slots=True)
class Numbers:
    """One school's or bureau's numbers. `cells` are the six exclusive counts in printed order."""

    students: int = 0
    total: int = 0
    cells: tuple[int, ...] = (0, 0, 0, 0, 0, 0)
    # 待认定: counted by a tag while the year's grade is undecided.
    ungraded: int = 0
    unaided: int = 0
    waiting: int = 0
    covered_top: int = 0
    covered_compulsory: int = 0
    # Every live tag counted, for reconciling with the departments' lists (§B.3 ruling 1).
    groups: Mapping[str, int] = field(default_factory=dict)
    several: int = 0

    def __add__(self, other: "Numbers") -> "Numbers":
        """Both together; groups are added by name."""
        names = [*self.groups, *(n for n in other.groups if n not in self.groups)]
        return Numbers(
            students=self.students + other.students,
            total=self.total + other.total,
            cells=tuple(a + b for a, b in zip(self.cells, other.cells, strict=True)),
            ungraded=self.ungraded + other.ungraded,
            unaided=self.unaided + other.unaided,
            waiting=self.waiting + other.waiting,
            covered_top=self.covered_top + other.covered_top,
            covered_compulsory=self.covered_compulsory + other.covered_compulsory,
            groups={n: self.groups.get(n, 0) + other.groups.get(n, 0) for n in names},
            several=self.several + other.several,
        )

    def as_json(self) -> dict[str, Any]:
        """The snapshot kept on the screening."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**plain, "cells": list(self.cells), "groups": dict(self.groups)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The snapshot back; an empty one is all zeros."""
        known = {k: v for k, v in kept.items() if k in cls.__dataclass_fields__}
        if "cells" in known:
            known["cells"] = tuple(known["cells"])
        return cls(**known)

    def why_wrong(self, name: str) -> list[Reason]:
        """Reasons when the numbers contradict themselves."""
        if self.total != sum(self.cells):
            return [
                Reason(
                    f"{name}：家庭困难学生总数{self.total}人，六类合计{sum(self.cells)}人，不一致",
                    "请退回后重新填报",
                )
            ]
        return []


def counted(schools: Sequence[int], term: Term) -> dict[int, Numbers]:
    """Each school's numbers as the facts stand now, without the tag counts; one query."""
    plain: dict[int, dict[str, Any]] = {pk: _empty() for pk in schools}
    for school_id, n, one in facts.alike(schools, term):
        sums = plain[school_id]
        sums["students"] += n
        if one.cell is not None:
            sums["total"] += n
            sums["cells"][one.cell - 1] += n
        sums["ungraded"] += n * ungraded(one.means)
        sums["unaided"] += n * one.unaided
        sums["waiting"] += n * one.waiting
        sums["covered_top"] += n * one.covered_top
        sums["covered_compulsory"] += n * one.covered_compulsory
    return {pk: Numbers(**{**sums, "cells": tuple(sums["cells"])}) for pk, sums in plain.items()}


def _empty() -> dict[str, Any]:
    names = ("students", "total", "ungraded", "unaided", "waiting")
    covered = ("covered_top", "covered_compulsory")
    return {**dict.fromkeys((*names, *covered), 0), "cells": [0] * len(Cell.values)}


def added(parts: Iterable[Numbers]) -> Numbers:
    """The sum of all."""
    return sum(parts, Numbers())
