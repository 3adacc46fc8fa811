"""When classes rise, what forbids it, and in which order; who is counted beforehand."""

from datetime import date, timedelta
from typing import Any

import pytest

from audit.models import Event
from audit.refusal import Refused
from schools import clock, official
from schools.models import Term
from schools.scope import acting_for
from students.actions import roll_over
from students.graduation import planned
from students.models import EnrolmentChange, SchoolClass, Student, YearRollover
from students.rules.rollover import Rise, Season, plan_of, risen, season_of, why_not_roll
from tests.cast import Cast
from tests.students.test_rollover import AUGUST, JULY, a_class, pupil, roll, summer

__all__ = ["summer"]
OPENS, CLOSES = date(2026, 6, 16), date(2026, 10, 31)
SEASON = Season(2026, OPENS, CLOSES)


def rise(name: str = "高二（1）班", *, graduates: bool = False) -> Rise:
    row = SchoolClass(stage="senior", grade=3 if graduates else 1, number=1, name="高一（1）班")
    return Rise(row, present=1, suspended=0, name=name, graduates=graduates)


def refused(*rises: Rise, **facts: Any) -> list[str]:
    told: dict[str, Any] = {"season": SEASON, "done": False, "left_on": JULY, "today": AUGUST}
    return [r.text for r in why_not_roll(rises=list(rises), **(told | facts))]


def test_what_forbids_to_rise() -> None:
    assert refused(rise()) == []
    assert refused(rise(), season=None) == ["还没有设置学期"]
    assert refused(rise(), done=True) == ["2026—2027学年已经升过班"]
    assert refused() == ["还没有班级"]
    assert refused(rise(), left_on=AUGUST) == []
    assert refused(rise(), left_on=AUGUST + timedelta(days=1)) == ["毕业日期晚于今天"]


def test_the_first_and_the_last_day_of_the_season_belong_to_it() -> None:
    said = "2026—2027学年的升班在2026年6月16日到2026年10月31日办理"
    day = timedelta(days=1)
    for today, reasons in (
        (OPENS - day, [said]),
        (OPENS, []),
        (CLOSES, []),
        (CLOSES + day, [said]),
    ):
        assert refused(rise(), today=today, left_on=OPENS - day) == reasons


def test_spring_s_season_lasts_sixty_days_into_the_new_year(cast: Cast) -> None:
    spring = Term.objects.get(code="2025-2")
    season = season_of(spring, official.calendar(), JULY)
    assert season is not None
    assert season.closes_on == spring.ends_on + timedelta(days=60)


def test_new_names() -> None:
    assert refused(rise(" ")) == ["有班级没有新名称"]
    assert refused(rise(" "), rise(" ")) == ["有班级没有新名称"]
    assert refused(rise("班" * 32)) == []
    assert refused(rise("班" * 33)) == ["班级名称太长"]
    assert refused(rise("甲班"), rise("甲班 "), rise("乙班")) == ["升级后班级重名：甲班"]
    # Who graduates frees the name.
    assert refused(rise("甲班"), rise("甲班", graduates=True), rise("", graduates=True)) == []


def test_which_grade_follows() -> None:
    assert rise().grade_name == "高二"
    assert rise(graduates=True).grade_name == ""
    names = {
        risen(SchoolClass(stage=stage, grade=grade, name=name))
        for stage, grade, name in (("senior", 1, "高一高手班"), ("senior", 2, "24级3班"))
    }
    assert names == {"高二高手班", "24级3班"}


def test_the_highest_grade_goes_first_and_each_stage_by_itself() -> None:
    classes = [
        SchoolClass(pk=10 * grade + number, stage=stage, grade=grade, number=number, name="班")
        for stage, grade, number in (
            ("senior", 1, 2), ("senior", 3, 1), ("junior", 1, 1), ("senior", 1, 1), ("junior", 3, 1)
        )
    ]  # fmt: skip
    plan = plan_of(classes, {})
    told = [(r.school_class.stage, r.school_class.grade, r.school_class.number) for r in plan]
    assert told == [
        ("junior", 3, 1), ("junior", 1, 1), ("senior", 3, 1), ("senior", 1, 1), ("senior", 1, 2)
    ]  # fmt: skip
    assert [r.graduates for r in plan] == [True, False, True, False, False]


def test_beforehand_those_present_and_away_are_counted(cast: Cast, summer: None) -> None:
    away, gone, _ = cast.a.students
    Student.objects.filter(pk=away.pk).update(status="suspended")
    Student.objects.filter(pk=gone.pk).update(status="left", left_on=date(2026, 9, 1))
    YearRollover.objects.create(
        school=cast.school, year=2025, left_on=date(2025, 7, 15), classes=1, graduated=0,
        done_by=cast.operator.person, done_at=clock.now(),
    )  # fmt: skip
    (one,), season, done = planned(cast.school)
    assert (one.present, one.suspended, one.graduates) == (1, 1, False)
    assert season is not None
    assert (season.year, done) == (2026, None), "last year's is another one"


def test_without_a_term_it_is_refused_in_words(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "current_term", lambda: None)
    assert planned(cast.school)[1:] == (None, None)
    with pytest.raises(Refused, match="还没有设置学期"):
        roll(cast)


def test_who_graduates_is_on_record_and_nobody_else(cast: Cast, summer: None) -> None:
    third = a_class(cast, 3)
    going = [pupil(third, name) for name in ("赵示", "钱示")]
    done = roll_over(
        school=cast.school, year=2026, left_on=JULY, by=cast.operator,
        names={cast.a.school_class.pk: " 高二（9）班 "},
    )  # fmt: skip
    assert (done.classes, done.graduated, done.left_on) == (1, 2, JULY)
    assert planned(cast.school)[2] == done
    changes = EnrolmentChange.objects.order_by("pk")
    assert [(c.student, c.reason) for c in changes] == [(s, "高三（1）班毕业") for s in going]
    third.refresh_from_db()
    assert (third.closed_on, third.grade) == (JULY, 3)
    assert set(Student.objects.present()) == set(cast.a.students)
    told = Event.objects.get(verb="class.graduate").facts
    assert told == {"year": 2026, "graduated": 2, "left_on": "2026-07-15"}
    told = Event.objects.get(verb="class.rise").facts
    assert told == {"year": 2026, "grade": 2, "name": "高二（9）班"}
    with acting_for(cast.b.school):
        assert not EnrolmentChange.objects.exists()
