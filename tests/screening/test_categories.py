"""One category per student with a fixed priority (domain.md §B.3), table by table."""

from itertools import combinations

import pytest

from screening.categories import (
    LABELS,
    Means,
    cells_of,
    hangs_on_household,
    mark_of,
    primary,
    ungraded,
)

RURAL, URBAN = "rural", "urban"
ALL = (1, 2, 3, 4, 5, 6)


def marks(*cells: int, rural_only: bool = False) -> int:
    return sum(mark_of(cell, rural_only) for cell in cells)


@pytest.mark.parametrize("grade", ["special", "hard", "general"])
@pytest.mark.parametrize("size", range(7))
def test_every_combination_of_groups_counts_once_in_printed_order(grade: str, size: int) -> None:
    for held in combinations(ALL, size):
        found = primary(Means(grade, RURAL, marks(*held)))
        assert found == (min(held) if held else 6), held


@pytest.mark.parametrize("size", range(7))
def test_without_a_grade_only_a_tag_that_is_enough_counts(size: int) -> None:
    for held in combinations(ALL, size):
        assert primary(Means("", RURAL, marks(*held), counts_ungraded=False)) is None
        left = [cell for cell in held if cell not in (2, 6)]
        found = primary(Means("", RURAL, marks(*held), counts_ungraded=True))
        assert found == (min(left) if left else None), held


@pytest.mark.parametrize("cell", [3, 4])
@pytest.mark.parametrize(("household", "counted"), [(RURAL, True), (URBAN, False), ("", False)])
def test_before_a_grade_urban_dibao_and_destitute_are_not_counted(
    cell: int, household: str, counted: bool
) -> None:
    means = Means("", household, marks(cell, rural_only=True), counts_ungraded=True)
    assert primary(means) == (cell if counted else None)
    assert ungraded(means) == counted
    orphan = Means("", household, means.marks | marks(5), counts_ungraded=True)
    assert primary(orphan) == (cell if counted else 5)


@pytest.mark.parametrize("cell", ALL)
@pytest.mark.parametrize("grade", ["", "none", "hard"])
@pytest.mark.parametrize("household", [RURAL, URBAN, ""])
def test_a_blank_household_is_missed_only_where_it_decides(
    cell: int, grade: str, household: str
) -> None:
    means = Means(grade, household, marks(cell), counts_ungraded=cell in (1, 3, 4, 5))
    asked = not household and cell in (3, 4) and grade != "none"
    assert hangs_on_household(means) == asked


def test_a_category_before_the_rural_ones_needs_no_household() -> None:
    assert not hangs_on_household(Means("hard", "", marks(1, 3)))
    assert not hangs_on_household(Means("hard", ""))


def test_found_not_difficult_is_not_counted_whatever_the_tags_say() -> None:
    assert primary(Means("none", RURAL, marks(*ALL), counts_ungraded=True)) is None


def test_neither_grade_nor_tag_is_not_counted() -> None:
    assert primary(Means()) is None


@pytest.mark.parametrize("cell", [3, 4])
@pytest.mark.parametrize("rural_only", [True, False])
@pytest.mark.parametrize(("household", "counted"), [(RURAL, True), (URBAN, False), ("", False)])
def test_the_two_rural_cells_are_for_rural_households(
    cell: int, rural_only: bool, household: str, counted: bool
) -> None:
    means = Means("hard", household, marks(cell, rural_only=rural_only))
    assert primary(means) == (cell if counted else 6)


def test_a_group_for_rural_households_falls_to_others_elsewhere() -> None:
    assert cells_of(Means("hard", URBAN, marks(1, rural_only=True))) == {6}
    assert cells_of(Means("hard", RURAL, marks(1, rural_only=True))) == {1}
    # The same category also from a group open to every household.
    assert cells_of(Means("hard", URBAN, marks(1) | marks(1, rural_only=True))) == {1}


def test_disability_counts_only_with_recognised_difficulty() -> None:
    assert primary(Means("general", URBAN, marks(2))) == 2
    assert primary(Means("", URBAN, marks(2), counts_ungraded=False)) is None
    assert primary(Means("", RURAL, marks(2, 3), counts_ungraded=True)) == 3


def test_ungraded_but_counted_is_told_apart() -> None:
    assert ungraded(Means("", RURAL, marks(1), counts_ungraded=True))
    assert not ungraded(Means("hard", RURAL, marks(1)))
    assert not ungraded(Means("", RURAL, marks(1)))


def test_labels_are_the_words_of_note_1() -> None:
    assert "、".join(LABELS[cell] for cell in ALL) == (
        "建档立卡学生、非建档立卡的家庭经济困难残疾学生、农村低保家庭学生、农村特困救助供养学生、"
        "孤儿、其他学校认定的家庭经济困难学生"
    )
