"""The one clock: business time is real time, moved only while a demonstration or test replays.

Nothing else in the project reads the time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

CHINA = ZoneInfo("Asia/Shanghai")
_shift: ContextVar[timedelta] = ContextVar("clock_shift", default=timedelta(0))
_frozen: ContextVar[datetime | None] = ContextVar("clock_frozen", default=None)


def now() -> datetime:
    """This moment of business time, aware, in China."""
    frozen = _frozen.get()
    moment = frozen if frozen is not None else timezone.now() + _shift.get()
    return moment.astimezone(CHINA)


def real_now() -> datetime:
    """Real time, for heartbeats and retries: a replayed date must not age running work."""
    return timezone.now()


def today() -> date:
    """The business day in China."""
    return now().date()


def office_opens(day: date) -> datetime:
    """Nine in the morning of `day` in China, when offices open."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=CHINA)


def set_shift(shift: timedelta) -> None:
    """Move business time for the rest of this request or job (replay only)."""
    _shift.set(shift)


@contextmanager
def at(moment: datetime | date) -> Iterator[None]:
    """Hold the clock at `moment` (a date means nine in the morning) inside the block."""
    if not isinstance(moment, datetime):
        moment = office_opens(moment)
    token = _frozen.set(moment.astimezone(CHINA))
    try:
        yield
    finally:
        _frozen.reset(token)
