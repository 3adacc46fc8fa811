"""更正异动日期: a mistyped day is put right, between the changes before and after it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from schools import clock
from students.actions import change_enrolment, correct_change_day
from students.models import EnrolmentChange, Student
from students.rules.enrolment import absences_of
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.students.test_graduation_corrected import made as rolled
from tests.students.test_rollover import summer
from tests.students.test_transfers import proposed, signed

__all__ = ["rolled", "summer"]
K = EnrolmentChange.Kind
TODAY, ENTERED = date(2026, 11, 27), date(2026, 9, 1)
SUSPENDED, MEANT, BACK = date(2026, 11, 20), date(2026, 10, 12), date(2026, 11, 25)


@pytest.fixture
def november() -> Any:
    with clock.at(clock.office_opens(TODAY)):
        yield


def record(cast: Cast, kind: str, on: date, **facts: Any) -> EnrolmentChange:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    told: dict[str, Any] = {"reason": "因病", "by": cast.operator}
    return change_enrolment(student=row, kind=kind, on=on, **told | facts)


def correct(cast: Cast, made: EnrolmentChange, on: date, **told: Any) -> EnrolmentChange:
    facts: dict[str, Any] = {"seen": made.on, "reason": "写错了", "by": cast.operator}
    return correct_change_day(change=made, on=on, **facts | told)


def said(cast: Cast, made: EnrolmentChange, on: date, **told: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        correct(cast, made, on, **told)
    assert EnrolmentChange.objects.get(pk=made.pk).on == made.on
    assert all(r.mend for r in refused.value.reasons)
    return [r.text for r in refused.value.reasons]


def days(cast: Cast) -> list[tuple[str, date]]:
    rows = EnrolmentChange.objects.filter(student=cast.a.students[0]).order_by("on", "pk")
    return list(rows.values_list("kind", "on"))


def test_who_was_away_earlier_than_recorded_is_away_since_then(cast: Cast, november: None) -> None:
    made = record(cast, K.SUSPEND, SUSPENDED)
    with pytest.raises(Refused, match="请先在学生的页面更正"):
        record(cast, K.RESUME, MEANT)
    correct(cast, made, MEANT)
    assert days(cast) == [(K.SUSPEND, MEANT)]
    (away,) = absences_of(days(cast))
    assert away.covers(date(2026, 11, 1), date(2026, 11, 30))
    event = Event.objects.get(verb="student.redate")
    assert (event.reason, event.facts) == (
        "写错了", {"kind": "suspend", "before": "2026-11-20", "on": "2026-10-12"},
    )  # fmt: skip


def test_who_left_has_left_on_the_right_day(cast: Cast, november: None) -> None:
    made = record(cast, K.WITHDRAW, SUSPENDED)
    correct(cast, made, MEANT)
    row = Student.objects.get(pk=cast.a.students[0].pk)
    assert (row.status, row.left_on) == ("left", MEANT)


def test_who_came_back_since_keeps_no_day_of_leaving(cast: Cast, november: None) -> None:
    made = record(cast, K.WITHDRAW, SUSPENDED)
    record(cast, K.ENTER, BACK)
    correct(cast, made, MEANT)
    assert Student.objects.get(pk=cast.a.students[0].pk).left_on is None
    assert days(cast) == [(K.WITHDRAW, MEANT), (K.ENTER, BACK)]


def test_the_changes_before_and_after_bound_it(cast: Cast, november: None) -> None:
    first = record(cast, K.SUSPEND, MEANT)
    second = record(cast, K.RESUME, SUSPENDED)
    third = record(cast, K.SUSPEND, BACK)
    assert said(cast, second, date(2026, 10, 11)) == ["异动日期早于前一次异动的日期2026年10月12日"]
    assert said(cast, second, date(2026, 11, 26)) == ["异动日期晚于后一次异动的日期2026年11月25日"]
    assert said(cast, first, date(2026, 11, 21)) == ["异动日期晚于后一次异动的日期2026年11月20日"]
    correct(cast, second, MEANT)
    correct(cast, third, MEANT)
    assert days(cast) == [(K.SUSPEND, MEANT), (K.RESUME, MEANT), (K.SUSPEND, MEANT)]


def test_every_reason_at_once(cast: Cast, november: None) -> None:
    made = record(cast, K.SUSPEND, SUSPENDED)
    assert said(cast, made, SUSPENDED, reason=" ") == ["异动日期没有变", "没有写明更正的原因"]
    assert said(cast, made, MEANT, seen=BACK) == ["异动日期刚刚更正过"]
    assert said(cast, made, date(2027, 11, 20)) == ["异动日期晚于今天"]
    born = cast.a.students[0].birth_date
    assert "异动日期早于出生日期" in said(cast, made, born)
    Student.objects.filter(pk=cast.a.students[0].pk).update(entered_on=ENTERED)
    assert said(cast, made, date(2026, 8, 31)) == ["异动日期早于入学日期2026年9月1日"]
    for someone in (cast.reviewer, cast.head_teacher, cast.b.operator):
        (text,) = said(cast, made, MEANT, by=someone)
        assert text.startswith("异动日期由本校")


def test_a_year_half_typed_is_no_day(cast: Cast, november: None) -> None:
    Student.objects.filter(pk=cast.a.students[0].pk).update(entered_on=None)
    for kind in (K.SUSPEND, K.WITHDRAW, K.CLASS_CHANGED):
        with pytest.raises(Refused, match="异动日期早于出生日期"):
            record(cast, kind, date(202, 11, 20))
    with pytest.raises(Refused, match="转出日期早于出生日期"):
        proposed(cast, on=date(202, 11, 20))


def test_boarding_has_its_own_way(cast: Cast, november: None) -> None:
    made = record(cast, K.BOARDS, SUSPENDED)
    assert said(cast, made, MEANT) == ["改为寄宿的日期不在这里更正"]


def test_who_graduated_with_his_grade_is_dated_with_it(cast: Cast, rolled: Any) -> None:
    made = EnrolmentChange.objects.get(student__name="赵示")
    assert "这次毕业是升班时一起登记的" in said(cast, made, date(2026, 6, 25))
    single = EnrolmentChange.objects.get(student__name="单示")
    correct(cast, single, date(2026, 6, 25))
    assert Student.objects.get(name="单示").left_on == date(2026, 6, 25)


def test_what_the_other_school_has_is_not_dated_alone(cast: Cast) -> None:
    Student.objects.filter(pk=cast.a.students[0].pk).update(entered_on=date(2025, 9, 1))
    signed(cast)
    made = EnrolmentChange.objects.get(kind=K.TRANSFER_OUT)
    assert said(cast, made, date(2026, 8, 31)) == ["异动日期已随转学移交对方学校，不能单方更正"]


@pytest.mark.parametrize("kind", [K.ENTER, K.TRANSFER_IN])
def test_who_came_on_another_day_entered_then(cast: Cast, november: None, kind: str) -> None:
    row = cast.a.students[0]
    Student.objects.filter(pk=row.pk).update(entered_on=SUSPENDED)
    made = EnrolmentChange.objects.create(
        school=cast.school, student=row, kind=kind, on=SUSPENDED, left_other_on=
        date(2026, 10, 10) if kind == K.TRANSFER_IN else None,
        recorded_by=cast.operator.person, recorded_at=clock.now(),
    )  # fmt: skip
    correct(cast, made, MEANT)
    assert Student.objects.get(pk=row.pk).entered_on == MEANT
    if kind == K.TRANSFER_IN:
        made.refresh_from_db()
        (text,) = said(cast, made, date(2026, 10, 9))
        assert text == "异动日期早于离开原校的日期2026年10月10日"


def test_the_page_leads_there_and_back(cast: Cast, november: None, sign_in: Any) -> None:
    made = record(cast, K.SUSPEND, SUSPENDED)
    client = sign_in(cast.operator)
    address = reverse("students:change_day", args=[made.pk])
    student = reverse("students:student", args=[made.student_id])
    assert address in client.get(student).content.decode()
    assert "12月</span>起停发" in client.get(address).content.decode()
    wrong = client.post(address, {"on": "2027-11-20", "reason": "写错了", "seen": "2026-11-20"})
    assert "异动日期晚于今天" in wrong.content.decode()
    told = {"on": "2026-10-12", "reason": "写错了", "seen": "2026-11-20"}
    done = client.post(address, told, follow=True).content.decode()
    assert "休学的日期更正为2026年10月12日" in done
    assert "2026年11月起停发" in done
    assert "刚刚更正过" in client.post(address, told).content.decode(), "the back button"
    assert "没有填正确的日期" in client.post(address, {"reason": "x"}).content.decode()
    assert address not in sign_in(cast.reviewer).get(student).content.decode()


def _meant(cast: Cast) -> Callable[[int], object]:
    with clock.at(clock.office_opens(TODAY)):
        made = record(cast, K.SUSPEND, SUSPENDED)
    return lambda _: correct(cast, made, MEANT)


@pytest.mark.race
def test_one_correction_wins(committed: Cast) -> None:
    outcome = race(_meant(committed), organisation=committed.school, on=TODAY)
    assert outcome == {"won": 1, "Refused": 63}
    assert Event.objects.filter(verb="student.redate").count() == 1


@pytest.mark.race
def test_without_the_lock_several_correct(committed: Cast, no_locks: None) -> None:
    assert unguarded(_meant(committed), organisation=committed.school, on=TODAY) > 1
