"""毕业日期: in the last term of the year that ends, as one by one, with every reason at once."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.refusal import Refused
from schools import clock
from schools.models import Term
from students.actions import change_enrolment
from students.models import EnrolmentChange, SchoolClass, Student, YearRollover
from students.rules.rollover import Leaver, Period, period_of, usual_day, why_not_graduate
from tests.cast import Cast
from tests.students.test_rollover import AUGUST, JULY, a_class, pupil, roll, summer

__all__ = ["summer"]
SPRING = date(2026, 3, 2)


def said(cast: Cast, left_on: date, **facts: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        roll(cast, left_on=left_on, **facts)
    assert not YearRollover.objects.exists()
    assert not EnrolmentChange.objects.filter(kind="graduate").exists()
    assert all(r.mend for r in refused.value.reasons)
    return [str(r) for r in refused.value.reasons]


@pytest.mark.parametrize(
    "left_on", [date(1990, 1, 1), date(2025, 6, 25), date(2026, 1, 31), date(2026, 3, 1)]
)
def test_a_day_before_the_last_term_is_refused(cast: Cast, summer: None, left_on: date) -> None:
    pupil(a_class(cast, 3), "赵示")
    (first, *rest) = said(cast, left_on)
    told = f"{left_on.year}年{left_on.month}月{left_on.day}日"
    assert first == (
        f"毕业日期{told}不在这一学年的最后一个学期和暑假"
        "（请填学生离校的日期，在2026年3月2日到2026年8月20日之间）"
    )
    assert [r for r in rest if "入学" not in r] == []
    assert SchoolClass.objects.get(pk=cast.a.school_class.pk).grade == 1


def test_in_autumn_the_new_year_is_too_late(cast: Cast) -> None:
    pupil(a_class(cast, 3), "赵示")
    with clock.at(clock.office_opens(date(2026, 9, 10))):
        (only,) = said(cast, date(2026, 9, 1))
        assert "在2026年3月2日到2026年8月31日之间" in only
        assert roll(cast, left_on=date(2026, 8, 31)).graduated == 1


def test_the_first_day_of_the_term_and_today_are_taken(cast: Cast, summer: None) -> None:
    pupil(a_class(cast, 3), "赵示")
    roll(cast, left_on=AUGUST)
    assert Student.objects.get(name="赵示").left_on == AUGUST


def test_nobody_graduates_before_he_came_or_before_his_last_change(
    cast: Cast, summer: None
) -> None:
    third = a_class(cast, 3)
    late = [pupil(third, f"晚示{n}") for n in "甲乙丙丁"]
    Student.objects.filter(pk__in=[s.pk for s in late]).update(entered_on=date(2026, 5, 6))
    back = pupil(third, "返示", status="suspended")
    pupil(third, "常示")
    change_enrolment(student=back, kind="resume", on=date(2026, 6, 1), reason="", by=cast.operator)
    assert said(cast, date(2026, 4, 1)) == [
        "晚示甲、晚示乙、晚示丙等4人：毕业日期早于入学日期2026年5月6日"
        "（请核对毕业日期，或先在学生的页面单独登记毕业）",
        "返示：毕业日期早于上一次异动的日期2026年6月1日"
        "（请核对日期；上一次的日期写错了，请先在学生的页面更正，或先在学生的页面单独登记毕业）",
    ]
    assert roll(cast, left_on=date(2026, 6, 1)).graduated == 6


def test_who_is_suspended_does_not_matter(cast: Cast, summer: None) -> None:
    third = a_class(cast, 3)
    away = pupil(third, "休示")
    change_enrolment(student=away, kind="suspend", on=AUGUST, reason="因病", by=cast.operator)
    pupil(third, "常示")
    assert roll(cast, left_on=JULY).graduated == 1


def test_all_reasons_are_told_at_once(cast: Cast, summer: None) -> None:
    pupil(a_class(cast, 3), "赵示")
    second = a_class(cast, 2)
    reasons = said(
        cast, date(1990, 1, 1), names={second.pk: "新班", cast.a.school_class.pk: "新班"}
    )
    assert [r.split("（")[0] for r in reasons] == [
        "升级后班级重名：新班",
        "毕业日期1990年1月1日不在这一学年的最后一个学期和暑假",
        "赵示：毕业日期早于入学日期2023年9月1日",
    ]


def test_the_days_where_no_term_is_known() -> None:
    period = period_of(2027, [], date(2027, 9, 5))
    assert period == Period(date(2027, 2, 1), date(2027, 8, 31))
    autumn = Term(year=2027, half=1, starts_on=date(2027, 8, 30), ends_on=date(2028, 1, 20))
    assert period_of(2027, [autumn], date(2027, 9, 5)).last == date(2027, 8, 29)
    assert period_of(2027, [autumn], date(2027, 7, 1)).last == date(2027, 7, 1)


def test_a_day_to_come_is_told_once() -> None:
    one = Leaver(Student(name="赵示", status="enrolled", entered_on=date(2027, 6, 1)), None)
    period = Period(SPRING, AUGUST)
    facts: dict[str, Any] = {"going": [one], "period": period, "today": AUGUST}
    assert why_not_graduate(**facts, left_on=date(2026, 8, 21)) == []
    assert len(why_not_graduate(**facts, left_on=AUGUST)) == 1


def test_the_form_proposes_the_end_of_the_term_or_the_nearest_day_possible() -> None:
    term = Term(year=2025, half=2, starts_on=SPRING, ends_on=JULY)

    def usual(today: date, *earliest: date) -> date:
        period = period_of(2026, [term], today)
        going = [Leaver(Student(entered_on=None), one) for one in earliest]
        return usual_day(year=2026, terms=[term], period=period, going=going)

    assert usual(AUGUST) == JULY
    assert usual(date(2026, 7, 1)) == date(2026, 7, 1)
    assert usual(AUGUST, SPRING, date(2026, 7, 20)) == date(2026, 7, 20)
    assert usual(AUGUST, date(2026, 9, 3)) == AUGUST


def test_the_page_proposes_a_day_and_tells_every_reason(
    cast: Cast, sign_in: Any, summer: None
) -> None:
    pupil(a_class(cast, 3), "赵示")
    client, address = sign_in(cast.operator), reverse("students:rollover")
    shown = client.get(address).content.decode()
    assert 'value="2026-07-15"' in shown
    assert "在2026年3月2日到2026年8月20日之间" in shown
    refused = client.post(address, {"year": 2026, "left_on": "1990-01-01"}).content.decode()
    for text in ("打勾", "不在这一学年的最后一个学期", "赵示：毕业日期早于入学日期"):
        assert text in refused
    refused = client.post(
        address, {"year": 2026, "left_on": "1990-01-01", "sure": "on"}
    ).content.decode()
    assert "不在这一学年的最后一个学期" in refused
    assert not YearRollover.objects.exists()


def test_the_preview_says_when_nobody_can_graduate_yet(cast: Cast, sign_in: Any) -> None:
    third = a_class(cast, 3)
    back = pupil(third, "返示", status="suspended")
    with clock.at(clock.office_opens(date(2026, 9, 10))):
        change_enrolment(
            student=back, kind="resume", on=date(2026, 9, 8), reason="", by=cast.operator
        )
        shown = sign_in(cast.operator).get(reverse("students:rollover")).content.decode()
    assert "现在不能升班" in shown
    assert "返示：毕业日期早于上一次异动的日期" in shown
    assert "升班：" not in shown


def test_the_database_lets_nobody_leave_before_he_came(cast: Cast) -> None:
    row = pupil(a_class(cast, 3), "赵示")
    rows = Student.objects.filter(pk=row.pk)
    with pytest.raises(IntegrityError, match="left before he entered"), transaction.atomic():
        rows.update(status="left", left_on=date(2023, 8, 31))
    rows.update(status="left", left_on=date(2023, 9, 1))
    # Who goes on in the next stage of the school enters it after he left.
    rows.update(entered_on=date(2026, 9, 1))
    with pytest.raises(IntegrityError, match="left before he entered"), transaction.atomic():
        pupil(row.school_class, "钱示", status="left", left_on=date(2020, 1, 1))


def test_the_database_keeps_a_rollover_in_its_year(cast: Cast, summer: None) -> None:
    made = roll(cast)
    with (
        pytest.raises(IntegrityError, match="rollover_left_in_its_year"),
        transaction.atomic(),
    ):
        YearRollover.objects.filter(pk=made.pk).update(left_on=date(2025, 7, 15))
