"""Rosters around 升班: a cohort's class stays the same class, an old file is not taken silently."""

from datetime import date

import pytest

from schools import clock
from schools.models import Term
from students.actions import apply_roster, roll_over, stage_roster
from students.models import RosterImport, SchoolClass, Student
from students.rules.roster.standing import standing_year
from tests.cast import Cast
from tests.students.rosters import row, workbook

SEPTEMBER, JUNE, JULY = date(2026, 9, 10), date(2027, 6, 25), date(2027, 7, 20)
AUTUMN = date(2027, 9, 6)
COHORTS = ("2026级", "2025级")


def file(*grades: str, size: int = 6) -> bytes:
    """Six students of each grade's first class."""
    rows = [
        row(n * 100 + i, 年级=grade, 班级="1班")
        for n, grade in enumerate(grades)
        for i in range(size)
    ]
    return workbook(rows)


def stage(cast: Cast, content: bytes) -> RosterImport:
    return stage_roster(school=cast.school, content=content, filename="名册.xlsx", by=cast.operator)


def said(staged: RosterImport) -> list[str]:
    return [w["reason"] for w in staged.warnings if w["column"] == "班级"]


@pytest.fixture
def listed(cast: Cast) -> Cast:
    """Two grades on the roster since September, the terms of the year known."""
    Term.objects.get_or_create(
        year=2026, half=2, defaults={"starts_on": date(2027, 2, 22), "ends_on": date(2027, 7, 2)}
    )
    Term.objects.get_or_create(
        year=2027, half=1, defaults={"starts_on": date(2027, 9, 1), "ends_on": date(2028, 1, 20)}
    )
    Student.objects.filter(school=cast.school).delete()
    with clock.at(clock.office_opens(SEPTEMBER)):
        apply_roster(staged=stage(cast, file(*COHORTS)), by=cast.operator)
    return cast


def roll(cast: Cast, day: date) -> None:
    with clock.at(clock.office_opens(day)):
        roll_over(school=cast.school, year=2027, left_on=day, names={}, by=cast.operator)


@pytest.mark.parametrize("day", [SEPTEMBER, JUNE, JULY])
def test_before_the_classes_rise_a_cohort_s_file_changes_nothing(listed: Cast, day: date) -> None:
    with clock.at(clock.office_opens(day)):
        again = stage(listed, file(*COHORTS))
    assert (again.counts["unchanged"], again.counts["changed"]) == (12, 0)
    assert said(again) == []


@pytest.mark.parametrize("rolled", [JUNE, JULY])
@pytest.mark.parametrize("day", [JULY, AUTUMN])
def test_after_they_rose_a_cohort_s_file_changes_nothing(
    listed: Cast, rolled: date, day: date
) -> None:
    roll(listed, rolled)
    with clock.at(clock.office_opens(day)):
        again = stage(listed, file(*COHORTS))
    assert (again.counts["unchanged"], again.counts["changed"], again.counts["classes"]) == (
        12, 0, [],
    )  # fmt: skip
    assert said(again) == []


def test_on_the_day_of_the_rise_the_next_cohort_is_the_first_grade(listed: Cast) -> None:
    roll(listed, JUNE)
    with clock.at(clock.office_opens(JUNE)):
        found = stage(listed, file("2026级", "2025级", "2027级"))
    assert (found.counts["unchanged"], found.counts["added"]) == (12, 6)
    assert found.counts["classes"] == ["高一（1）班"]


@pytest.mark.parametrize("day", [JUNE, AUTUMN])
def test_a_file_from_before_the_rise_is_doubted_first_of_all(listed: Cast, day: date) -> None:
    roll(listed, JUNE)
    with clock.at(clock.office_opens(day)):
        old = stage(listed, file("高一", "高二"))
    assert old.counts["changed"] == 12
    first = old.warnings[0]["reason"]
    assert "名册已升班" in first
    assert "高二（1）班、高三（1）班" in first
    assert "低一个年级" in first


def test_a_file_of_the_new_year_before_the_rise_is_doubted(listed: Cast) -> None:
    with clock.at(clock.office_opens(JULY)):
        new = stage(listed, file("高二", "高三"))
    assert "还没有升班" in new.warnings[0]["reason"]
    assert new.counts["changed"] == 12


def test_the_next_cohort_waits_for_the_rise(listed: Cast) -> None:
    with clock.at(clock.office_opens(JULY)):
        for grade in ("2027级", "2027"):
            found = stage(listed, file(grade))
            assert found.counts["bad"] == 6
            assert "请先办理“升班”再导入" in found.warnings[0]["reason"]
    roll(listed, JULY)
    with clock.at(clock.office_opens(JULY)):
        assert stage(listed, file("2027级")).counts["classes"] == ["高一（1）班"]


@pytest.mark.parametrize("day", [JULY, AUTUMN])
def test_new_first_graders_are_not_added_to_last_year_s_class_silently(
    listed: Cast, day: date
) -> None:
    fresh = workbook([row(500 + n, 年级="高一", 班级="1班") for n in range(6)])
    with clock.at(clock.office_opens(day)):
        found = stage(listed, fresh)
    first = found.warnings[0]["reason"]
    assert "还没有升班" in first
    assert "高一（1）班，那里还是上一级的学生" in first
    roll(listed, JUNE)
    with clock.at(clock.office_opens(day)):
        assert said(stage(listed, fresh)) == []


def test_a_school_that_sets_up_in_september_is_not_told_to_rise(cast: Cast) -> None:
    with clock.at(clock.office_opens(SEPTEMBER)):
        apply_roster(staged=stage(cast, file("高一")), by=cast.operator)
        more = workbook([row(500 + n, 年级="高一", 班级="1班") for n in range(40)])
        assert said(stage(cast, more)) == []


def test_a_few_who_are_held_back_are_no_old_file(listed: Cast) -> None:
    roll(listed, JUNE)
    with clock.at(clock.office_opens(AUTUMN)):
        rows = [row(i, 年级="高一" if i < 2 else "高二", 班级="1班") for i in range(6)]
        found = stage(listed, workbook(rows))
    assert found.counts["changed"] == 2
    assert said(found) == []


def test_a_school_that_begins_in_summer_reads_by_the_year_to_come(cast: Cast) -> None:
    Term.objects.filter(year=2026, half=1).update(starts_on=date(2026, 9, 1))
    with clock.at(clock.office_opens(date(2026, 8, 20))):
        assert standing_year(cast.school) == 2026
        apply_roster(staged=stage(cast, file("2026级")), by=cast.operator)
        assert stage(cast, file("2026级")).counts["unchanged"] == 6
    assert SchoolClass.objects.get(pk=cast.a.school_class.pk).grade == 1
