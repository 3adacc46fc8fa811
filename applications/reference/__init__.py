"""Programmes and tiers as dated data (`domain.md` §C.3), loaded after migration.

Loading twice changes nothing, and what an administrator has changed since is left alone.
"""

from typing import Any

from applications.models import PaperRule, Programme, Tier
from applications.reference.papers import PAPERS, PAPERS_BASIS
from applications.reference.programmes import FOUR_GROUPS, OPEN_GROUPS, SEEDS
from applications.reference.seeds import SINCE, Seed
from students.models import SpecialGroup

__all__ = ["FOUR_GROUPS", "OPEN_GROUPS", "PAPERS", "PAPERS_BASIS", "SEEDS", "SINCE", "load"]


def load() -> None:
    """Fill in programmes, tiers and asked papers that are missing."""
    for seed in SEEDS:
        programme, made = Programme.objects.get_or_create(
            code=seed.code, defaults={**_plain(seed), **_policy(seed)}
        )
        if not made and _older(programme, seed):
            Programme.objects.filter(pk=programme.pk).update(**_policy(seed))
            programme.open_groups.set(SpecialGroup.objects.filter(code__in=seed.open_groups))
        _load_groups(programme, seed)
        _load_tiers(programme, seed)
    _load_papers()


def _plain(seed: Seed) -> dict[str, Any]:
    return {
        "name": seed.name,
        "source": seed.source,
        "kind": seed.kind,
        "stage": seed.stage,
        "money_cadence": seed.money_cadence,
        "entry_cadence": seed.entry_cadence,
        "guardian_card": seed.guardian_card,
        "basis": seed.basis,
        "valid_from": seed.since,
    }


def _policy(seed: Seed) -> dict[str, Any]:
    """What rows loaded by earlier versions of the product could not say yet."""
    least, most = seed.share or (None, None)
    return {
        "needs_recognition": seed.needs_recognition,
        "years": list(seed.years),
        "only_groups": list(seed.only_groups),
        "rural_groups": list(seed.rural_groups),
        "day_groups": list(seed.day_groups),
        "open_to": list(seed.open_to),
        "handling": seed.handling,
        "paid_by": seed.paid_by,
        "share_least": least,
        "share_most": most,
        "note": seed.note,
    }


def _older(programme: Programme, seed: Seed) -> bool:
    # Every seed has a note; a row without one was loaded before there were notes.
    return programme.managed_by_id is None and not programme.note and bool(seed.note)


def _load_groups(programme: Programme, seed: Seed) -> None:
    # The groups may come with a later load; a list that someone has shortened stays short.
    if seed.open_groups and not programme.open_groups.exists():
        programme.open_groups.set(SpecialGroup.objects.filter(code__in=seed.open_groups))


def _load_tiers(programme: Programme, seed: Seed) -> None:
    for standard in seed.standards:
        Tier.objects.get_or_create(
            programme=programme,
            code=standard.code,
            valid_from=standard.valid_from,
            defaults={
                "label": standard.label,
                "rank": standard.rank,
                "amount_fen": standard.fen,
                "boarding": standard.boarding,
                "suggested_for": standard.suggested_for,
                "valid_to": standard.valid_to,
            },
        )


def _load_papers() -> None:
    programmes = {p.code: p for p in Programme.objects.all()}
    for asked in PAPERS:
        PaperRule.objects.get_or_create(
            code=asked.code,
            programme=programmes.get(asked.programme),
            valid_from=SINCE,
            defaults={
                "label": asked.label,
                "kinds": list(asked.kinds),
                "when": asked.when,
                "groups": list(asked.groups),
                "listed_exempt": asked.listed_exempt,
                "basis": "" if asked.programme else PAPERS_BASIS,
            },
        )
