"""A page of the family's form saved by many phones with different words: one is kept."""

from collections.abc import Callable

import pytest

from applications import actions
from applications.models import FamilyVisit
from applications.rules.family_facts import Income, Signed
from tests import racing
from tests.applications import family
from tests.applications.test_races_papers import begun
from tests.cast import Cast

pytestmark = pytest.mark.race
Act = Callable[[int], object]


def income(visit: FamilyVisit) -> Act:
    mark = family.mark(visit, "income")
    return lambda i: actions.save_income(
        visit=visit, told=Income(None, 1, 1_000_000 + i, "务工"), mark=mark
    )


def signed(visit: FamilyVisit) -> Act:
    mark = family.mark(visit, "papers")
    return lambda i: actions.save_signed(
        visit=visit, told=Signed(f"收入低，欠{i + 1}万元", "张样泽"), mark=mark
    )


def kept(visit: FamilyVisit) -> Act:
    """What stands on the page while a paper is uploaded."""
    mark = family.mark(visit, "papers")
    return lambda i: actions.keep_signed(
        visit=visit, told=Signed(f"收入低，欠{i + 1}万元", "张样泽"), agreed=True, mark=mark
    )


PAGES: tuple[Callable[[FamilyVisit], Act], ...] = (income, signed, kept)


@pytest.mark.parametrize("page", PAGES)
def test_one_is_kept_and_the_others_are_told(
    committed: Cast, page: Callable[[FamilyVisit], Act]
) -> None:
    outcome = racing.race(page(begun(committed)), organisation=committed.school)
    assert outcome == {"won": 1, "Changed": 63}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_several_overwrite_each_other(
    committed: Cast, page: Callable[[FamilyVisit], Act]
) -> None:
    assert racing.unguarded(page(begun(committed)), organisation=committed.school) > 1
