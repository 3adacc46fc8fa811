"""Which day it is in the demonstration's term, for whom, and the programme that a school runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time

from aidadmin.demo.district import DemoSchool
from applications.models import Programme
from schools import clock
from schools.models import Term
from schools.scope import acting_for

TERM = "2026-1"


@contextmanager
def on(day: date, demo: DemoSchool | None = None, hour: int = 10) -> Iterator[None]:
    """Business time is `day`, and the school acts."""
    moment = datetime.combine(day, time(hour), tzinfo=clock.CHINA)
    with clock.at(moment):
        if demo is None:
            yield
        else:
            with acting_for(demo.school):
                yield


def term(code: str = TERM) -> Term:
    """The term that is walked, or another."""
    return Term.objects.get(code=code)


def programme_of(demo: DemoSchool) -> Programme:
    return Programme.objects.get(code=demo.plan.programme)
