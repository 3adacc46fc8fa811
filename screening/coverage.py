"""应助尽助: of those counted as difficult, how many are aided, by grade and class (row 2-19)."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from schools.models import School, Term
from screening import facts
from students.models import SchoolClass


@dataclass(frozen=True, slots=True)
class Share:
    """Present students of one place; `counted` should be aided, `waiting` of the aided for money.

    The same judgment as the screening's, so that both never tell different numbers.
    """

    name: str
    class_id: int | None = None
    students: int = 0
    counted: int = 0
    aided: int = 0
    waiting: int = 0

    @property
    def unaided(self) -> int:
        """应助未助, as far as is known today."""
        return self.counted - self.aided

    def with_more(self, n: int, one: facts.Circumstances) -> "Share":
        """With `n` more students of these circumstances."""
        due = n * (one.cell is not None)
        return Share(
            self.name,
            self.class_id,
            self.students + n,
            self.counted + due,
            self.aided + due * one.aided,
            self.waiting + due * one.waiting,
        )

    @classmethod
    def of(cls, name: str, parts: Iterable["Share"]) -> "Share":
        """All of these together."""
        rows = list(parts)
        return cls(
            name,
            None,
            sum(r.students for r in rows),
            sum(r.counted for r in rows),
            sum(r.aided for r in rows),
            sum(r.waiting for r in rows),
        )


def by_class(school: School, term: Term) -> list[tuple[Share, list[Share]]]:
    """Each grade with its classes, in the order of the school; two queries for any number."""
    classes = list(SchoolClass.objects.for_school(school))
    found = {c.pk: Share(c.name, c.pk) for c in classes}
    for class_id, n, one in facts.alike_in_class(school.pk, term):
        found[class_id] = found[class_id].with_more(n, one)
    inhabited = [c for c in classes if found[c.pk].students]
    grades = []
    for (_, _, name), rows in groupby(inhabited, lambda c: (c.stage, c.grade, c.grade_name)):
        shares = [found[c.pk] for c in rows]
        grades.append((Share.of(name, shares), shares))
    return grades


def of_school(school: School, term: Term) -> Share:
    """The whole school; one query."""
    share = Share(school.name)
    for _, n, one in facts.alike([school.pk], term):
        share = share.with_more(n, one)
    return share
