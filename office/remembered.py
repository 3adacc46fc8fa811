"""Figures that cost more than the page around them: a page may show them a moment old."""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from schools import clock
from schools.models import Appointment

# Where the session says when its person last did something.
ACTED = "acted"

T = TypeVar("T")


def remembered(
    request: HttpRequest,
    by: Appointment,
    what: str,
    ask: Callable[[], T],
    *,
    anew: bool = False,
) -> T:
    """What `ask` finds, remembered for `REMEMBERED_SECONDS`; `anew` asks and renews it.

    What others did may show that much later, what the person did shows at once, since the key
    holds when that was. Figures, names of places and what the person named himself: nothing of a
    student or a family is put there.
    """
    key = f"{what}:{by.pk}:{clock.today()}:{request.session.get(ACTED, '')}"
    known: T | None = None if anew else cache.get(key)
    if known is None:
        known = ask()
        cache.set(key, known, settings.REMEMBERED_SECONDS)
    return known
