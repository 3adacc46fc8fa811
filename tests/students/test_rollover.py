"""升班: who rises, who graduates, once a year, whatever is pressed twice."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from schools import clock, official
from schools.models import Term
from students.actions import add_class, change_enrolment, roll_over
from students.models import EnrolmentChange, SchoolClass, Student, YearRollover
from students.rules.rollover import season_of, why_not_roll
from tests import database
from tests.cast import Cast, student
from tests.racing import overtaken, race, unguarded
from tests.students.test_list_locks import at_chain_of

JULY = date(2026, 7, 15)
AUGUST = date(2026, 8, 20)


@pytest.fixture
def summer(cast: Cast) -> Any:
    with clock.at(clock.office_opens(AUGUST)):
        yield


def a_class(cast: Cast, grade: int, number: int = 1, name: str = "") -> SchoolClass:
    names = ("高一", "高二", "高三")
    return add_class(
        school=cast.school,
        stage="senior",
        grade=grade,
        number=number,
        name=name or f"{names[grade - 1]}（{number}）班",
        by=cast.operator,
    )


def pupil(school_class: SchoolClass, name: str, **facts: Any) -> Student:
    """Who came three years ago and may graduate."""
    return student(school_class, name, entered_on=date(2023, 9, 1), **facts)


def roll(cast: Cast, **changed: Any) -> YearRollover:
    facts: dict[str, Any] = {"year": 2026, "left_on": JULY, "names": {}} | changed
    return roll_over(school=cast.school, by=cast.operator, **facts)


def test_every_class_rises_and_the_last_grade_graduates(cast: Cast, summer: None) -> None:
    second, third = a_class(cast, 2), a_class(cast, 3)
    going, resting = pupil(third, "赵示"), pupil(third, "钱示", status="suspended")
    made = roll(cast)
    assert (made.classes, made.graduated) == (2, 1)
    first = SchoolClass.objects.get(pk=cast.a.school_class.pk)
    second.refresh_from_db()
    assert [(c.grade, c.name) for c in (first, second)] == [(2, "高二（1）班"), (3, "高三（1）班")]
    assert first.head_teacher == cast.head_teacher.person
    going.refresh_from_db()
    resting.refresh_from_db()
    assert (going.status, going.left_on, resting.status) == ("left", JULY, "suspended")
    change = EnrolmentChange.objects.get()
    assert (change.student_id, change.kind, change.on) == (going.pk, "graduate", JULY)
    assert set(SchoolClass.objects.for_school(cast.school)) == {first, second}
    assert sorted(Event.objects.filter(verb__startswith="class.").values_list("verb", flat=True))[
        -3:
    ] == ["class.graduate", "class.rise", "class.rise"]


def test_the_freed_place_and_name_are_taken_again(cast: Cast, summer: None) -> None:
    a_class(cast, 3)
    roll(cast)
    assert a_class(cast, 1, number=1, name="高一（1）班").grade == 1


def test_names_by_cohort_stay_and_others_may_be_typed(cast: Cast, summer: None) -> None:
    cohort = a_class(cast, 2, name="24级1班")
    roll(cast, names={cast.a.school_class.pk: "高二1班"})
    cohort.refresh_from_db()
    first = SchoolClass.objects.get(pk=cast.a.school_class.pk)
    assert (cohort.grade, cohort.name, first.name) == (3, "24级1班", "高二1班")


def test_twice_in_a_year_is_refused(cast: Cast, summer: None) -> None:
    roll(cast)
    with pytest.raises(Refused, match="已经升过班"):
        roll(cast)
    assert SchoolClass.objects.get(pk=cast.a.school_class.pk).grade == 2


def test_out_of_season_all_reasons_are_told(cast: Cast) -> None:
    with clock.at(clock.office_opens(date(2026, 11, 22))), pytest.raises(Refused) as refused:
        roll(cast, year=2027, left_on=date(2027, 7, 1))
    assert len(refused.value.reasons) == 2
    with clock.at(clock.office_opens(AUGUST)), pytest.raises(Refused, match="学年已经变了"):
        roll(cast, year=2025)
    assert not YearRollover.objects.exists()


def test_names_that_collide_change_nothing(cast: Cast, summer: None) -> None:
    second = a_class(cast, 2)
    with pytest.raises(Refused, match="重名"):
        roll(cast, names={second.pk: "新班", cast.a.school_class.pk: "新班"})
    assert not YearRollover.objects.exists()


def test_who_was_held_back_rises_with_the_lower_class(cast: Cast, summer: None) -> None:
    second, third = a_class(cast, 2), a_class(cast, 3)
    row = student(third, "孙示")
    row.entered_on = None
    row.save()
    change_enrolment(
        student=row, kind="held_back", on=JULY, reason="因病", to_class=second, by=cast.operator
    )
    roll(cast)
    row.refresh_from_db()
    assert (row.status, row.school_class.grade) == ("enrolled", 3)


def test_who_comes_back_after_his_class_graduated_needs_another(cast: Cast, summer: None) -> None:
    row = student(a_class(cast, 3), "李示", status="suspended")
    row.entered_on = None
    row.save()
    roll(cast)
    facts: dict[str, Any] = {"student": row, "kind": "resume", "on": AUGUST, "reason": ""}
    facts["by"] = cast.operator
    with pytest.raises(Refused, match="已经毕业"):
        change_enrolment(**facts)
    change_enrolment(**facts, to_class=SchoolClass.objects.get(pk=cast.a.school_class.pk))
    row.refresh_from_db()
    assert row.status == "enrolled"


def test_the_season(cast: Cast) -> None:
    spring, autumn = (Term.objects.get(code=code) for code in ("2025-2", "2026-1"))
    official_days = official.calendar()
    before = season_of(spring, official_days, date(2026, 7, 1))
    after = season_of(autumn, official_days, date(2026, 10, 31))
    assert before is not None
    assert after is not None
    assert (before.year, before.opens_on) == (2026, date(2026, 6, 16))
    assert (after.year, after.closes_on) == (2026, date(2026, 10, 31))
    assert season_of(None, official_days, date(2026, 7, 1)) is None


def test_when_autumn_s_season_is_over_the_next_year_s_is_told(cast: Cast) -> None:
    autumn = Term.objects.get(code="2026-1")
    season = season_of(autumn, official.calendar(), date(2026, 11, 1))
    assert season is not None
    assert (season.year, season.opens_on) == (2027, date(2027, 6, 18))
    reasons = why_not_roll(
        rises=[], season=season, done=False, left_on=date(2026, 11, 1), today=date(2026, 11, 1)
    )
    assert "2027—2028学年的升班在2027年6月18日到2027年10月31日办理" in [r.text for r in reasons]


def test_the_page_shows_what_will_happen_and_does_it_once(
    cast: Cast, sign_in: Any, summer: None
) -> None:
    a_class(cast, 3)
    client, address = sign_in(cast.operator), reverse("students:rollover")
    shown = client.get(address).content.decode()
    assert 'value="高二（1）班"' in shown
    posted = {"year": 2026, "left_on": "2026-07-15"}
    assert "打勾" in client.post(address, posted).content.decode()
    assert client.post(address, posted | {"sure": "on"}).status_code == 302
    again = client.post(address, posted | {"sure": "on"}).content.decode()
    assert "已经升过班" in again
    assert YearRollover.objects.count() == 1


@pytest.mark.race
def test_one_rollover_wins(committed: Cast) -> None:
    assert race(_roll(committed), organisation=committed.school, on=AUGUST) == {
        "won": 1,
        "Refused": 63,
    }
    assert SchoolClass.objects.get(pk=committed.a.school_class.pk).grade == 2


@pytest.mark.race
def test_without_the_guards_several_rollovers_win(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("students.actions.rollover.lock_school", lambda school: None)
    with database.without("students_yearrollover", "rolled_over_once_a_year"):
        assert unguarded(_roll(committed), organisation=committed.school, on=AUGUST) > 1


def _roll(cast: Cast) -> Callable[[int], object]:
    return lambda _: roll(cast)


def resting_meanwhile(cast: Cast) -> str:
    """The status of one of the last grade who is 休学 in the moment of the 升班; both are done."""
    third = a_class(cast, 3)
    pupil(third, "赵示")
    resting = pupil(third, "钱示")
    outcome = overtaken(
        lambda: change_enrolment(
            student=resting, kind="suspend", on=AUGUST, reason="因病", by=cast.operator
        ),
        lambda: roll(cast),
        at=at_chain_of(cast.school.pk),
        organisation=cast.school,
        on=AUGUST,
    )
    assert outcome == ("won", "won")
    resting.refresh_from_db()
    return str(resting.status)


@pytest.mark.race
def test_who_is_resting_since_this_moment_does_not_graduate(committed: Cast) -> None:
    assert resting_meanwhile(committed) == "suspended"
    assert YearRollover.objects.get().graduated == 1


@pytest.mark.race
def test_without_the_lock_who_rests_graduates(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("students.actions.rollover.lock_school", lambda school: None)
    assert resting_meanwhile(committed) == "left"
