"""A list is matched again by the clock while a person withdraws it."""

from datetime import date
from typing import Any

import pytest
from django.db import OperationalError

from schools.scope import acting_for
from students.actions import lists, match_again, match_list, matching, rematching, withdraw_list
from students.models import DepartmentList, SpecialGroupTag
from tests.cast import Cast, next_id
from tests.cast import student as new_student
from tests.racing import meanwhile, race
from tests.students.test_actions_lists import list_file, upload
from tests.students.test_races import LATER
from tests.students.test_rematching import NUMBER

pytestmark = pytest.mark.race
BORN = date(2010, 5, 6)


def _listed(cast: Cast) -> DepartmentList:
    """Matched, and then the child on it came to a school."""
    with acting_for(cast.district):
        listed = upload(cast, list_file([("新示生", NUMBER)]))
        match_list(listed=listed, by=cast.bureau_operator)
    with acting_for(cast.a.school):
        new_student(cast.a.school_class, "新示生", id_number=NUMBER)
    return listed


def _live(cast: Cast) -> int:
    """Tags that hold; the withdrawn list's have ended on the day they began."""
    with acting_for(cast.district):
        return SpecialGroupTag.objects.filter(valid_to=None).count()


def _withdraw(cast: Cast, listed: DepartmentList) -> None:
    withdraw_list(listed=listed, reason="发错了", by=cast.bureau_reviewer)


def test_a_student_is_tagged_once_however_often_it_is_matched(committed: Cast) -> None:
    listed = _listed(committed)
    race(lambda _: match_again(listed=listed), organisation=committed.district)
    assert _live(committed) == 1
    with acting_for(committed.district):
        assert DepartmentList.objects.get(pk=listed.pk).counts["tagged"] == 1


def test_a_withdrawn_list_leaves_no_tag(committed: Cast) -> None:
    listed = _listed(committed)

    def act(i: int) -> None:
        if i % 2:
            match_again(listed=listed)
        else:
            _withdraw(committed, listed)

    race(act, organisation=committed.district, on=LATER)
    assert _live(committed) == 0


def _matched_while_it_is_withdrawn(
    cast: Cast,
    listed: DepartmentList,
    monkeypatch: pytest.MonkeyPatch,
    *,
    withdrawn: DepartmentList | None = None,
) -> None:
    whole = matching.compared

    def compared(*args: Any) -> Any:
        gone = withdrawn or listed
        meanwhile(lambda: _withdraw(cast, gone), organisation=cast.district, on=LATER)
        return whole(*args)

    monkeypatch.setattr(rematching, "compared", compared)
    with acting_for(cast.district):
        match_again(listed=listed)


def test_withdrawing_waits_for_the_match(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = _listed(committed)
    with pytest.raises(OperationalError, match="lock timeout"):
        _matched_while_it_is_withdrawn(committed, listed, monkeypatch)


def test_withdrawing_another_list_of_the_group_waits_too(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the two would take the other's tag for one that stays."""
    listed = _listed(committed)
    with acting_for(committed.district):
        other = upload(committed, list_file([("新示生", NUMBER), ("另一人", next_id(BORN))]))
        match_list(listed=other, by=committed.bureau_operator)
    with pytest.raises(OperationalError, match="lock timeout"):
        _matched_while_it_is_withdrawn(committed, listed, monkeypatch, withdrawn=other)


def test_without_the_locks_a_withdrawn_list_tags(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = _listed(committed)
    for module in (lists, rematching):
        monkeypatch.setattr(module, "lock_group", lambda listed: None)
    _matched_while_it_is_withdrawn(committed, listed, monkeypatch)
    assert _live(committed) == 1
