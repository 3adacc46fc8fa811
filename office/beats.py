"""What the clock does in every organisation, one after the other."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from schools import clock
from schools.models import ClockShift, Organisation
from schools.scope import acting_for

One = TypeVar("One", bound=Organisation)

log = structlog.get_logger(__name__)


def in_each(organisations: Iterable[One], act: Callable[[One], object], *, trouble: str) -> None:
    """Let `act` work in the scope of each, on the business date.

    One whose rows make trouble is logged as `trouble` and does not keep the others waiting.
    """
    clock.set_shift(ClockShift.current())
    for one in organisations:
        with acting_for(one):
            try:
                act(one)
            except Exception as error:
                log.error(trouble, organisation=one.pk, error=type(error).__name__)
