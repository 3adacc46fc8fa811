"""更正毕业日期: one deed for all who graduated by a 升班, with a reason, on the record."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from schools import clock
from students.actions import change_enrolment, correct_graduation
from students.models import EnrolmentChange, SchoolClass, Student, YearRollover
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.students.test_rollover import AUGUST, JULY, a_class, pupil, roll, summer

__all__ = ["summer"]
WRONG, RIGHT, OCTOBER = date(2026, 3, 25), date(2026, 6, 25), date(2026, 10, 9)


@pytest.fixture
def made(cast: Cast, summer: None) -> YearRollover:
    """Two students graduated on a mistyped day; one had gone by himself on that day."""
    third = a_class(cast, 3)
    for name in ("赵示", "钱示"):
        pupil(third, name)
    single = pupil(third, "单示")
    with clock.at(clock.office_opens(JULY)):
        change_enrolment(student=single, kind="graduate", on=WRONG, reason="先走", by=cast.operator)
    with clock.at(clock.office_opens(AUGUST)):
        return roll(cast, left_on=WRONG)


def correct(cast: Cast, made: YearRollover, **changed: Any) -> int:
    facts: dict[str, Any] = {"left_on": RIGHT, "reason": "月份写错了", "by": cast.operator}
    return correct_graduation(rollover=made, **facts | changed)


def said(cast: Cast, made: YearRollover, **changed: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        correct(cast, made, **changed)
    assert YearRollover.objects.get().left_on == WRONG
    assert Student.objects.get(name="赵示").left_on == WRONG
    assert all(r.mend for r in refused.value.reasons)
    return [r.text for r in refused.value.reasons]


def test_all_who_graduated_together_are_dated_anew(cast: Cast, made: YearRollover) -> None:
    assert correct(cast, made) == 2
    assert YearRollover.objects.get().left_on == RIGHT
    left = {s.name: s.left_on for s in Student.objects.filter(status="left")}
    assert left == {"赵示": RIGHT, "钱示": RIGHT, "单示": WRONG}
    days = EnrolmentChange.objects.filter(kind="graduate").values_list("student__name", "on")
    assert dict(days) == left
    closed = SchoolClass.objects.exclude(closed_on=None)
    assert [c.closed_on for c in closed] == [RIGHT]
    event = Event.objects.get(verb="rollover.correct_day")
    assert event.reason == "月份写错了"
    assert event.facts == {
        "year": 2026, "before": "2026-03-25", "left_on": "2026-06-25", "students": 2,
    }  # fmt: skip


def test_what_forbids_it_is_told_at_once(cast: Cast, made: YearRollover) -> None:
    assert said(cast, made, left_on=WRONG, reason=" ") == ["毕业日期没有变", "没有写明更正的原因"]
    assert said(cast, made, left_on=date(2026, 8, 21)) == ["毕业日期晚于今天"]
    (early, entered) = said(cast, made, left_on=date(1990, 1, 1))
    assert early == "毕业日期1990年1月1日不在那一学年的最后一个学期和暑假"
    assert entered == "赵示、钱示：毕业日期早于入学日期2023年9月1日"
    with clock.at(clock.office_opens(OCTOBER)):
        (late,) = said(cast, made, left_on=date(2026, 9, 1))
    assert "最后一个学期" in late


def test_only_the_schools_own_officer(cast: Cast, made: YearRollover) -> None:
    for someone in (cast.reviewer, cast.head_teacher, cast.b.operator):
        (text,) = said(cast, made, by=someone)
        assert text.startswith("毕业日期由本校")


def test_what_each_did_before_and_since_bounds_the_day(cast: Cast, made: YearRollover) -> None:
    row = Student.objects.get(name="赵示")
    change_enrolment(
        student=row, kind="enter", on=date(2026, 5, 6), reason="复读", by=cast.operator,
        to_class=SchoolClass.objects.get(pk=cast.a.school_class.pk),
    )  # fmt: skip
    Student.objects.filter(pk=row.pk).update(entered_on=date(2026, 5, 6))
    with pytest.raises(Refused, match="赵示：毕业日期晚于后来登记的异动日期2026年5月6日"):
        correct(cast, made)
    assert correct(cast, made, left_on=date(2026, 4, 30)) == 2
    row.refresh_from_db()
    assert (row.status, row.left_on) == ("enrolled", None)
    first = EnrolmentChange.objects.filter(student=row).earliest("pk")
    assert first.on == date(2026, 4, 30)


def test_nor_before_what_came_first(cast: Cast, summer: None) -> None:
    third = a_class(cast, 3)
    back = pupil(third, "返示", status="suspended")
    change_enrolment(student=back, kind="resume", on=date(2026, 5, 4), reason="", by=cast.operator)
    made = roll(cast, left_on=JULY)
    with pytest.raises(Refused, match="返示：毕业日期早于上一次异动的日期2026年5月4日"):
        correct(cast, made, left_on=date(2026, 5, 3))
    assert correct(cast, made, left_on=date(2026, 5, 4)) == 1


def test_who_left_again_keeps_his_own_day(cast: Cast, made: YearRollover) -> None:
    row = Student.objects.get(name="赵示")
    for kind, on in (("enter", date(2026, 7, 1)), ("transfer_out", date(2026, 8, 1))):
        change_enrolment(
            student=row, kind=kind, on=on, reason="因故", by=cast.operator,
            to_class=SchoolClass.objects.get(pk=cast.a.school_class.pk)
            if kind == "enter" else None,
        )  # fmt: skip
    assert correct(cast, made) == 2
    left = {s.name: s.left_on for s in Student.objects.filter(status="left")}
    assert left == {"赵示": date(2026, 8, 1), "钱示": RIGHT, "单示": WRONG}


def test_on_the_page_months_later(cast: Cast, sign_in: Any, made: YearRollover) -> None:
    page, address = reverse("students:rollover"), reverse("students:rollover_day")
    with clock.at(clock.office_opens(OCTOBER)):
        client = sign_in(cast.operator)
        assert "更正毕业日期" in client.get(page).content.decode()
        wrong = client.post(address, {"left_on": "1990-01-01", "reason": "写错了"})
        assert "赵示、钱示：毕业日期早于入学日期" in wrong.content.decode()
        assert "还没有写明更正的原因" in client.post(address).content.decode()
        done = client.post(
            address, {"left_on": "2026-06-25", "reason": "写错了"}, follow=True
        ).content.decode()
    assert "已把2人的毕业日期更正为" in done
    assert "7月起停发" in done
    assert YearRollover.objects.get().left_on == RIGHT


def test_without_a_rollover_there_is_nothing_to_correct(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    assert "更正毕业日期" not in client.get(reverse("students:rollover")).content.decode()
    answer = client.post(reverse("students:rollover_day"))
    assert answer.status_code == 409
    assert "还没有升过班" in answer.content.decode()


@pytest.mark.race
def test_one_correction_wins(committed: Cast) -> None:
    made = _rolled(committed)
    outcome = race(_correct(committed, made), organisation=committed.school, on=AUGUST)
    assert outcome == {"won": 1, "Refused": 63}
    assert Event.objects.filter(verb="rollover.correct_day").count() == 1


@pytest.mark.race
def test_without_the_lock_several_correct(committed: Cast, no_locks: None) -> None:
    made = _rolled(committed)
    assert unguarded(_correct(committed, made), organisation=committed.school, on=AUGUST) > 1


def _rolled(cast: Cast) -> YearRollover:
    # Nobody graduates: the lock of students guards nothing here, that of the 升班 alone.
    with clock.at(clock.office_opens(AUGUST)):
        return roll(cast, left_on=WRONG)


def _correct(cast: Cast, made: YearRollover) -> Callable[[int], object]:
    return lambda _: correct(cast, made)
