"""Which papers are asked of an application, and which of them are not there (`PaperRule`)."""

from collections.abc import Collection, Iterable
from typing import Protocol

from applications.models import Application, Attachment, PaperRule
from audit.refusal import Reason

# What is asked of everybody is no rule, and photographs of a visit come from the visitor.
OTHER_KINDS = tuple(
    (value, label)
    for value, label in Attachment.Kind.choices
    if value not in (*Application.IdentityPaper.values, Attachment.Kind.HOME_VISIT)
)
When = PaperRule.When


class Household(Protocol):
    """What of a household decides about papers."""

    @property
    def seriously_ill(self) -> bool: ...
    @property
    def natural_disaster(self) -> str: ...
    @property
    def sudden_accident(self) -> str: ...


def asked_of(
    rules: Iterable[PaperRule],
    household: Household | None,
    *,
    claims: Collection[str],
    listed: Collection[str],
) -> list[PaperRule]:
    """The rules that concern this family.

    `claims` and `listed`: codes of special groups as told and as departments' lists say today.
    """
    return [
        rule
        for rule in rules
        if _concerns(rule, household, claims) and not (rule.listed_exempt and _proved(rule, listed))
    ]


def _concerns(rule: PaperRule, household: Household | None, claims: Collection[str]) -> bool:
    if rule.when == When.ALWAYS:
        return True
    if rule.when == When.CLAIMED:
        return bool(set(rule.groups) & set(claims))
    if household is None:
        return False
    if rule.when == When.ILL:
        return household.seriously_ill
    return bool(household.natural_disaster or household.sudden_accident)


def _proved(rule: PaperRule, listed: Collection[str]) -> bool:
    return bool(set(listed) & set(rule.groups)) if rule.groups else bool(listed)


def absent(rules: Iterable[PaperRule], have: Collection[str]) -> list[PaperRule]:
    """Of the rules asked those of which no paper is there; `have`: kinds that came."""
    return [rule for rule in rules if not set(rule.kinds) & set(have)]


def reasons_of(rules: Iterable[PaperRule], level: str, mend: str, url: str = "") -> list[Reason]:
    """What is absent at one level (`PaperRule.Level`), as reasons."""
    return [Reason(f"没有{rule.label}", mend, url) for rule in rules if rule.level == level]
