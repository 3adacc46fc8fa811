"""Programmes as dated data."""

from datetime import date

import pytest

from applications import queue, reference
from applications.models import Programme, Tier
from applications.rules.eligibility import suggested_tier
from students.models import SpecialGroup
from tests.cast import Cast

SPRING_2025, AUTUMN_2026 = date(2025, 2, 28), date(2026, 9, 1)


def amounts(code: str, day: date) -> list[int]:
    programme = Programme.objects.get(code=code)
    return [t.amount_fen for t in queue.offer_of(programme, day).tiers]


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("senior_grant", SPRING_2025, [150_000, 100_000, 50_000]),
        ("senior_grant", date(2025, 3, 1), [160_000, 115_000, 70_000]),
        ("vocational_grant", AUTUMN_2026, [150_000, 115_000, 80_000]),
        ("primary_subsidy", date(2024, 2, 29), [50_000, 25_000]),
        ("primary_subsidy", date(2024, 3, 1), [62_500, 31_250]),
        ("junior_subsidy", AUTUMN_2026, [75_000, 37_500]),
        ("senior_waiver", AUTUMN_2026, []),
    ],
)
def test_amounts_are_those_of_the_day(db: None, code: str, day: date, expected: list[int]) -> None:
    assert amounts(code, day) == expected


def test_loading_twice_changes_nothing_and_keeps_what_was_changed(db: None) -> None:
    before = list(Tier.objects.order_by("pk").values_list())
    subsidy = Programme.objects.get(code="primary_subsidy")
    subsidy.open_groups.set(SpecialGroup.objects.filter(code="dibao"))
    Programme.objects.filter(code="senior_grant").update(name="本地名称")
    reference.load()
    assert list(Tier.objects.order_by("pk").values_list()) == before
    assert [g.code for g in subsidy.open_groups.all()] == ["dibao"]
    assert Programme.objects.get(code="senior_grant").name == "本地名称"


def test_the_open_groups_of_subsidies_are_there(db: None) -> None:
    subsidy = Programme.objects.get(code="junior_subsidy")
    assert {g.code for g in subsidy.open_groups.all()} == set(reference.OPEN_GROUPS)
    assert subsidy.guardian_card
    assert (subsidy.money_cadence, subsidy.entry_cadence) == ("per_term", "per_term")
    assert Programme.objects.get(code="senior_grant").entry_cadence == "monthly"


@pytest.mark.parametrize(
    ("code", "boarding", "grade", "expected"),
    [
        ("senior_grant", "day", "special", 160_000),
        ("senior_grant", "boarder", "general", 70_000),
        ("senior_grant", "day", "none", None),
        ("senior_grant", "day", "", None),
        ("primary_subsidy", "boarder", "hard", 62_500),
        ("primary_subsidy", "day", "", 31_250),
        ("primary_subsidy", "day", "none", None),
    ],
)
def test_the_tier_that_a_grade_suggests(
    cast: Cast, code: str, boarding: str, grade: str, expected: int | None
) -> None:
    offer = queue.offer_of(Programme.objects.get(code=code), AUTUMN_2026)
    tier = suggested_tier(offer.tiers, boarding=boarding, grade=grade)
    assert (tier.amount_fen if tier else None) == expected
