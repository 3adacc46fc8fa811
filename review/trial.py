"""试算: whose advice would change if cases were scored by another scheme; writes nothing."""

from collections import Counter
from dataclasses import dataclass

from applications.models import Grade, Round
from review import governing, queue
from review.models import ScoringScheme
from review.scoring import SEVERITY, score
from schools import clock
from schools.models import Organisation

# A city's schools have more cases than a page may wait for; the latest ones tell enough.
MOST_TRIED = 3000


@dataclass(frozen=True, slots=True)
class Changed:
    """One application whose advice would change: by code, without the name."""

    code: str
    class_name: str
    before: str
    after: str
    points_before: int
    points_after: int


@dataclass(frozen=True, slots=True)
class Trial:
    """How many applications were tried, whose advice would change, and what could not be asked.

    `unknown`: of how many the scheme asks something that nobody knows (未调查).
    """

    tried: int
    changes: list[Changed]
    unknown: int


@dataclass(frozen=True, slots=True)
class SchoolChange:
    """How many of a school's applications were tried, and how many would go up or down.

    `unknown`: of how many the scheme asks something that nobody knows.
    """

    name: str
    tried: int
    harder: int
    easier: int
    unknown: int = 0


def trial(scheme: ScoringScheme, round_: Round) -> Trial:
    """Whose advice would change by another scheme; writes nothing.

    Both schemes score the same facts, so that only the figures make the difference.
    """
    cases = list(
        queue.of_round(round_)
        .select_related("application", "school_class")
        .order_by("application__number", "pk")
    )
    facts = queue.facts_of([c.application for c in cases], round_.closes_on)
    base = governing.before(scheme)
    found = []
    unknown = 0
    for case in cases:
        old = score(facts[case.application_id], base.rules)
        new = score(facts[case.application_id], scheme.rules)
        unknown += bool(new.unknown)
        if old.grade != new.grade:
            found.append(
                Changed(
                    case.code,
                    case.school_class.name,
                    str(Grade(old.grade).label),
                    str(Grade(new.grade).label),
                    old.points,
                    new.points,
                )
            )
    return Trial(len(cases), found, unknown)


def trial_of_schools(scheme: ScoringScheme, bureau: Organisation) -> list[SchoolChange]:
    """What a bureau's draft would change school by school, in numbers; most changes first.

    The facts are today's; the query count does not grow with the schools.
    """
    cases = governing.trial_cases(bureau, MOST_TRIED)
    facts = queue.facts_of([c.application for c in cases], clock.today())
    base = governing.before(scheme)
    tried: Counter[str] = Counter()
    harder: Counter[str] = Counter()
    easier: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for case in cases:
        name = case.school.name
        told = facts[case.application_id]
        new = score(told, scheme.rules)
        step = _step(score(told, base.rules).grade, new.grade)
        unknown[name] += bool(new.unknown)
        tried[name] += 1
        harder[name] += step > 0
        easier[name] += step < 0
    found = [
        SchoolChange(name, n, harder[name], easier[name], unknown[name])
        for name, n in tried.items()
    ]
    return sorted(found, key=lambda s: (-s.harder - s.easier, s.name))


def _step(before: str, after: str) -> int:
    return SEVERITY.index(after) - SEVERITY.index(before)
