"""Races on committed rows: one winner with the guard, several without it."""

from collections.abc import Callable
from datetime import date

import pytest

from schools.models import Term
from students.actions import apply_roster, approve_roster, change_enrolment, rosters, stage_roster
from students.models import EnrolmentChange, RosterApproval, Student
from students.rules.roster.examination import examine
from tests import database
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.students.rosters import HEADERS, roster, workbook

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
    monkeypatch.setattr(rosters, "_examined", lambda *args, **options: seen)
    won = unguarded(
        lambda _: apply_roster(staged=staged, by=cast.operator), organisation=cast.school
    )
    assert won > 1
