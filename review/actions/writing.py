"""Locking and writing many cases at once, with the guard that none moved meanwhile."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from applications.models import Application, Round
from audit.refusal import Reason, Refused, refuse_if
from review.models import Case

BATCH = 500


def why_closed(round_: Round) -> list[Reason]:
    """A closed round takes nothing more."""
    if round_.status == Round.Status.OPEN:
        return []
    return [Reason("批次已办结", "需要时由审核人重新打开批次")]


def locked(cases: QuerySet[Case]) -> list[Case]:
    """The cases under row locks, and their applications too, read as they are now.

    Always in the order of the ids, so that two actions wait for each other and never deadlock.
    """
    found = list(
        cases.select_for_update(of=("self",), no_key=True)
        .select_related(
            "student",
            "school_class",
            "application",
            "proposed_tier",
            "decided_tier",
            "decide_by",
            "meeting",
        )
        .order_by("pk")
    )
    # A withdrawal that is under way must be over before anything is decided about it.
    applications = {
        a.pk: a
        for a in Application.objects.filter(pk__in=[c.application_id for c in found])
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    }
    for case in found:
        case.application = applications[case.application_id]
    return found


def write(cases: Sequence[Case], *, sources: Iterable[str], fields: Sequence[str]) -> None:
    """Save `fields` of the cases, only while they stand where they were read.

    Raises `Refused` when even one has moved; the caller's transaction then writes nothing.
    """
    if not cases:
        return
    written = Case.objects.filter(status__in=tuple(sources)).bulk_update(
        cases, ["status", *fields], batch_size=BATCH
    )
    refuse_if(
        [Reason("有人同时在办理这些申请", "请刷新页面，查看最新状态")]
        if written != len(cases)
        else []
    )


def digest(cases: Iterable[Case]) -> str:
    """SHA-256 of who got what, for the audit line of a decision about many."""
    rows = sorted(
        [c.pk, c.status, c.decided_grade, c.decided_tier_id, c.decision_reason] for c in cases
    )
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def conflict(text: str, mend: str = "请刷新页面，查看最新状态") -> Refused:
    """What a constraint of the database says, in the words of the office."""
    return Refused([Reason(text, mend)])
