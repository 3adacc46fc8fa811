"""试算: whose advice would change if a round were scored by another scheme; writes nothing."""

from dataclasses import dataclass

from applications.models import Grade, Round
from review import queue
from review.models import ScoringScheme
from review.scoring import score


@dataclass(frozen=True, slots=True)
class Changed:
    """One application whose advice would change: by code, without the name."""

    code: str
    class_name: str
    before: str
    after: str
    points_before: int
    points_after: int


def trial(scheme: ScoringScheme, round_: Round) -> tuple[int, list[Changed]]:
    """How many applications of a round were tried, and whose advice would change; writes nothing.

    Both schemes score the same facts, so that only the figures make the difference.
    """
    cases = list(
        queue.of_round(round_)
        .select_related("application", "school_class")
        .order_by("application__number", "pk")
    )
    facts = queue.facts_of([c.application for c in cases], round_.closes_on)
    base = scheme.base or scheme
    found = []
    for case in cases:
        old = score(facts[case.application_id], base.rules)
        new = score(facts[case.application_id], scheme.rules)
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
    return len(cases), found
