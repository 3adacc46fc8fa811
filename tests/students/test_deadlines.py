"""To-dos of those who come and go."""

from datetime import date

from schools import clock
from schools.scope import acting_for
from students.actions import decline_transfer, propose_transfer, roll_over, sign_transfer
from students.models import Transfer
from students.navigation import todos
from tests.cast import Cast

TODAY = date(2026, 9, 1)


def proposed(cast: Cast) -> Transfer:
    return propose_transfer(
        student=cast.a.students[0], to_school=cast.b.school, on=TODAY, reason="迁居",
        by=cast.operator,
    )  # fmt: skip


def test_a_transfer_is_owed_by_each_side_in_turn(cast: Cast) -> None:
    before = [len(todos(by)) for by in (cast.reviewer, cast.operator)]
    made = proposed(cast)
    (owed,) = todos(cast.reviewer)
    assert owed.title == "审核1名学生转出"
    with acting_for(cast.b.school):
        titles = {t.title for t in todos(cast.b.operator)}
        assert not any("转入" in t for t in titles)
    sign_transfer(transfer=made, by=cast.reviewer)
    assert len(todos(cast.reviewer)) == before[0]
    with acting_for(cast.b.school):
        (owed,) = (t for t in todos(cast.b.operator) if "转入" in t.title)
        # 20 working days after 1 September 2026 (domain.md §C.9).
        assert owed.due_on == date(2026, 9, 29)
        decline_transfer(transfer=made, school=cast.b.school, reason="没有学位", by=cast.b.operator)
    assert len(todos(cast.operator)) == before[1] + 1


def test_the_year_is_turned_before_those_who_leave_are_gone(cast: Cast) -> None:
    with clock.at(clock.office_opens(date(2026, 6, 15))):
        assert not any("升班" in t.title for t in todos(cast.operator))
    with clock.at(clock.office_opens(date(2026, 7, 1))):
        (owed,) = (t for t in todos(cast.operator) if "升班" in t.title)
        assert owed.due_on == date(2026, 7, 15)
        roll_over(
            school=cast.school, year=2026, left_on=date(2026, 7, 1), names={}, by=cast.operator
        )
        assert not any("升班" in t.title for t in todos(cast.operator))
