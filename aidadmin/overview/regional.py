"""The overview of many schools: totals by territory and by superior, whom to call, charts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from aidadmin.overview.facts import Facts, facts_of
from aidadmin.overview.steps import Cell, Judge, limits_of
from audit.models import Event
from schools.models import Organisation, Stage, Term
from schools.official import OfficialCalendar

CALLS = 3
SUMMED = tuple(f.name for f in fields(Facts) if f.type is int or f.type == "int")


@dataclass(slots=True)
class Standing:
    """One school with its steps. `late` is the worst step's overdue working days."""

    facts: Facts
    cells: list[Cell]

    @property
    def late(self) -> int:
        """Working days by which the worst step is overdue; 0 when none is."""
        return max((-c.left for c in self.cells if c.state == "bad"), default=0)

    @property
    def state(self) -> str:
        """Overdue, pressing, or on time."""
        states = {c.state for c in self.cells}
        return "bad" if "bad" in states else "wait" if "wait" in states else "done"

    @property
    def finished(self) -> int:
        """How many steps are done."""
        return sum(c.state == "done" for c in self.cells)

    @property
    def worst(self) -> Cell | None:
        """The step that is overdue longest."""
        return min((c for c in self.cells if c.state == "bad"), key=lambda c: c.left, default=None)

    @property
    def current(self) -> Cell | None:
        """The step the school is at: the first that is not done."""
        return next((c for c in self.cells if c.state != "done"), None)


@dataclass(slots=True)
class Totals:
    """Sums over schools, each school once."""

    schools: int = 0
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SUMMED, 0))

    def __getattr__(self, name: str) -> int:
        try:
            return self.sums[name]
        except KeyError:
            raise AttributeError(name) from None

    @classmethod
    def of(cls, facts: Iterable[Facts]) -> "Totals":
        """Add up."""
        totals = cls()
        for one in facts:
            totals.schools += 1
            for name in SUMMED:
                totals.sums[name] += getattr(one, name)
        return totals


@dataclass(frozen=True, slots=True)
class Call:
    """A school to telephone, with why, in words."""

    standing: Standing
    cell: Cell
    last_seen: date | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart; `share` is its length, 0 to 1, as CSS wants it."""

    label: str
    value: int
    whole: int

    @property
    def share(self) -> str:
        """Length against the whole."""
        return f"{min(self.value / self.whole, 1):.3f}" if self.whole else "0"

    @property
    def percent(self) -> str:
        """Length in per cent of the whole."""
        return f"{min(self.value / self.whole, 1) * 100:.1f}" if self.whole else "0"


@dataclass(slots=True)
class Overview:
    """Everything that the overview shows, before filters of the table."""

    organisation: Organisation
    term: Term
    standings: list[Standing]

    def located(self) -> list[Standing]:
        """Schools in the bureau's own area (属地)."""
        if self.organisation.kind == Organisation.Kind.CITY:
            return self.standings
        return [s for s in self.standings if self._is_located(s)]

    def managed(self) -> list[Standing]:
        """Schools whose superior the bureau itself is (主管部门)."""
        return [s for s in self.standings if s.facts.school.superior_id == self.organisation.pk]

    def _is_located(self, standing: Standing) -> bool:
        return bool(standing.facts.school.territory_id == self.organisation.pk)

    def scopes(self) -> dict[str, tuple[str, list[Standing]]]:
        """The ways to count: by area, by superior, or every school once."""
        if self.organisation.kind == Organisation.Kind.CITY:
            return {"located": ("全市", self.standings), "managed": ("市直属", self.managed())}
        return {
            "located": ("属地", self.located()),
            "managed": ("主管", self.managed()),
            "all": ("全部", self.standings),
        }


def overview_of(
    organisation: Organisation,
    term: Term,
    calendar: OfficialCalendar,
    today: date,
    *,
    facts: Sequence[Facts] | None = None,
) -> Overview:
    """The overview of every school that a bureau reaches, the slowest first.

    `facts` are its schools' of a moment ago; they are counted anew unless told.
    """
    judge = Judge(calendar, limits_of(calendar, term, year_start(term)), today)
    found = facts_of(organisation, term) if facts is None else facts
    standings = [Standing(f, judge.cells(f)) for f in found]
    standings.sort(key=lambda s: (-s.late, s.finished, s.facts.school.name))
    return Overview(organisation, term, standings)


def standing_of(
    organisation: Organisation,
    term: Term,
    calendar: OfficialCalendar,
    today: date,
    school_id: int,
) -> Standing | None:
    """One school that the organisation reaches, or None."""
    judge = Judge(calendar, limits_of(calendar, term, year_start(term)), today)
    found = facts_of(organisation, term, school_id=school_id)
    return Standing(found[0], judge.cells(found[0])) if found else None


def year_start(term: Term) -> date:
    """The first day of the academic year that `term` belongs to."""
    if term.half == 1:
        return term.starts_on
    first = Term.objects.filter(year=term.year, half=1).first()
    return first.starts_on if first else term.starts_on


def calls_of(standings: Sequence[Standing]) -> list[Call]:
    """Whom to call: the schools overdue longest, with when anything last happened there."""
    worst = [(s, s.worst) for s in standings][:CALLS]
    wanted = [(s, c) for s, c in worst if c is not None]
    latest = dict(
        Event.objects.filter(organisation_id__in=[s.facts.school.pk for s, _ in wanted])
        .order_by("organisation_id", "-seq")
        .distinct("organisation_id")
        .values_list("organisation_id", "at")
    )
    return [
        Call(s, c, seen.date() if (seen := latest.get(s.facts.school.pk)) else None)
        for s, c in wanted
    ]


FUNNEL: tuple[tuple[str, Callable[[Totals], int]], ...] = (
    ("认定申请", lambda t: t.applications),
    ("班级评议", lambda t: t.appraised),
    ("领导小组审定", lambda t: t.decided),
    ("认定困难", lambda t: t.difficult),
    ("列入资助", lambda t: t.aided),
)


def funnel(totals: Totals) -> list[Bar]:
    """People at each stage, against those who applied."""
    values = [(label, count(totals)) for label, count in FUNNEL]
    whole = max((value for _, value in values), default=0)
    return [Bar(label, value, whole) for label, value in values]


def by_stage(standings: Iterable[Standing]) -> list[dict[str, Any]]:
    """Aided of recognised, by 学段."""
    found = []
    listed = list(standings)
    for stage in Stage:
        mine = [s.facts for s in listed if s.facts.school.stage == stage]
        if mine:
            found.append({"label": stage.label, "totals": (totals := Totals.of(mine)),
                          "bar": Bar(stage.label, reached(totals), totals.difficult)})  # fmt: skip
    return found


def reached(numbers: Any) -> int:
    """Recognised students who are on a list of aid."""
    return int(numbers.difficult - numbers.missed)


def by_school(standings: Iterable[Standing]) -> list[Bar]:
    """Aided of recognised, one small bar per school that has recognised anybody."""
    return [
        Bar(s.facts.school.name, reached(s.facts), s.facts.difficult)
        for s in standings
        if s.facts.difficult
    ]


def by_district(standings: Iterable[Standing]) -> list[dict[str, Any]]:
    """Totals of each area; a school counts where it is located."""
    groups: dict[str, list[Standing]] = {}
    for standing in standings:
        groups.setdefault(standing.facts.school.territory.name, []).append(standing)
    return [
        {
            "name": name,
            "totals": Totals.of(s.facts for s in mine),
            "late": sum(s.state == "bad" for s in mine),
        }
        for name, mine in sorted(groups.items())
    ]
