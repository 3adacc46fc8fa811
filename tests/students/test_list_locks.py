"""Two deeds on departments' lists at once never wait for each other."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection

from schools.scope import acting_for
from students.actions import (
    approve_ending,
    match_list,
    propose_ending,
    refuse_ending,
    withdraw_list,
)
from students.models import DepartmentList, SpecialGroup
from tests.cast import Cast
from tests.racing import race
from tests.students.test_actions_lists import list_file, matched, people_of, upload
from tests.students.test_endings import PAST, newer

pytestmark = pytest.mark.race
LATER = date(2026, 9, 2)


class Stop:
    """Halts one of two before the statement that `here` names, until the other is there too.

    Where the other waits for a lock it can't come; then this one goes on after a while.
    """

    def __init__(self, both: Barrier, here: Callable[[str, Any], bool]) -> None:
        self.both, self.here = both, here

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.here(sql, params):
            with suppress(BrokenBarrierError):
                self.both.wait(timeout=2)
        return execute(sql, params, many, context)


def at_chain_of(pk: int) -> Callable[[str, Any], bool]:
    return lambda sql, params: "INSERT INTO audit_chain" in sql and params == [pk]


def both(
    cast: Cast, first: tuple[Callable[[], object], Any], second: tuple[Callable[[], object], Any]
) -> dict[str, int]:
    """Two deeds at once, each halted once."""
    barrier = Barrier(2)

    def act(i: int) -> None:
        deed, here = (first, second)[i]
        with connection.execute_wrapper(Stop(barrier, here)):
            deed()

    return race(act, organisation=cast.district, threads=2, on=LATER)


def withdrawing(cast: Cast, listed: DepartmentList) -> Callable[[], object]:
    return lambda: withdraw_list(listed=listed, reason="发错了", by=cast.bureau_reviewer)


def replaced(cast: Cast) -> DepartmentList:
    """It tags a student of A, and two persons ended the tag of B's, whom it does not name.

    Withdrawn, it is told to A that a tag ended, then to B that the older list's holds again.
    """
    a, _, b = people_of(cast)[:3]
    with acting_for(cast.district):
        matched(cast, [b], valid_from=PAST, issued_on=PAST)
        listed = matched(cast, [a])
        ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        approve_ending(ending=ending, by=cast.bureau_reviewer)
    return listed


def of_another_group(cast: Cast) -> DepartmentList:
    with acting_for(cast.district):
        group = SpecialGroup.objects.get(code="orphan")
        listed = upload(cast, list_file(people_of(cast)[2:3]), group=group)
        return match_list(listed=listed, by=cast.bureau_operator)


def test_two_lists_of_different_groups_are_withdrawn_at_once(committed: Cast) -> None:
    """One has written to A and to the bureau and goes on to B, where the other has written."""
    one, other = replaced(committed), of_another_group(committed)
    found = both(
        committed,
        (withdrawing(committed, one), at_chain_of(committed.b.school.pk)),
        (withdrawing(committed, other), at_chain_of(committed.district.pk)),
    )
    assert found == {"won": 2}


def test_a_proposal_is_sent_back_while_its_list_is_withdrawn(committed: Cast) -> None:
    """Whoever comes second finds it done, or takes down nothing more."""
    with acting_for(committed.district):
        listed = newer(committed)
        ending = propose_ending(listed=listed, note="", by=committed.bureau_operator)
    found = both(
        committed,
        (
            withdrawing(committed, listed),
            lambda sql, _: "students_tagending" in sql and "FOR NO KEY UPDATE" in sql,
        ),
        (
            lambda: refuse_ending(ending=ending, reason="再核对", by=committed.bureau_reviewer),
            at_chain_of(committed.district.pk),
        ),
    )
    assert found["OperationalError"] == 0
    assert found["won"] >= 1
