"""Business time: held in tests, moved only in a demonstration, and read by nobody else."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from schools import almanac, clock
from schools.models import ClockShift

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "aidadmin", "archive", "screening", "disbursement", "review", "applications", "students",
    "office", "schools", "audit", "privacy",
)  # fmt: skip
# Real time on purpose: starting programs and waiting for them.
EXEMPT = ("schools/clock.py", "aidadmin/launch/", "/migrations/")
READING = re.compile(r"\b(?:datetime|date)\.(?:now|today|utcnow)\(|timezone\.now\(|time\.time\(")


def test_nothing_but_the_clock_reads_the_time() -> None:
    readers = [
        f"{path.relative_to(ROOT)}:{number}"
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if not any(part in str(path.relative_to(ROOT)) for part in EXEMPT)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if READING.search(line)
    ]
    assert readers == []


def test_the_clock_is_held_and_let_go() -> None:
    before = clock.now()
    with clock.at(date(2026, 9, 1)):
        assert clock.now().isoformat() == "2026-09-01T09:00:00+08:00"
        with clock.at(datetime(2026, 9, 30, 23, 30, tzinfo=clock.CHINA)):
            assert clock.today() == date(2026, 9, 30)
        assert clock.today() == date(2026, 9, 1)
    assert clock.now() >= before


def test_the_day_is_chinas() -> None:
    # Half past four in the afternoon of UTC is the next day in China.
    moment = datetime.fromisoformat("2026-09-01T16:30:00+00:00")
    with clock.at(moment):
        assert clock.today() == date(2026, 9, 2)


@pytest.mark.django_db
def test_a_demonstration_moves_its_date(settings: object) -> None:
    settings.REPLAY = True  # type: ignore[attr-defined]
    try:
        almanac.move_clock(to=date(2026, 11, 27))
        assert clock.today() == date(2026, 11, 27)
        assert ClockShift.current() != timedelta(0)
    finally:
        clock.set_shift(timedelta(0))


@pytest.mark.django_db
def test_elsewhere_a_shift_left_in_the_database_has_no_effect(settings: object) -> None:
    settings.REPLAY = False  # type: ignore[attr-defined]
    ClockShift.objects.create(pk=1, seconds=86_400)
    assert ClockShift.current() == timedelta(0)


def test_real_time_is_not_held() -> None:
    with clock.at(date(2020, 1, 1)):
        assert clock.real_now().year > 2020
