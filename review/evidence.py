"""The facts a family handed in, as one digest: whether they are still those that were judged."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from applications.models import HARDSHIPS, Application, HouseholdMember, HouseholdSurvey, Round
from applications.rules.surveys import stated
from review.fact_reading import facts_of
from review.models import Case, Meeting
from review.scoring import score
from schools import clock

# What bears on the grade. Address, phone and the papers that came with the form don't.
SURVEY = (
    "family_size",
    "annual_income_fen",
    "income_source",
    *HARDSHIPS,
    "students_in_family",
    "seriously_ill",
    "single_parent",
)
MEMBER = ("name", "relation", "age", "work", "occupation", "annual_income_fen", "health")
UNDECIDED = (Case.Status.OPEN, Case.Status.APPRAISED, Case.Status.PROPOSED)


def digests(applications: Iterable[Application]) -> dict[int, str]:
    """SHA-256 of each application's reason, survey and household, by its id (two queries)."""
    wanted = list(applications)
    within = {
        "school_id__in": {a.school_id for a in wanted},
        "application_id__in": [a.pk for a in wanted],
    }
    surveys = {
        row["application_id"]: row
        for row in HouseholdSurvey.objects.filter(**within).values(
            "pk", "application_id", "claims", *SURVEY
        )
    }
    members: dict[int, list[list[Any]]] = {}
    for pk, *facts in HouseholdMember.objects.filter(
        school_id__in=within["school_id__in"], survey_id__in=[s["pk"] for s in surveys.values()]
    ).values_list("survey_id", *MEMBER):
        members.setdefault(pk, []).append(facts)
    return {a.pk: _digest(a, surveys.get(a.pk), members) for a in wanted}


def _digest(
    application: Application, survey: dict[str, Any] | None, members: dict[int, list[list[Any]]]
) -> str:
    facts: list[Any] = [application.reason.strip()]
    if survey:
        values = [survey[name] for name in SURVEY]
        facts += [stated(v) if isinstance(v, str) else v for v in values]
        # A group that the family names is asked about by the panel, though lists decide. Without
        # any the digest is that of the forms before groups could be named.
        if survey["claims"]:
            facts.append(sorted(survey["claims"]))
        # The rows are written anew each time; their order says nothing.
        facts.append(sorted(members.get(survey["pk"], []), key=repr))
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def changed(cases: Iterable[Case]) -> set[int]:
    """Ids of the cases whose facts are no longer those they were scored by.

    Cases taken up before digests were kept can't be compared and are never among them.
    """
    kept = [c for c in cases if c.evidence]
    now = digests([c.application for c in kept])
    return {c.pk for c in kept if now[c.application_id] != c.evidence}


def listed_otherwise(cases: Iterable[Case]) -> set[int]:
    """Ids of confirmed cases that would be scored otherwise today: mostly the lists name them now.

    What departments' lists and the roster say is in no form, and so in no digest.
    """
    confirmed = [c for c in cases if c.scheme and c.status == Case.Status.CONFIRMED]
    facts = facts_of([c.application for c in confirmed], clock.today()) if confirmed else {}
    made = {c.pk: score(facts[c.application_id], c.scheme.rules) for c in confirmed if c.scheme}
    before = {c.pk: (c.points, c.advised_grade) for c in confirmed}
    return {pk for pk, found in made.items() if (found.points, found.grade) != before[pk]}


def handed_in_anew(round_: Round) -> list[Case]:
    """Cases to be taken up again: their application came back with other facts.

    Decided ones too once a meeting is confirmed, or they would wait for confirmation for ever; a
    recorded meeting that nobody confirmed is returned first. A confirmed grade is judged anew when
    the family handed in again after it, with other facts or named by a list since; it stays in
    force until the new one is confirmed.
    """
    live = Case.objects.filter(
        school_id=round_.school_id,
        round_id=round_.pk,
        application__status=Application.Status.SUBMITTED,
    ).select_related("application", "scheme")
    decided = live.filter(status=Case.Status.DECIDED, meeting__status=Meeting.Status.CONFIRMED)
    waiting = live.filter(status__in=UNDECIDED) | decided
    if round_.is_recognition:
        again = Q(application__submit_at__gt=F("confirm_at"))
        waiting |= live.filter(again, status=Case.Status.CONFIRMED)
    cases = list(waiting.exclude(evidence="").order_by("pk"))
    stale = changed(cases) | listed_otherwise(cases)
    return [c for c in cases if c.pk in stale]


def returned_changed(school_id: int) -> list[Case]:
    """Judged cases of open recognition rounds whose family handed in again with other facts.

    For the desk: of those that came after the judgment alone the facts are compared.
    """
    judged_at = Coalesce("confirm_at", "appraise_at")
    again = Case.objects.filter(
        school_id=school_id,
        round__kind=Round.Kind.RECOGNITION,
        round__status=Round.Status.OPEN,
        application__status=Application.Status.SUBMITTED,
        application__submit_at__gt=judged_at,
    ).exclude(evidence="")
    cases = list(again.select_related("application", "scheme").order_by("round_id", "pk"))
    stale = changed(cases) | listed_otherwise(cases) if cases else set()
    return [c for c in cases if c.pk in stale]
