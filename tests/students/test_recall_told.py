"""收回升班: whom it moves, what is written down, and each thing that holds it, tried alone."""

from datetime import date
from typing import Any

import pytest

from audit.models import Event
from audit.refusal import Refused
from schools import clock
from schools.models import Appointment
from students.actions import apply_roster, change_enrolment, stage_roster
from students.models import EnrolmentChange, SchoolClass, Student, YearRollover
from students.rules.recall import Built, Was, why_not_recall
from tests.cast import Cast
from tests.students.rosters import roster
from tests.students.test_recall import LATER, ask, made, older, refusals, rolled, sign
from tests.students.test_rollover import AUGUST, JULY, a_class, pupil

__all__ = ["made"]


def test_nobody_else_is_moved(cast: Cast, made: YearRollover) -> None:
    """Who left or rests for another reason does so still, and keeps his day."""
    home = SchoolClass.objects.get(name="高二（1）班")
    pupil(home, "孙示", status="left", left_on=date(2026, 5, 6))
    pupil(home, "李示", status="suspended")
    ask(cast, made)
    sign(cast, made)
    names = ("孙示", "李示", "赵示")
    found = Student.objects.filter(name__in=names).values_list("name", "status", "left_on")
    assert set(found) == {
        ("孙示", "left", date(2026, 5, 6)), ("李示", "suspended", None), ("赵示", "enrolled", None),
    }  # fmt: skip


def test_what_is_written_down(cast: Cast, made: YearRollover) -> None:
    row = ask(cast, made, reason=f" 误{'点' * 130} ")
    told = f"误{'点' * 119}"
    assert row.recall_reason == told
    sign(cast, made)
    asked = Event.objects.get(verb="yearrollover.ask")
    done = Event.objects.get(verb="yearrollover.recall")
    assert (asked.reason, done.reason) == (told, told)
    graduates = list(Student.objects.filter(name__in=("赵示", "钱示")).values_list("pk", flat=True))
    assert (done.facts["year"], done.facts["left_on"]) == (2026, "2026-07-15")
    assert sorted(done.facts["students"]) == sorted(graduates)
    names = ("高一（1）班", "高二（1）班", "高三（1）班")
    # The lowest first: each class takes the place that the one below left.
    assert [e.facts for e in Event.objects.filter(verb="class.unrise").order_by("seq")] == [
        {"year": 2026, "grade": grade, "name": name} for grade, name in enumerate(names, 1)
    ]


def test_all_reasons_at_once(cast: Cast, made: YearRollover) -> None:
    with pytest.raises(Refused) as refused:
        sign(cast, made, by=cast.a.finance)
    assert [r.text for r in refused.value.reasons] == [
        "现在是“已升班”，不能收回升班", "收回升班由本校审核人或分管领导审核",
    ]  # fmt: skip
    ask(cast, made)
    assert refusals(cast, made, by=cast.reviewer, reason="") == [
        "现在是“待收回”，不能提请收回升班",
        "升班由本校资助专干（经办）提请收回",
        "没有写明收回的原因",
    ]
    # One who asked, and was made 审核 since.
    both = Appointment(
        person=cast.operator.person, organisation=cast.school, role=cast.reviewer.role
    )
    with pytest.raises(Refused) as refused:
        sign(cast, made, by=both)
    assert [r.text for r in refused.value.reasons] == ["提请的人不能自己审核"]


def test_who_changed_his_class_since_holds_it(cast: Cast, made: YearRollover) -> None:
    other = a_class(cast, 2, 2)
    change_enrolment(
        student=Student.objects.get(pk=older(cast)), kind="class_changed", on=LATER,
        reason="调班", to_class=other, by=cast.operator,
    )  # fmt: skip
    assert refusals(cast, made) == ["升班之后又登记了1条学籍异动，涉及换班或已毕业的学生"]


def test_whatever_was_recorded_of_a_graduate_holds_it(cast: Cast, made: YearRollover) -> None:
    EnrolmentChange.objects.create(
        school=cast.school, student=Student.objects.get(name="赵示"), kind="death", on=LATER,
        recorded_by=cast.operator.person, recorded_at=clock.now(),
    )  # fmt: skip
    assert refusals(cast, made) == ["升班之后又登记了1条学籍异动，涉及换班或已毕业的学生"]


def test_rosters_of_before_and_those_not_written_do_not_hold_it(cast: Cast) -> None:
    def staged() -> Any:
        return stage_roster(
            school=cast.school, content=roster(5), filename="a.xlsx", by=cast.operator
        )

    with clock.at(clock.office_opens(JULY)):
        apply_roster(staged=staged(), by=cast.operator)
    made = rolled(cast)
    with clock.at(clock.office_opens(LATER)):
        staged()
        assert ask(cast, made).status == "asked"


def test_a_graduate_who_has_another_record_by_now_holds_it(cast: Cast, made: YearRollover) -> None:
    row = Student.objects.get(name="赵示")
    pupil(SchoolClass.objects.get(name="高二（1）班"), "赵示", id_number=row.id_number.reveal())
    ask(cast, made)
    with pytest.raises(Refused, match="已毕业的学生中有人又以另一条记录在籍") as refused:
        sign(cast, made)
    assert [r.mend for r in refused.value.reasons] == ["请先核对重复的学籍"]
    assert EnrolmentChange.objects.filter(kind="graduate").count() == 2


# --- the rule itself

SIX = "甲乙丙丁戊己"


def recalled(classes: dict[int, SchoolClass], count: int = 1) -> list[str]:
    """What holds a 升班 of so many classes of 高一, of which these stand by now."""
    found = why_not_recall(
        before=[Was(i, 1, f"高一{c}班", f"高二{c}班") for i, c in enumerate(SIX[:count])],
        classes=classes, built=Built(0, 0), left_on=JULY, done_on=AUGUST,
        begins_on=date(2026, 8, 31), today=LATER,
    )  # fmt: skip
    return [r.text for r in found]


@pytest.mark.parametrize(
    ("facts", "stands"),
    [
        ({"grade": 2, "name": "高二甲班"}, True),
        ({"grade": 1, "name": "高二甲班"}, False),
        ({"grade": 2, "name": "高二1班"}, False),
        # Who graduated: closed on the day, as it was.
        ({"grade": 1, "name": "高一甲班", "closed_on": JULY}, True),
        ({"grade": 1, "name": "高一甲班", "closed_on": AUGUST}, False),
        ({"grade": 2, "name": "高一甲班", "closed_on": JULY}, False),
        ({"grade": 1, "name": "高二甲班", "closed_on": JULY}, False),
        ({"grade": 2, "name": "高二甲班", "closed_on": JULY}, False),
        (None, False),
    ],
)
def test_a_class_stands_as_it_was_left(facts: dict[str, Any] | None, stands: bool) -> None:
    classes = {0: SchoolClass(**facts)} if facts else {}
    assert recalled(classes) == ([] if stands else ["高二甲班升班之后又更正过"])


@pytest.mark.parametrize(("count", "more"), [(5, ""), (6, "等6个班")])
def test_five_classes_are_named(count: int, more: str) -> None:
    named = "、".join(f"高二{c}班" for c in "甲乙丙丁戊")
    assert recalled({}, count) == [f"{named}{more}升班之后又更正过"]
