"""What proves each line of a score, and whether the application has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from review.facts import LISTED, PROOFS, proofs_text
from review.models import Case
from schools import clock
from students.models import SpecialGroupTag, live_tag


@dataclass(frozen=True, slots=True)
class Proved:
    """A line of a score; `wanted` is what proves it, any of them, `had` what came."""

    label: str
    points: int
    wanted: str
    had: str


def proved(case: Case) -> list[Proved]:
    """The lines of a case's score with their proofs as they stand today (two queries)."""
    if not case.score_lines:
        return []
    papers = {
        *case.application.attachments.values_list("kind", flat=True),
        *case.application.papers_received,
    }
    tags = SpecialGroupTag.objects.filter(
        live_tag(clock.today()), school_id=case.school_id, student_id=case.student_id
    )
    # What the school itself registered is no department's list.
    listed = set(tags.exclude(source_list_id=None).values_list("group__code", flat=True))
    return [_proved(line, papers, listed) for line in case.score_lines]


def _proved(line: Mapping[str, Any], papers: set[str], listed: set[str]) -> Proved:
    wanted = line.get("proofs", [])
    on_list = bool(listed.intersection(line["groups"]) if "groups" in line else listed)
    there = [code for code in wanted if (on_list if code == LISTED else code in papers)]
    had = "、".join(PROOFS[code] for code in there if code in PROOFS)
    return Proved(line["label"], line["points"], proofs_text(wanted), had)
