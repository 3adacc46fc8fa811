"""Races on committed rows: one winner with the guard, several without it."""

from datetime import date
from typing import Any

import pytest
from django.db.models import Model

from audit import moves
from schools.models import Term
from students.actions import apply_roster, approve_roster, change_enrolment, rosters, stage_roster
from students.models import EnrolmentChange, RosterApproval, Student
from students.rules.roster.examination import examine
from tests import database
from tests.cast import Cast
from tests.racing import race
from tests.students.rosters import HEADERS, roster, workbook

pytestmark = pytest.mark.race


def unguarded(row: Model) -> Any:
    """What `moves.lock` would be without the lock."""
    fresh = row.__class__._default_manager.get(pk=row.pk)
    fresh.__dict__["_locked"] = True
    return fresh


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
    outcome = _suspend(cast)
    assert outcome == {"won": 1, "Refused": 63}
    assert EnrolmentChange.objects.count() == 1


def test_without_the_lock_several_suspensions_win(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "lock", unguarded)
    outcome = _suspend(committed)
    assert outcome["won"] > 1
    assert EnrolmentChange.objects.count() > 1


def _suspend(cast: Cast) -> Any:
    row = cast.a.students[0]
    return race(
        lambda i: change_enrolment(
            student=row, kind="suspend", on=date(2026, 9, 1), reason="因病", by=cast.operator
        ),
        organisation=cast.school,
    )


def test_one_approval_wins(committed: Cast) -> None:
    assert _approve(committed) == {"won": 1, "Refused": 63}
    assert RosterApproval.objects.count() == 1


def test_without_the_constraint_several_approvals_win(committed: Cast) -> None:
    with database.owner() as cursor:
        cursor.execute("ALTER TABLE students_rosterapproval DROP CONSTRAINT roster_approved_once")
    try:
        assert _approve(committed)["won"] > 1
    finally:
        with database.owner() as cursor:
            cursor.execute("TRUNCATE students_rosterapproval")
            cursor.execute(
                "ALTER TABLE students_rosterapproval ADD CONSTRAINT roster_approved_once"
                " UNIQUE (school_id, school_class_id, term_id, digest)"
            )


def _approve(cast: Cast) -> Any:
    term = Term.objects.get(code="2026-1")
    return race(
        lambda i: approve_roster(school_class=cast.a.school_class, term=term, by=cast.head_teacher),
        organisation=cast.school,
    )


def test_without_the_locks_one_import_is_applied_several_times(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
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
    monkeypatch.setattr(moves, "lock", unguarded)
    monkeypatch.setattr(rosters, "lock_roster", lambda school: None)
    seen = examine(school=cast.school, content=content, filename="名册.xlsx")
    monkeypatch.setattr(rosters, "_examined", lambda *args, **options: seen)
    outcome = race(
        lambda i: apply_roster(staged=staged, by=cast.operator), organisation=cast.school
    )
    assert outcome["won"] > 1
