"""Who of the demonstration's processes is started again, how soon, and who is sent home first."""

import json
import math
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from aidadmin.launch import children, demo, processes
from aidadmin.launch.children import Child

# What gunicorn's master holds when its workers are forked from it.
HELD = """
import json, os, sys
import aidadmin.wsgi
from django.db import connections
opened = [c.alias for c in connections.all() if c.connection is not None]
print(json.dumps(["aidadmin.urls" in sys.modules, len(os.listdir("/proc/self/task")), opened]))
"""
KILLED: Sequence[str] = ("sh", "-c", "kill -9 $$")
FAILING: Sequence[str] = ("sh", "-c", "exit 1")


class Clock:
    """Stands in for `time` in `children`: nobody waits, it is set."""

    now = 1000.0

    def monotonic(self) -> float:
        """Seconds, as the test has set them."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Be later at once."""
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time as the supervisor reads it."""
    set_by_hand = Clock()
    monkeypatch.setattr(children, "time", set_by_hand)
    return set_by_hand


@pytest.fixture
def child(tmp_path: Path) -> Child:
    return Child("worker", FAILING, tmp_path / "worker.log")


def pause(
    child: Child, clock: Clock, command: Sequence[str], *, lived: float = 0.0, asked: bool = False
) -> float:
    """Start it, let it end after so long, and tell how long it is away then."""
    child.command = command
    child.start()
    assert child.process
    clock.now += lived
    if asked:
        child.ask_to_stop()
    child.process.wait(10)
    ended = clock.now
    assert child.keep_alive() is False
    assert child.process is None
    away = child.due - ended
    clock.now = math.nextafter(child.due, 0)
    assert child.keep_alive() is False
    clock.now = child.due
    return away


def test_what_ends_by_itself_at_once_is_tried_more_and_more_seldom(
    child: Child, clock: Clock
) -> None:
    assert [pause(child, clock, FAILING) for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert pause(child, clock, FAILING, lived=children.HEALTHY + 1) == 1


def test_what_is_killed_from_outside_is_soon_back_and_yet_does_not_spin(
    child: Child, clock: Clock
) -> None:
    """Killed right after its start each time, as for its memory: seconds, never half a minute."""
    assert [pause(child, clock, KILLED) for _ in range(8)] == [1, 2, 4, 4, 4, 4, 4, 4]
    assert pause(child, clock, KILLED, lived=children.HEALTHY + 1) == 1


def test_a_kill_is_no_fault_of_who_was_killed(child: Child, clock: Clock) -> None:
    """Whose port is still held by a dead leader's workers ends by itself, once or twice."""
    for _ in range(6):
        pause(child, clock, KILLED)
    assert [pause(child, clock, FAILING) for _ in range(3)] == [1, 2, 4]


def test_kills_in_between_do_not_excuse_what_can_not_start(child: Child, clock: Clock) -> None:
    for _ in range(5):
        pause(child, clock, FAILING)
        pause(child, clock, KILLED)
    assert pause(child, clock, FAILING) == 30


def test_who_was_asked_to_stop_did_not_fail(child: Child, clock: Clock) -> None:
    """All are asked to when the database has come back under another address."""
    command = ("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done")
    assert [pause(child, clock, command, asked=True) for _ in range(4)] == [1, 2, 4, 4]
    assert pause(child, clock, FAILING) == 1


@pytest.mark.parametrize(("command", "longest"), [(FAILING, 30), (KILLED, 4)])
def test_after_a_night_of_falls_it_is_still_tried(
    child: Child, clock: Clock, command: Sequence[str], longest: int
) -> None:
    child.falls = child.kills = 5000
    assert pause(child, clock, command) == longest


def test_a_killed_web_worker_is_forked_from_a_leader_that_knows_every_page(tmp_path: Path) -> None:
    """Importing them anew takes seconds in which nobody may be there to answer.

    A connection or thread of the leader's would be shared, or lost.
    """
    web = demo._crew(tmp_path, 8000)[0]
    assert "--preload" in web.command
    done = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [True, 1, []]


def test_whose_leader_was_killed_goes_home(tmp_path: Path) -> None:
    """Workers that outlive their master would hold its port against the next one."""
    told = tmp_path / "pid"
    stubborn = f"(trap '' TERM; exec sleep 60) & echo $! > {told}; wait"
    command = ["sh", "-c", stubborn]
    child = Child("web", command, tmp_path / "web.log")
    child.start()
    while not (told.exists() and told.read_text().strip()):
        time.sleep(0.02)
    worker = int(told.read_text())
    assert processes.birth(worker)
    assert child.process
    child.process.kill()
    child.process.wait()
    assert processes.birth(worker)
    assert child.keep_alive() is False
    deadline = time.monotonic() + 10
    while processes.birth(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert processes.birth(worker) == ""


def test_who_was_asked_to_stop_and_does_not_is_killed_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that waits for a lost task would stay with the database's old address for ever."""
    monkeypatch.setattr(children, "PATIENCE", 0.1)
    told = tmp_path / "pids"
    command = ["sh", "-c", f"trap '' TERM; echo $$ >> {told}; while :; do sleep 1; done"]
    child = Child("worker", command, tmp_path / "worker.log")
    child.start()
    while not (told.exists() and told.read_text().strip()):
        time.sleep(0.02)
    child.ask_to_stop()
    deadline = time.monotonic() + 20
    while not child.keep_alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert child.process
    assert child.process.poll() is None
    assert child.stop_by == 0
    assert processes.birth(int(told.read_text().split()[0])) == ""
    child.ask_to_stop()
    child.await_end(time.monotonic())
