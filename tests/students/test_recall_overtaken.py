"""收回升班 beside whoever works in the same classes: it sees what he did, or goes before him."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schools import clock
from students.actions import (
    ask_recall,
    change_enrolment,
    correct_class,
    recall,
    roll_over,
    sign_recall,
)
from students.actions.graduation import graduations_of
from students.models import SchoolClass, Student, YearRollover
from students.rules.classes import ClassFacts
from tests.cast import Cast
from tests.racing import overtaken
from tests.students.test_list_locks import at_chain_of
from tests.students.test_recall import LATER
from tests.students.test_rollover import AUGUST, JULY, a_class, pupil

Deed = Callable[[], object]
LOCK = " FOR [A-Z ]*UPDATE"


def asked(cast: Cast) -> YearRollover:
    """Two classes rose and one graduated; it is to be taken back."""
    a_class(cast, 1, number=2)
    third = a_class(cast, 3)
    for name in ("赵示", "钱示"):
        pupil(third, name)
    Student.objects.filter(pk=cast.a.students[0].pk).update(entered_on=date(2025, 9, 1))
    with clock.at(clock.office_opens(AUGUST)):
        made = roll_over(school=cast.school, year=2026, left_on=JULY, names={}, by=cast.operator)
    with clock.at(clock.office_opens(LATER)):
        return ask_recall(rollover=made, reason="误操作", by=cast.operator)


def moving(cast: Cast) -> Deed:
    """A student takes another class of the grade to which his own rose."""
    other = SchoolClass.objects.get(school=cast.school, number=2)
    return lambda: change_enrolment(
        student=cast.a.students[0], kind="class_changed", on=LATER, reason="调班",
        to_class=other, by=cast.operator,
    )  # fmt: skip


def renaming(cast: Cast) -> Deed:
    row = SchoolClass.objects.get(school=cast.school, number=2)
    now = ClassFacts.of(row)
    told = replace(now, name="高二实验班")
    return lambda: correct_class(
        school_class=row, told=told, mark=now.mark(), reason="改名", by=cast.operator
    )


def returning(cast: Cast) -> Deed:
    """One who graduated by it is in school again."""
    row = Student.objects.get(name="赵示")
    home = SchoolClass.objects.get(school=cast.school, number=2)
    return lambda: change_enrolment(
        student=row, kind="enter", on=LATER, reason="复读", to_class=home, by=cast.operator
    )


def both(cast: Cast, arrange: Callable[[Cast], Deed]) -> tuple[str, str]:
    """The other's deed is written and not yet told when the second person signs."""
    made = asked(cast)
    return overtaken(
        arrange(cast),
        lambda: sign_recall(rollover=made, by=cast.reviewer),
        at=at_chain_of(cast.school.pk),
        organisation=cast.school,
        on=LATER,
    )


GUARDS = [(moving, "lock_school"), (renaming, "lock_school"), (returning, "_lock_graduates")]


@pytest.mark.race
@pytest.mark.parametrize("arrange", [arrange for arrange, _ in GUARDS])
def test_what_is_done_meanwhile_holds_it(committed: Cast, arrange: Callable[[Cast], Deed]) -> None:
    assert both(committed, arrange) == ("won", "Refused")
    assert YearRollover.objects.get().status == "asked"


def graduates_of(row: YearRollover) -> list[int]:
    return [change.student_id for change in graduations_of(row)]


@pytest.mark.race
@pytest.mark.parametrize(("arrange", "guard"), GUARDS)
def test_without_the_lock_both_are_done(
    committed: Cast,
    monkeypatch: pytest.MonkeyPatch,
    arrange: Callable[[Cast], Deed],
    guard: str,
) -> None:
    monkeypatch.setattr(recall, guard, graduates_of if guard != "lock_school" else id)
    assert both(committed, arrange) == ("won", "won")


def test_it_locks_in_the_order_of_everybody_else_and_lets_rows_point_at_who_is_locked(
    cast: Cast,
) -> None:
    """Rollover, classes, students, graduates, the lowest first: whoever else locks many waits.

    A stronger lock would hold up whoever writes a row about one of them.
    """
    made = asked(cast)
    with clock.at(clock.office_opens(LATER)), CaptureQueriesContext(connection) as ran:
        sign_recall(rollover=made, by=cast.reviewer)
    found = [q["sql"] for q in ran.captured_queries if re.search(LOCK, q["sql"])]
    tables = [sql.partition(' FROM "')[2].partition('"')[0] for sql in found]
    assert tables[:4] == [
        "students_yearrollover", "students_schoolclass", "students_student", "students_student",
    ]  # fmt: skip
    assert set(tables[4:]) == {"audit_chain"}
    for table, sql in zip(tables[:4], found[:4], strict=True):
        assert sql.endswith(f' FOR NO KEY UPDATE OF "{table}"')
        assert table == tables[0] or re.search(f' ORDER BY (1|"{table}"."id") ASC ', sql)
