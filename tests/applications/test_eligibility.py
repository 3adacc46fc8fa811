"""Whom a programme is for, case by case: groups, households, boarding, stage, tiers, exclusions."""

from typing import Any

import pytest

from applications.models import Programme, Tier
from applications.rules.eligibility import (
    Offer,
    needs_no_grade,
    suggested_tier,
    why_not_apply,
    why_not_for,
    within,
)
from students.models import SchoolClass, Student


def programme(**facts: Any) -> Programme:
    return Programme(**{"pk": 1, "name": "助学金", "stage": "senior", **facts})


def someone(**facts: Any) -> Student:
    placed = SchoolClass(stage="senior", grade=facts.pop("grade", 2))
    return Student(
        **{"pk": 7, "status": "enrolled", "boarding": "day", "school_class": placed, **facts}
    )


ALONE = {"only_groups": ["a", "b"], "rural_groups": ["b"]}
BY_DAY = {"day_groups": ["d", "r"], "rural_groups": ["r"]}


@pytest.mark.parametrize(
    ("facts", "groups", "household", "boarding", "is_within"),
    [
        ({}, [], "", "", True),
        ({}, [], "urban", "day", True),
        (ALONE, ["a"], "urban", "boarder", True),
        (ALONE, ["c"], "rural", "boarder", False),
        (ALONE, [], "rural", "boarder", False),
        # Of some groups the rural ones alone; nobody knows of whom nothing is recorded.
        (ALONE, ["b"], "rural", "boarder", True),
        (ALONE, ["b"], "urban", "boarder", False),
        (ALONE, ["b"], "", "boarder", False),
        (ALONE, ["a", "b"], "urban", "boarder", True),
        # Only who is a day pupil must be in one of these.
        (BY_DAY, [], "rural", "boarder", True),
        (BY_DAY, [], "rural", "day", False),
        (BY_DAY, ["a"], "rural", "day", False),
        (BY_DAY, ["d"], "urban", "day", True),
        (BY_DAY, ["r"], "rural", "day", True),
        (BY_DAY, ["r"], "urban", "day", False),
        ({**BY_DAY, "only_groups": ["a"]}, ["a"], "urban", "boarder", True),
        ({**BY_DAY, "only_groups": ["a"]}, ["a"], "urban", "day", False),
        ({**BY_DAY, "only_groups": ["a"]}, ["d"], "urban", "day", False),
        ({**BY_DAY, "only_groups": ["a"]}, ["a", "d"], "urban", "day", True),
    ],
)
def test_of_which_groups_one_must_be(
    facts: dict[str, Any], groups: list[str], household: str, boarding: str, is_within: bool
) -> None:
    found = within(programme(**facts), groups, household=household, boarding=boarding)
    assert found is is_within


@pytest.mark.parametrize(
    ("open_to", "codes", "groups", "household", "agri_major", "expected"),
    [
        ([], ["a"], ["a"], "urban", False, True),
        ([], ["a"], ["c"], "rural", True, False),
        ([], [], ["a"], "rural", True, False),
        ([], ["b"], ["b"], "rural", False, True),
        ([], ["b"], ["b"], "urban", True, False),
        (["rural"], [], [], "rural", False, True),
        (["rural"], [], [], "urban", True, False),
        (["rural"], [], [], "", True, False),
        (["agri_major"], [], [], "rural", False, False),
        (["agri_major"], [], [], "urban", True, True),
        (["rural", "agri_major"], [], [], "urban", True, True),
        (["rural", "agri_major"], ["a"], [], "urban", False, False),
        (["rural"], ["a"], ["a"], "urban", False, True),
    ],
)
def test_of_whom_no_grade_is_asked(
    open_to: list[str],
    codes: list[str],
    groups: list[str],
    household: str,
    agri_major: bool,
    expected: bool,
) -> None:
    told = programme(open_to=open_to, rural_groups=["b"])
    found = needs_no_grade(told, codes, groups, household=household, agri_major=agri_major)
    assert found is expected


@pytest.mark.parametrize(
    ("facts", "outside", "placed", "texts"),
    [
        ({}, False, True, []),
        ({"years": [2, 3]}, False, True, []),
        ({"years": [1, 3]}, False, True, ["助学金只发给一年级、三年级学生"]),
        ({"stage": "junior", "years": [1]}, False, True, ["助学金只发给初中学生"]),
        # Moved up meanwhile: where the class stands now says nothing.
        ({"stage": "junior", "years": [1]}, False, False, []),
        ({"only_groups": ["a"]}, True, True, ["不在助学金限定的特殊群体里"]),
        ({"day_groups": ["a"]}, True, True, ["助学金的非寄宿生标准只给限定的特殊群体"]),
        ({"years": [1], "only_groups": ["a"]}, True, False, ["不在助学金限定的特殊群体里"]),
    ],
)
def test_why_it_is_not_for_somebody(
    facts: dict[str, Any], outside: bool, placed: bool, texts: list[str]
) -> None:
    found = why_not_for(programme(**facts), someone(), outside=outside, placed=placed)
    assert [r.text for r in found] == texts


def tier(pk: int, boarding: str = "", suggested_for: str = "") -> Tier:
    return Tier(pk=pk, boarding=boarding, suggested_for=suggested_for, rank=pk)


BY_BOARDING = (tier(1, "boarder"), tier(2, "day"))
BY_GRADE = (tier(1, "", "special"), tier(2, "", "hard"), tier(3, "", "general"))


@pytest.mark.parametrize(
    ("tiers", "boarding", "grade", "suggested"),
    [
        (BY_BOARDING, "boarder", "hard", 1),
        (BY_BOARDING, "day", "", 2),
        (BY_BOARDING, "", "hard", None),
        (BY_BOARDING, "day", "none", None),
        (BY_GRADE, "day", "special", 1),
        (BY_GRADE, "boarder", "general", 3),
        (BY_GRADE, "day", "", None),
        (BY_GRADE, "day", "none", None),
        ((tier(1),), "day", "", 1),
        # Meant for another grade: it suggests itself to nobody else.
        ((tier(1, "", "special"),), "day", "hard", None),
        ((tier(1), tier(2)), "day", "hard", None),
        ((tier(1), tier(2)), "day", "", None),
        ((), "day", "hard", None),
    ],
)
def test_which_tier_suggests_itself(
    tiers: tuple[Tier, ...], boarding: str, grade: str, suggested: int | None
) -> None:
    found = suggested_tier(tiers, boarding=boarding, grade=grade)
    assert (found and found.pk) == suggested


@pytest.mark.parametrize(
    ("tiers", "taken", "outsiders", "texts"),
    [
        (BY_GRADE, [], [], []),
        (BY_GRADE, [2], [8], []),
        (BY_GRADE, [2, 3], [], ["已申请不能与助学金同时享受的项目"]),
        ((tier(1, "boarder"),), [], [], ["助学金没有走读生的标准"]),
        (BY_GRADE, [], [7], ["不在助学金限定的特殊群体里"]),
        (
            (),
            [3],
            [7],
            [
                "不在助学金限定的特殊群体里",
                "助学金没有走读生的标准",
                "已申请不能与助学金同时享受的项目",
            ],
        ),
    ],
)
def test_why_somebody_may_not_apply(
    tiers: tuple[Tier, ...], taken: list[int], outsiders: list[int], texts: list[str]
) -> None:
    offer = Offer(programme(only_groups=["a"]), tiers, frozenset({3, 4}))
    found = why_not_apply(offer, someone(), taken=taken, outsiders=outsiders)
    assert [r.text for r in found] == texts
