"""Programmes that an authority defines itself, for tests: figures, drafts, what is in force."""

from datetime import date
from typing import Any

from applications import actions, queue
from applications.models import Programme
from applications.rules.programmes import ProgrammeFacts, TierFacts
from schools.models import Appointment
from schools.tenancy import set_scope

AUTUMN = date(2026, 9, 1)


def facts(**changes: Any) -> ProgrammeFacts:
    """区助学金: 普高, once a term, boarders get more, no grade needed."""
    told: dict[str, Any] = {
        "name": "东区高中助学金",
        "source": "local",
        "kind": "relief",
        "stage": "senior",
        "valid_from": AUTUMN,
        "money_cadence": "per_term",
        "entry_cadence": "monthly",
        "basis": "东教资〔2026〕1号",
        "needs_recognition": False,
        "tiers": (TierFacts("寄宿生", 88_800, "boarder"), TierFacts("走读生", 66_600, "day")),
        **changes,
    }
    return ProgrammeFacts(**told)


def seen(programme: Programme) -> str:
    """What stands on the page now."""
    return queue.digest_of(queue.facts_of(programme))


def enacted(
    maker: Appointment, checker: Appointment, day: date = AUTUMN, **changes: Any
) -> Programme:
    """A programme of the maker's authority, in force from `day`."""
    set_scope(maker.organisation_id)
    draft = actions.draft_programme(facts=facts(**{"valid_from": day, **changes}), by=maker)
    return actions.enact_programme(programme=draft, valid_from=day, seen=seen(draft), by=checker)
