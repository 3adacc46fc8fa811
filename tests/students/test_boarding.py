"""就读方式 by the day: recorded with the enrolment changes, read back for any day."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.refusal import Refused
from students.actions import change_enrolment
from students.models import EnrolmentChange, Student
from students.rules.boarding import boarding_on
from students.rules.enrolment import money_words
from tests.cast import Cast
from tests.racing import race, unguarded

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 12), date(2026, 11, 20)
TODAY = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("now", "changes", "held"),
    [
        # Nothing recorded: the roster's word for every day.
        ("day", [], ["day", "day", "day"]),
        ("day", [("by_day", OCTOBER)], ["boarder", "day", "day"]),
        ("boarder", [("by_day", OCTOBER), ("boards", NOVEMBER)], ["boarder", "day", "boarder"]),
        # A day told wrongly is told again, later or earlier.
        ("day", [("by_day", OCTOBER), ("by_day", NOVEMBER)], ["boarder", "boarder", "day"]),
        ("day", [("by_day", NOVEMBER), ("by_day", OCTOBER)], ["boarder", "day", "day"]),
        # What was told last holds from its day on.
        ("boarder", [("by_day", NOVEMBER), ("boards", OCTOBER)], ["day", "boarder", "boarder"]),
        # Told by mistake and taken back on the same day: it never was.
        ("day", [("boards", OCTOBER), ("by_day", OCTOBER)], ["day", "day", "day"]),
        (
            "boarder",
            [("boards", SEPTEMBER), ("by_day", OCTOBER), ("boards", OCTOBER)],
            ["boarder", "boarder", "boarder"],
        ),
        (
            "day",
            [("by_day", OCTOBER), ("boards", OCTOBER), ("by_day", OCTOBER)],
            ["boarder", "day", "day"],
        ),
        (
            "day",
            [("by_day", NOVEMBER), ("boards", OCTOBER), ("by_day", OCTOBER)],
            ["boarder", "boarder", "day"],
        ),
        # The roster was corrected without a day: nobody knows since when.
        ("boarder", [("by_day", OCTOBER)], ["boarder", "boarder", "boarder"]),
    ],
)
def test_what_held_on_a_day(now: str, changes: list[tuple[str, date]], held: list[str]) -> None:
    days = (SEPTEMBER, OCTOBER, NOVEMBER)
    assert [boarding_on(now, changes, day) for day in days] == held


def test_the_day_before_the_change_is_the_last_of_the_old() -> None:
    changes = [("by_day", OCTOBER)]
    assert boarding_on("day", changes, date(2026, 10, 11)) == "boarder"


def test_the_change_moves_the_roster_and_stands_in_the_file(cast: Cast) -> None:
    row = cast.a.students[0]
    facts: dict[str, Any] = {"student": row, "on": TODAY, "reason": "", "by": cast.operator}
    change_enrolment(kind="boards", **facts)
    row.refresh_from_db()
    assert row.boarding == Student.Boarding.BOARDER
    with pytest.raises(Refused, match="2026年9月1日改为寄宿已经登记过"):
        change_enrolment(kind="boards", **facts)
    with pytest.raises(Refused, match="异动日期晚于今天"):
        change_enrolment(kind="by_day", **{**facts, "on": date(2026, 9, 2)})
    change_enrolment(kind="by_day", **facts)
    row.refresh_from_db()
    assert row.boarding == Student.Boarding.DAY
    kinds = EnrolmentChange.objects.filter(student=row).order_by("pk").values_list("kind", "on")
    assert list(kinds) == [("boards", TODAY), ("by_day", TODAY)]


def test_from_which_month_the_other_standard_counts() -> None:
    assert money_words("by_day", OCTOBER) == "按月发放的资助从2026年11月起按走读发"
    assert money_words("boards", date(2026, 10, 1)) == "按月发放的资助从2026年10月起按寄宿发"


def test_the_officer_records_it_on_the_page_of_changes(cast: Cast, sign_in: Any) -> None:
    client: Client = sign_in(cast.operator)
    row = cast.a.students[0]
    url = reverse("students:change", args=[row.pk])
    assert "改为寄宿" in client.get(url).content.decode()
    told = {"kind": "boards", "on": TODAY.isoformat(), "reason": "", "to_class": ""}
    page = client.post(url, told, follow=True).content.decode()
    row.refresh_from_db()
    assert row.boarding == "boarder"
    assert "改为寄宿" in page


def _moving_out(cast: Cast) -> Callable[[int], object]:
    row = cast.a.students[0]
    return lambda _: change_enrolment(
        student=row, kind="boards", on=TODAY, reason="", by=cast.operator
    )


@pytest.mark.race
def test_told_by_many_at_once_it_is_recorded_once(committed: Cast) -> None:
    assert race(_moving_out(committed), organisation=committed.school) == {"won": 1, "Refused": 63}
    assert EnrolmentChange.objects.count() == 1


@pytest.mark.race
def test_without_the_lock_it_is_recorded_several_times(committed: Cast, no_locks: None) -> None:
    assert unguarded(_moving_out(committed), organisation=committed.school) > 1
    assert EnrolmentChange.objects.count() > 1
