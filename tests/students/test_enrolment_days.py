"""From which day an enrolment change counts, what it needs, and whose earlier ones count."""

from datetime import date
from typing import Any

import pytest

from audit.refusal import Refused
from schools.models import Stage
from students.actions import add_class, change_enrolment
from students.models import EnrolmentChange, SchoolClass, Student
from students.rules.enrolment import (
    Absence,
    absences_of,
    money_words,
    possible_kinds,
    why_not_change,
)
from tests.cast import Cast

K = EnrolmentChange.Kind
AUTUMN, TENTH, BACK = date(2026, 9, 1), date(2026, 9, 10), date(2026, 10, 5)
CAME = Absence(K.ENTER, date.min, back=AUTUMN)


@pytest.mark.parametrize(
    ("changes", "entered_on", "found"),
    [
        ([], None, ()),
        ([], AUTUMN, (CAME,)),
        ([(K.SUSPEND, TENTH)], None, (Absence(K.SUSPEND, TENTH),)),
        ([(K.SUSPEND, TENTH)], AUTUMN, (CAME, Absence(K.SUSPEND, TENTH))),
        (
            [(K.SUSPEND, TENTH), (K.RESUME, BACK)],
            AUTUMN,
            (CAME, Absence(K.SUSPEND, TENTH, back=BACK)),
        ),
        (
            [(K.SUSPEND, TENTH), (K.CLASS_CHANGED, BACK), (K.WITHDRAW, BACK)],
            AUTUMN,
            (CAME, Absence(K.SUSPEND, TENTH, ended=K.WITHDRAW)),
        ),
        (
            [(K.WITHDRAW, AUTUMN), (K.ENTER, TENTH), (K.SUSPEND, BACK)],
            None,
            (Absence(K.WITHDRAW, AUTUMN, back=TENTH), Absence(K.SUSPEND, BACK)),
        ),
        # The record of a newcomer begins with his coming.
        ([(K.TRANSFER_IN, TENTH)], AUTUMN, (Absence(K.TRANSFER_IN, date.min, back=TENTH),)),
        ([(K.TRANSFER_IN, AUTUMN)], AUTUMN, (CAME,)),
        ([(K.TRANSFER_IN, AUTUMN)], TENTH, (Absence(K.ENTER, date.min, back=TENTH),)),
        ([(K.CLASS_CHANGED, TENTH), (K.RESUME, BACK)], AUTUMN, (CAME,)),
    ],
)
def test_times_away(changes: Any, entered_on: date | None, found: tuple[Absence, ...]) -> None:
    assert absences_of(changes, entered_on) == found


def test_an_absence_covers_the_days_until_the_one_of_return() -> None:
    away = Absence(K.SUSPEND, TENTH, back=BACK)
    assert away.covers(TENTH, date(2026, 10, 4))
    assert not away.covers(TENTH, BACK), "on this day he was there"
    assert not away.covers(date(2026, 9, 9), TENTH), "on the first of these he was there"
    assert Absence(K.SUSPEND, TENTH).covers(TENTH, date(2099, 1, 1))


@pytest.mark.parametrize(
    ("kind", "on", "said"),
    [
        (K.SUSPEND, date(2026, 10, 1), "按月发放的资助从2026年10月起停发"),
        (K.SUSPEND, date(2026, 10, 2), "按月发放的资助从2026年11月起停发"),
        (K.DEATH, date(2026, 12, 2), "按月发放的资助从2027年1月起停发"),
        (K.GRADUATE, date(2026, 12, 1), "按月发放的资助从2026年12月起停发"),
        (K.RESUME, date(2026, 10, 31), "按月发放的资助从2026年10月起续发"),
        (K.TRANSFER_IN, date(2026, 10, 2), "按月发放的资助从2026年10月起续发"),
        (K.BOARDS, date(2026, 10, 2), "按月发放的资助从2026年11月起按寄宿发"),
        (K.CLASS_CHANGED, date(2026, 10, 2), ""),
    ],
)
def test_from_which_month_money_follows(kind: str, on: date, said: str) -> None:
    assert money_words(kind, on) == said


def judged(cast: Cast, kind: str, **facts: Any) -> list[str]:
    """What is said against a change of a student of A."""
    told: dict[str, Any] = {
        "student": cast.a.students[0], "on": AUTUMN, "reason": "因故", "to_class": None,
        "today": BACK,
    }  # fmt: skip
    return [r.text for r in why_not_change(kind=kind, **(told | facts))]


@pytest.mark.parametrize(
    "kind", [K.WITHDRAW, K.CANCEL, K.SUSPEND, K.TRANSFER_OUT, K.HELD_BACK]
)  # fmt: skip
def test_what_nobody_chooses_lightly_needs_a_reason(cast: Cast, kind: str) -> None:
    other = SchoolClass(pk=0, name="高一（2）班", stage="senior", grade=1)
    chosen = other if kind == K.HELD_BACK else None
    assert judged(cast, kind, to_class=chosen) == []
    text = f"登记{K(kind).label}要写明原因"
    assert judged(cast, kind, to_class=chosen, reason=" ") == [text]


def test_the_rest_needs_none(cast: Cast) -> None:
    for kind in (K.DEATH, K.GRADUATE, K.BOARDS):
        assert judged(cast, kind, reason="") == []


def test_which_kinds_need_a_class_or_take_one(cast: Cast) -> None:
    row = cast.a.students[0]
    other = SchoolClass(pk=0, name="高一（2）班", stage="senior", grade=1)
    for kind in (K.CLASS_CHANGED, K.HELD_BACK):
        assert judged(cast, kind) == [f"登记{kind.label}要选择新班级"]
        assert judged(cast, kind, to_class=other) == []
    assert judged(cast, K.MAJOR_CHANGED, to_class=other) == []
    row.status = "suspended"
    assert judged(cast, K.RESUME, to_class=other) == []
    row.status = "left"
    for kind in (K.ENTER, K.TRANSFER_IN):
        assert judged(cast, kind, to_class=other) == []
    row.status = "enrolled"
    for kind in (K.WITHDRAW, K.BOARDS):
        assert judged(cast, kind, to_class=other) == [f"登记{kind.label}不换班级"]


def test_nobody_goes_into_a_class_that_graduated(cast: Cast) -> None:
    row, gone = cast.a.students[0], SchoolClass(pk=0, name="高三（1）班", closed_on=AUTUMN)
    assert judged(cast, K.CLASS_CHANGED, to_class=gone) == ["高三（1）班已经毕业"]
    row.school_class = gone
    assert judged(cast, K.MAJOR_CHANGED) == [], "he stays where he is"
    row.status = "left"
    assert judged(cast, K.ENTER) == ["原来的高三（1）班已经毕业"]
    row.status = "suspended"
    assert judged(cast, K.RESUME) == ["原来的高三（1）班已经毕业"]


def test_no_move_is_dated_before_the_last_one(cast: Cast) -> None:
    assert judged(cast, K.SUSPEND, moved_on=AUTUMN) == []
    assert judged(cast, K.SUSPEND, moved_on=TENTH) == ["异动日期早于上一次异动的日期2026年9月10日"]
    assert judged(cast, K.BOARDS, moved_on=TENTH) == [], "which moves nobody"


def test_the_same_boarding_of_the_same_day_is_told_once(cast: Cast) -> None:
    assert judged(cast, K.BOARDS, boarded=(K.BOARDS, AUTUMN)) == ["2026年9月1日改为寄宿已经登记过"]
    assert judged(cast, K.BOARDS, boarded=(K.BOARDS, TENTH)) == []
    assert judged(cast, K.BY_DAY, boarded=(K.BOARDS, AUTUMN)) == []


def test_which_kinds_are_offered() -> None:
    always = {K.HELD_BACK, K.CLASS_CHANGED, K.MAJOR_CHANGED, K.BOARDS, K.BY_DAY}
    leave = {K.TRANSFER_OUT, K.WITHDRAW, K.CANCEL, K.DEATH, K.GRADUATE}
    offered = {
        status: {kind for kind, _ in possible_kinds(Student(status=status))}
        for status in Student.Status.values
    }
    assert offered == {
        "enrolled": always | leave | {K.SUSPEND},
        "suspended": always | leave | {K.RESUME},
        "left": {K.ENTER, K.TRANSFER_IN},
    }


def test_anothers_changes_and_changes_of_class_do_not_count(cast: Cast) -> None:
    first, second, _ = cast.a.students
    Student.objects.update(entered_on=date(2026, 3, 1))
    other = add_class(
        school=cast.school, stage=Stage.SENIOR, grade=1, number=2, name="高一（2）班",
        by=cast.operator,
    )  # fmt: skip

    def change(row: Student, kind: str, on: date, to: SchoolClass | None = None) -> EnrolmentChange:
        return change_enrolment(
            student=row, kind=kind, on=on, reason="因故", by=cast.operator, to_class=to
        )

    change(second, K.SUSPEND, date(2026, 8, 20))
    change(first, K.CLASS_CHANGED, date(2026, 8, 20), other)
    made = change(first, K.SUSPEND, date(2026, 8, 1))
    assert (made.from_class, made.to_class) == (None, None)
    with pytest.raises(Refused, match="早于上一次异动的日期2026年8月1日"):
        change(first, K.RESUME, date(2026, 7, 31))


def test_two_students_become_boarders_on_one_day(cast: Cast) -> None:
    first, second, _ = cast.a.students
    Student.objects.update(entered_on=date(2026, 3, 1))

    def board(row: Student, kind: str, on: date) -> None:
        change_enrolment(student=row, kind=kind, on=on, reason="", by=cast.operator)

    board(first, K.BOARDS, date(2026, 8, 20))
    board(second, K.BOARDS, date(2026, 8, 20))
    board(first, K.BY_DAY, date(2026, 8, 25))
    board(first, K.BOARDS, date(2026, 8, 20))
    with pytest.raises(Refused, match="已经登记过"):
        board(second, K.BOARDS, date(2026, 8, 20))
    change_enrolment(student=second, kind=K.MAJOR_CHANGED, on=AUTUMN, reason="", by=cast.operator)
    with pytest.raises(Refused, match="已经登记过"):
        board(second, K.BOARDS, date(2026, 8, 20))
