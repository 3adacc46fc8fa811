"""An ending and a match of the older list at once: what was ended stays ended."""

from typing import Any

import pytest
from django.db import IntegrityError, OperationalError

from schools.scope import acting_for
from students.actions import approve_ending, match_list, matching, propose_ending
from students.models import DepartmentList, SpecialGroupTag, Student, TagEnding, live_tag
from tests import database
from tests.cast import Cast
from tests.racing import meanwhile
from tests.students.test_endings import PAST, newer
from tests.students.test_replaced_lists import TODAY


def _waiting(cast: Cast) -> tuple[DepartmentList, TagEnding]:
    with acting_for(cast.district):
        new = newer(cast)
        ending = propose_ending(listed=new, note="", by=cast.bureau_operator)
        return DepartmentList.objects.get(issued_on=PAST), ending


def _approved_while_it_is_matched(
    cast: Cast, old: DepartmentList, ending: TagEnding, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = matching.compared

    def compared(*args: Any) -> Any:
        meanwhile(
            lambda: approve_ending(ending=ending, by=cast.bureau_reviewer),
            organisation=cast.district,
            on=TODAY,
        )
        return whole(*args)

    monkeypatch.setattr(matching, "compared", compared)
    with acting_for(cast.district):
        match_list(listed=old, by=cast.bureau_operator)


def _tagged(cast: Cast) -> set[Student]:
    with acting_for(cast.district):
        tags = SpecialGroupTag.objects.filter(live_tag(TODAY)).select_related("student")
        return {tag.student for tag in tags}


@pytest.mark.race
def test_an_ending_waits_for_the_match_of_the_older_list(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, ending = _waiting(committed)
    with pytest.raises(OperationalError, match="lock timeout"):
        _approved_while_it_is_matched(committed, old, ending, monkeypatch)


@pytest.mark.race
def test_without_the_lock_the_database_refuses_what_was_ended_meanwhile(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, ending = _waiting(committed)
    monkeypatch.setattr("students.actions.endings.lock_group", lambda listed: None)
    with pytest.raises(IntegrityError, match="tag_stays_ended"):
        _approved_while_it_is_matched(committed, old, ending, monkeypatch)
    assert len(_tagged(committed)) == 1


@pytest.mark.race
def test_without_lock_and_trigger_what_was_ended_comes_back(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("students.actions.endings.lock_group", lambda listed: None)
    with database.without("students_specialgrouptag", triggers=True):
        old, ending = _waiting(committed)
        _approved_while_it_is_matched(committed, old, ending, monkeypatch)
        assert len(_tagged(committed)) == 3
