"""Races on committed rows: one winner with the guard, several without it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError
from guardian.shortcuts import get_users_with_perms

from audit.models import Event
from schools import clock
from schools.models import Appointment, Term
from schools.roles import Role
from schools.scope import acting_for
from students.actions import (
    add_class,
    apply_roster,
    approve_roster,
    assign_head_teacher,
    change_enrolment,
    discard_list,
    discard_roster,
    lists,
    match_list,
    matching,
    rosters,
    stage_roster,
    withdraw_list,
)
from students.actions.asking import ask_schools
from students.models import (
    DepartmentList,
    EnrolmentChange,
    RosterApproval,
    RosterImport,
    SchoolClass,
    SpecialGroupTag,
    Student,
)
from students.queue import stopped_by
from students.rules.roster.examination import examine
from tests import database
from tests.cast import Cast, appoint
from tests.racing import meanwhile, race, unguarded
from tests.students.rosters import HEADERS, roster, workbook
from tests.students.test_actions_lists import list_file, upload

pytestmark = pytest.mark.race


def test_one_import_is_applied_once(committed: Cast) -> None:
    cast = committed
    staged = stage_roster(
        school=cast.school, content=roster(20), filename="名册.xlsx", by=cast.operator
    )
    outcome = race(
        lambda i: apply_roster(staged=staged, by=cast.operator), organisation=cast.school
    )
    assert outcome == {"won": 1, "Refused": 63}
    assert Student.objects.count() == 23


def test_two_files_at_once_do_not_add_a_student_twice(committed: Cast) -> None:
    cast = committed
    files = [
        stage_roster(school=cast.school, content=roster(20), filename=f"{i}.xlsx", by=cast.operator)
        for i in range(8)
    ]
    outcome = race(
        lambda i: apply_roster(staged=files[i], by=cast.operator),
        organisation=cast.school,
        threads=8,
    )
    assert outcome == {"won": 1, "Refused": 7}
    assert Student.objects.count() == 23


def test_one_suspension_wins(committed: Cast) -> None:
    cast = committed
    assert race(_suspend(cast), organisation=cast.school) == {"won": 1, "Refused": 63}
    assert EnrolmentChange.objects.count() == 1


def test_without_the_lock_several_suspensions_win(committed: Cast, no_locks: None) -> None:
    assert unguarded(_suspend(committed), organisation=committed.school) > 1
    assert EnrolmentChange.objects.count() > 1


def _suspend(cast: Cast) -> Callable[[int], object]:
    row = cast.a.students[0]
    return lambda _: change_enrolment(
        student=row, kind="suspend", on=date(2026, 9, 1), reason="因病", by=cast.operator
    )


def test_one_approval_wins(committed: Cast) -> None:
    outcome = race(_approve(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}
    assert RosterApproval.objects.count() == 1


def test_without_the_constraint_several_approvals_win(committed: Cast) -> None:
    with database.without("students_rosterapproval", "roster_approved_once"):
        assert unguarded(_approve(committed), organisation=committed.school) > 1


def _approve(cast: Cast) -> Callable[[int], object]:
    term = Term.objects.get(code="2026-1")
    return lambda _: approve_roster(
        school_class=cast.a.school_class, term=term, by=cast.head_teacher
    )


def test_without_the_locks_one_import_is_applied_several_times(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = committed
    row = cast.a.students[0]
    line = dict.fromkeys(HEADERS, "") | {
        "姓名": row.name,
        "身份证件号码": row.id_number.reveal(),
        "年级": "高一",
        "班级": "1班",
        "户口性质": "农村",
    }
    content = workbook([[line[h] for h in HEADERS]])
    staged = stage_roster(
        school=cast.school,
        content=content,
        filename="名册.xlsx",
        by=cast.operator,
    )
    assert staged.counts["changed"] == 1
    monkeypatch.setattr(rosters, "lock_roster", lambda school: None)
    seen = examine(school=cast.school, content=content, filename="名册.xlsx")
    monkeypatch.setattr(rosters, "examined", lambda *args, **options: seen)
    won = unguarded(
        lambda _: apply_roster(staged=staged, by=cast.operator), organisation=cast.school
    )
    assert won > 1


# --- a roster put away ---


def _staged(cast: Cast) -> RosterImport:
    return stage_roster(
        school=cast.school, content=roster(20), filename="名册.xlsx", by=cast.operator
    )


def test_a_staged_roster_is_applied_or_put_away(committed: Cast) -> None:
    staged = _staged(committed)

    def act(i: int) -> None:
        chosen = apply_roster if i % 2 else discard_roster
        chosen(staged=staged, by=committed.operator)

    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
    staged.refresh_from_db()
    assert Student.objects.count() == (23 if staged.status == "applied" else 3)


def test_without_the_lock_a_roster_is_put_away_often(committed: Cast, no_locks: None) -> None:
    staged = _staged(committed)
    won = unguarded(
        lambda _: discard_roster(staged=staged, by=committed.operator),
        organisation=committed.school,
    )
    assert won > 1


# --- classes and who leads them ---


def _add(cast: Cast) -> Callable[[int], object]:
    return lambda _: add_class(
        school=cast.school, stage="senior", grade=1, number=9, name="高一（9）班", by=cast.operator
    )


def test_one_class_is_added(committed: Cast) -> None:
    outcome = race(_add(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


def test_without_the_constraints_several_are_added(committed: Cast) -> None:
    with database.without("students_schoolclass", "class_name_once", "class_place_once"):
        assert unguarded(_add(committed), organisation=committed.school) > 1


def _hand_over(cast: Cast) -> Callable[[int], object]:
    """Every racer hands the class to a teacher of his own choice, one of two."""
    others = [
        appoint(f"班主任{n}", cast.school, Role.HEAD_TEACHER, f"teacher-{n}") for n in range(2)
    ]
    return lambda i: assign_head_teacher(
        school_class=cast.a.school_class, person=others[i % 2].person, by=cast.operator
    )


def _leaders(cast: Cast) -> set[int]:
    row = SchoolClass.objects.get(pk=cast.a.school_class.pk)
    found: Any = get_users_with_perms(row, only_with_perms_in=["lead_class"])
    assert row.head_teacher_id in {account.person_id for account in found}
    return {account.person_id for account in found}


def test_a_class_has_one_head_teacher_whoever_was_last(committed: Cast) -> None:
    outcome = race(_hand_over(committed), organisation=committed.school)
    assert outcome == {"won": 64}
    assert len(_leaders(committed)) == 1


def test_without_the_lock_two_lead_a_class(committed: Cast, no_locks: None) -> None:
    act = _hand_over(committed)
    assert unguarded(act, organisation=committed.school, threads=2) == 2
    assert len(_leaders(committed)) == 2


# --- departments' lists ---

LATER = date(2026, 9, 5)


def _lists(cast: Cast, count: int, *, matched: int) -> list[DepartmentList]:
    """Lists of one group that all name the same student."""
    someone = cast.a.students[0]
    content = list_file([(someone.name, someone.id_number.reveal())])
    with acting_for(cast.district):
        found = [upload(cast, content, filename=f"{n}.xlsx") for n in range(count)]
        for listed in found[:matched]:
            match_list(listed=listed, by=cast.bureau_operator)
    return found


def _withdraw(listed: DepartmentList, by: Appointment) -> None:
    withdraw_list(listed=listed, reason="发错了", by=by)


def _tagged(cast: Cast) -> int:
    with acting_for(cast.district):
        return SpecialGroupTag.objects.filter(valid_to=None).count()


def test_a_list_is_withdrawn_once(committed: Cast) -> None:
    (listed,) = _lists(committed, 1, matched=1)
    outcome = race(
        lambda _: _withdraw(listed, committed.bureau_reviewer),
        organisation=committed.district,
        on=LATER,
    )
    assert outcome == {"won": 1, "Refused": 63}
    assert _tagged(committed) == 0
    untagged = Event.objects.for_organisation(committed.school.pk).filter(verb="students.untag")
    assert untagged.count() == 1


def test_without_the_locks_a_list_is_withdrawn_often(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (listed,) = _lists(committed, 1, matched=1)
    monkeypatch.setattr(lists, "lock_group", lambda listed: None)
    won = unguarded(
        lambda _: _withdraw(listed, committed.bureau_reviewer),
        organisation=committed.district,
        on=LATER,
    )
    assert won > 1


def test_lists_withdrawn_at_once_do_not_keep_each_others_tags(committed: Cast) -> None:
    both = _lists(committed, 2, matched=2)
    outcome = race(
        lambda i: _withdraw(both[i % 2], committed.bureau_reviewer),
        organisation=committed.district,
        on=LATER,
    )
    assert outcome == {"won": 2, "Refused": 62}
    assert _tagged(committed) == 0


def _withdrawn_in_the_middle_of_another(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list that tagged is withdrawn when the other has ended its own tags: it has none.

    Neither sees that the other is about to go: the student is tagged from the second one.
    """
    first, second = _lists(cast, 2, matched=2)
    monkeypatch.setattr(lists, "lock_group", lambda listed: None)

    def stopped(listed: DepartmentList) -> set[tuple[int, int]]:
        if listed.pk == second.pk:
            meanwhile(
                lambda: _withdraw(first, cast.bureau_reviewer),
                organisation=cast.district,
                on=LATER,
            )
        return stopped_by(listed)

    monkeypatch.setattr(lists, "stopped_by", stopped)
    with acting_for(cast.district), clock.at(clock.office_opens(LATER)):
        _withdraw(second, cast.bureau_reviewer)


def test_without_the_locks_they_keep_each_others_tags(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _withdrawn_in_the_middle_of_another(committed, monkeypatch)
    assert _tagged(committed) == 1


def test_without_the_groups_lock_one_waits_for_the_others_row_in_vain(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OperationalError, match="lock timeout"):
        _withdrawn_in_the_middle_of_another(committed, monkeypatch)
    assert _tagged(committed) == 1, "nothing was withdrawn"


def _match_or_withdraw(cast: Cast) -> Callable[[int], object]:
    old, new = _lists(cast, 2, matched=1)

    def act(i: int) -> None:
        if i:
            match_list(listed=new, by=cast.bureau_operator)
        else:
            _withdraw(old, cast.bureau_reviewer)

    return act


def test_a_list_matched_while_another_is_withdrawn_tags(committed: Cast) -> None:
    act = _match_or_withdraw(committed)
    assert race(act, organisation=committed.district, threads=2, on=LATER) == {"won": 2}
    assert _tagged(committed) == 1


def _withdrawn_while_another_is_matched(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The match has relied on the other list's tag, and is not on record yet."""
    old, new = _lists(cast, 2, matched=1)

    def ask(*args: Any) -> Any:
        meanwhile(
            lambda: _withdraw(old, cast.bureau_reviewer), organisation=cast.district, on=LATER
        )
        return ask_schools(*args)

    monkeypatch.setattr(matching, "ask_schools", ask)
    with acting_for(cast.district), clock.at(clock.office_opens(LATER)):
        match_list(listed=new, by=cast.bureau_operator)


def test_withdrawing_waits_for_the_match_of_another_list(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OperationalError, match="lock timeout"):
        _withdrawn_while_another_is_matched(committed, monkeypatch)


def test_without_the_groups_lock_the_student_loses_the_tag(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "lock_group", lambda listed: None)
    _withdrawn_while_another_is_matched(committed, monkeypatch)
    assert _tagged(committed) == 0


def test_a_list_is_put_away_or_matched(committed: Cast) -> None:
    (listed,) = _lists(committed, 1, matched=0)

    def act(i: int) -> None:
        chosen = match_list if i % 2 else discard_list
        chosen(listed=listed, by=committed.bureau_operator)

    outcome = race(act, organisation=committed.district)
    with acting_for(committed.district):
        listed.refresh_from_db()
    # Matching again is allowed and changes nothing; putting away is done once.
    wanted = {"won": 32, "Refused": 32} if listed.status == "matched" else {"won": 1, "Refused": 63}
    assert outcome == wanted
    assert _tagged(committed) == (listed.status == "matched")


def test_without_the_lock_a_list_is_put_away_often(committed: Cast, no_locks: None) -> None:
    (listed,) = _lists(committed, 1, matched=0)
    won = unguarded(
        lambda _: discard_list(listed=listed, by=committed.bureau_operator),
        organisation=committed.district,
    )
    assert won > 1
