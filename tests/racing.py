"""Races on committed rows: many threads through one barrier against one guarded action."""

import os
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier, Condition, Event
from typing import Any

from django.db import connection
from django.db.models import Model

from schools import clock
from schools.models import Organisation
from schools.tenancy import set_scope

WRITES = ("INSERT", "UPDATE", "DELETE", "COPY")
# "up" or "down": racers of a control begin to write one after the other, in this order. A control
# that only chance keeps red shows itself.
STAGGER = os.environ.get("AID_STAGGER", "")
SECONDS_APART = 0.3


class Meeting:
    """Where the racers wait for each other between their last look and their first write.

    A race that is lost by luck proves nothing: here everyone has looked before anyone writes, so
    an unguarded action is done by all of them, on the busiest machine too. Whoever waits at a lock
    can't come; the others go on when nobody has come for `patience` seconds.
    """

    def __init__(self, racers: int, patience: float) -> None:
        self.racers, self.patience = racers, patience
        self.here, self.change = 0, Condition()
        self.open = False

    def arrive(self, *, wait: bool) -> None:
        """One more racer is ready to write, or (`wait` false) has finished without writing."""
        with self.change:
            self.here += 1
            self.open |= self.here >= self.racers
            self.change.notify_all()
            while wait and not self.open:
                if not self.change.wait(timeout=self.patience):
                    self.open = True
            self.change.notify_all()


class Racer:
    """One thread's look at its statements: stops before the first that writes, or says `before`."""

    def __init__(self, meeting: Meeting, place: int, before: str = "") -> None:
        self.meeting, self.place, self.before = meeting, place, before
        self.arrived = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self.arrived and self._decides(str(sql)):
            self.arrive(wait=True)
        return execute(sql, params, many, context)

    def _decides(self, sql: str) -> bool:
        return self.before in sql if self.before else sql.lstrip().startswith(WRITES)

    def arrive(self, *, wait: bool) -> None:
        if not self.arrived:
            self.arrived = True
            self.meeting.arrive(wait=wait)
            if wait and STAGGER:
                time.sleep(SECONDS_APART * self.place)


def race(
    act: Callable[[int], object],
    *,
    organisation: Organisation,
    threads: int = 64,
    on: date = date(2026, 9, 1),
    patience: float = 0.1,
    before: str = "",
) -> Counter[str]:
    """Run `act(i)` in `threads` threads at once; count 'won' and the names of what was raised.

    Nobody writes before all have looked, or before `patience` seconds have passed in which nobody
    was ready to; a control, which has no guard to wait at, asks for more of it.
    """
    barrier, meeting = Barrier(threads), Meeting(threads, patience)

    def one(i: int) -> str:
        set_scope(organisation.pk)
        place = threads - 1 - i if STAGGER == "down" else i
        racer = Racer(meeting, place, before)
        try:
            with clock.at(clock.office_opens(on)), connection.execute_wrapper(racer):
                barrier.wait(timeout=60)
                act(i)
        except Exception as error:
            return type(error).__name__
        else:
            return "won"
        finally:
            racer.arrive(wait=False)
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return Counter(pool.map(one, range(threads)))


def unguarded(
    act: Callable[[int], object],
    *,
    organisation: Organisation,
    threads: int = 16,
    on: date = date(2026, 9, 1),
    before: str = "",
) -> int:
    """How many win when a test has taken the guard away: the control of a race.

    For an action that looks again after its first write, `before` are words of the statement by
    which all its looks are over.
    """
    found = race(act, organisation=organisation, threads=threads, on=on, patience=5, before=before)
    return found["won"]


def unlocked(row: Model) -> Any:
    """What `moves.lock` would be without the lock: a fresh look that waits for nobody."""
    fresh = type(row)._default_manager.get(pk=row.pk)
    fresh.__dict__["_locked"] = True
    return fresh


def meanwhile(act: Callable[[], object], *, organisation: Organisation, on: date) -> None:
    """Somebody else does something from beginning to end, while the caller is in the middle.

    For controls: behind a guard that the caller holds it would wait for ever, so it waits two
    seconds and then fails.
    """

    def one() -> None:
        set_scope(organisation.pk)
        try:
            with clock.at(clock.office_opens(on)), connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
                act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(one).result()


def overtaken(
    first: Callable[[], object],
    second: Callable[[], object],
    *,
    at: Callable[[str, Any], bool],
    organisation: Organisation,
    on: date,
) -> tuple[str, str]:
    """What became of two deeds when the second is done in the middle of the first.

    The first stands before the statement that `at` names until the second has ended, or waits for
    a lock that the first holds: then it goes on, and the second after it. Each is 'won' or the
    name of what was raised.
    """
    standing, go, backend = Event(), Event(), []

    def halt(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not standing.is_set() and at(str(sql), params):
            standing.set()
            go.wait(timeout=60)
        return execute(sql, params, many, context)

    def one(act: Callable[[], object], *, overtakes: bool) -> str:
        set_scope(organisation.pk)
        try:
            with clock.at(clock.office_opens(on)):
                if overtakes:
                    standing.wait(timeout=60)
                    backend.append(_backend())
                    act()
                else:
                    with connection.execute_wrapper(halt):
                        act()
        except Exception as error:
            return type(error).__name__
        else:
            return "won"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        deeds = pool.submit(one, first, overtakes=False), pool.submit(one, second, overtakes=True)
        while not any(deed.done() for deed in deeds) and not (backend and _waits(backend[0])):
            time.sleep(0.02)
        halted = standing.is_set()
        standing.set()
        go.set()
    assert halted, "the first never came to where it was to be overtaken"
    return deeds[0].result(), deeds[1].result()


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _waits(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend])
        return bool(cursor.fetchone()[0])
