"""Races on committed rows: many threads through one barrier against one guarded action."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

from django.db import connection

from schools import clock
from schools.models import Organisation
from schools.tenancy import set_scope


def race(
    act: Callable[[int], object],
    *,
    organisation: Organisation,
    threads: int = 64,
    on: date = date(2026, 9, 1),
) -> Counter[str]:
    """Run `act(i)` in `threads` threads at once; count 'won' and the names of what was raised."""
    barrier = Barrier(threads)

    def one(i: int) -> str:
        set_scope(organisation.pk)
        try:
            with clock.at(clock.office_opens(on)):
                barrier.wait(timeout=60)
                act(i)
        except Exception as error:
            return type(error).__name__
        else:
            return "won"
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return Counter(pool.map(one, range(threads)))
