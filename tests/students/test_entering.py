"""入学日期: never later than what was recorded since he came, wherever it is written."""

from datetime import date
from typing import Any

import pytest

from audit.refusal import Refused
from schools import clock
from students.actions import apply_roster, change_enrolment, correct_change_day, stage_roster
from students.models import EnrolmentChange, RosterImport, Student
from students.rules.roster.entering import first_changes
from tests.cast import Cast
from tests.students.rosters import name, row, workbook
from tests.students.test_facts import correct, fresh

OCTOBER = date(2026, 10, 12)


def happens(cast: Cast, someone: Student, kind: str, on: date, **told: Any) -> None:
    with clock.at(clock.office_opens(date(2026, 12, 1))):
        change_enrolment(
            student=Student.objects.get(pk=someone.pk), kind=kind, on=on, reason="因病",
            by=cast.operator, **told,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("on", "refused"),
    [(OCTOBER, False), (date(2026, 10, 13), True), (date(2026, 9, 1), False)],
)
def test_the_officer_cannot_date_it_past_a_change(cast: Cast, on: date, refused: bool) -> None:
    Student.objects.filter(pk=fresh(cast).pk).update(entered_on=date(2026, 9, 2))
    happens(cast, fresh(cast), "suspend", OCTOBER)
    if not refused:
        assert correct(cast, entered_on=on) == ["entered_on"]
        return
    with pytest.raises(Refused, match="入学日期晚于已登记的休学的日期2026年10月12日") as told:
        correct(cast, entered_on=on)
    assert "先在学生的页面更正" in str(told.value.reasons[0].mend)


def test_another_fact_is_not_held_up_by_it(cast: Cast) -> None:
    happens(cast, fresh(cast), "suspend", OCTOBER)
    Student.objects.filter(pk=fresh(cast).pk).update(entered_on=date(2026, 11, 1))
    assert correct(cast, campus="东") == ["campus"]
    assert correct(cast, entered_on=None) == ["entered_on"]


def test_the_earliest_day_counts_since_he_came_back(cast: Cast) -> None:
    someone = fresh(cast)
    happens(cast, someone, "by_day", date(2026, 10, 20))
    happens(cast, someone, "suspend", OCTOBER)
    assert first_changes(someone.school_id, [someone.pk]) == {someone.pk: ("suspend", OCTOBER)}
    happens(cast, someone, "withdraw", date(2026, 10, 22))
    happens(cast, someone, "enter", date(2026, 10, 30))
    assert first_changes(someone.school_id, [someone.pk]) == {}
    # The officer may say that he came on that day.
    assert correct(cast, entered_on=date(2026, 10, 30)) == ["entered_on"]
    happens(cast, someone, "by_day", date(2026, 11, 2))
    assert first_changes(someone.school_id, [someone.pk])[someone.pk][1] == date(2026, 11, 2)


def test_the_first_of_his_own_changes_counts(cast: Cast) -> None:
    someone, other = cast.a.students[:2]
    happens(cast, someone, "suspend", OCTOBER)
    happens(cast, someone, "resume", OCTOBER)
    happens(cast, someone, "by_day", date(2026, 10, 20))
    happens(cast, other, "suspend", date(2026, 9, 9))
    assert first_changes(someone.school_id, [someone.pk]) == {someone.pk: ("suspend", OCTOBER)}


def test_what_was_put_right_since_is_still_of_before_he_came_back(cast: Cast) -> None:
    someone = fresh(cast)
    happens(cast, someone, "suspend", OCTOBER)
    happens(cast, someone, "withdraw", date(2026, 10, 22))
    happens(cast, someone, "enter", date(2026, 10, 30))
    with clock.at(clock.office_opens(date(2026, 12, 1))):
        correct_change_day(
            change=EnrolmentChange.objects.get(kind="suspend"), on=date(2026, 10, 13),
            seen=OCTOBER, reason="写错了", by=cast.operator,
        )  # fmt: skip
    assert first_changes(someone.school_id, [someone.pk]) == {}


def staged(cast: Cast, entered: str, count: int = 2) -> RosterImport:
    return stage_roster(
        school=cast.school, content=workbook([row(n, 入学年月=entered) for n in range(count)]),
        filename="名册.xlsx", by=cast.operator,
    )  # fmt: skip


def test_a_roster_cannot_date_it_past_a_change(cast: Cast) -> None:
    apply_roster(staged=staged(cast, "2026-09"), by=cast.operator)
    someone = Student.objects.get(name=name(0))
    happens(cast, someone, "suspend", OCTOBER)
    found = staged(cast, "2026-11-01")
    (error,) = found.errors
    assert error["column"] == "入学年月"
    assert error["reason"].startswith("入学日期晚于已登记的休学的日期2026年10月12日。请核对")
    # The other one had nothing happen to him.
    assert found.counts["changed"] == 1
    assert staged(cast, "2026-10-12").errors == []
    # Nothing is said of the day, and nothing asked.
    assert staged(cast, "").errors == []
