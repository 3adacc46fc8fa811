"""The demonstration's long-running processes: started, watched, started again, stopped together.

How soon is who ended started again?

- Who was killed (SIGKILL: by a person, for its memory, or by us) or asked to stop did nothing
  wrong: after 1, 2, then always 4 seconds. That is soon enough to be ready again within 15, and
  what is killed for its memory again and again still leaves the machine some rest.
- Who ended by itself (can't start, port taken, a fault) will most likely do so again: after 1, 2,
  4, … 30 seconds. Kills don't count here.
- Who ran for 15 seconds was healthy: both begin anew.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aidadmin.launch import private, processes

# Seconds, all of them.
LONGEST_PAUSE = 30.0
LONGEST_AFTER_KILL = 4.0
# Whoever ran this long was healthy; its next fall is a new story. What can't start falls sooner.
HEALTHY = 15.0
# A worker may be in the middle of a file; gunicorn lets its requests end.
PATIENCE = 15.0
# Whose leader was killed may finish what takes a moment; everybody else waits for the port.
GRACE = 1.0

# In AID_VAR: who runs, for the next start and for a removal.
RECORD = "demo.json"


@dataclass
class Child:
    """One process the supervisor keeps alive."""

    name: str
    command: Sequence[str]
    log: Path
    # How often it ended by itself, and at others' wish, since it was healthy.
    falls: int = 0
    kills: int = 0
    started: float = 0.0
    due: float = 0.0
    # Until when it may take its time to stop; 0 while nobody asked it to.
    stop_by: float = 0.0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches the supervisor alone."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started, self.stop_by = time.monotonic(), 0.0

    def keep_alive(self) -> bool:
        """Start it again when it has ended and its pause is over; True when it was started."""
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                # A task worker waits for ever for a task whose process was killed.
                if self.stop_by and now > self.stop_by:
                    os.killpg(self.process.pid, signal.SIGKILL)
                return False
            self.due = now + self._pause(now - self.started)
            sys.stderr.write(
                f"{self.name} 意外退出（代码 {self.process.returncode}），"
                f"{self.due - now:.0f} 秒后重启；日志：{self.log}\n"
            )
            self._send_home()
            self.process = None
        if now < self.due:
            return False
        self.start()
        return True

    def _pause(self, lived: float) -> float:
        """Count this end, and tell after how many seconds it is started again."""
        if lived > HEALTHY:
            self.falls = self.kills = 0
        killed = self.process is not None and self.process.returncode == -signal.SIGKILL
        if killed or self.stop_by:
            self.kills += 1
            return _doubled(self.kills, LONGEST_AFTER_KILL)
        self.falls += 1
        return _doubled(self.falls, LONGEST_PAUSE)

    def _send_home(self) -> None:
        """End those whose leader is gone: they hold its port and work for nobody."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
                time.sleep(GRACE)
                os.killpg(self.process.pid, signal.SIGKILL)

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the leader only: it knows how to end its own workers."""
        if self.process is not None and self.process.poll() is None:
            self.stop_by = self.stop_by or time.monotonic() + PATIENCE
            self.process.terminate()

    def await_end(self, deadline: float) -> None:
        """Wait until the deadline, then kill the whole session."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _doubled(times: int, longest: float) -> float:
    """1, 2, 4, … seconds, at most the longest."""
    # A power of a whole night's falls is too large for a float.
    return min(2.0 ** min(times - 1, 10), longest)


def stop_all(children: Sequence[Child]) -> None:
    """Stop every child, all at the same time, politely first."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + PATIENCE
    for child in children:
        child.await_end(deadline)


def write_down(record: Path, children: Sequence[Child], address: str) -> None:
    """Note who runs, so that the next start finds what a kill -9 left behind."""
    pids = [os.getpid()] + [child.process.pid for child in children if child.process]
    people = [[pid, processes.birth(pid)] for pid in pids]
    private.write(record, json.dumps({"address": address, "processes": people}))


def running_address(record: Path) -> str | None:
    """Where a living supervisor serves; None when there is none. Ends a dead one's children."""
    try:
        noted = json.loads(private.read(record) or "null")
        address, people = str(noted["address"]), [(int(p), str(b)) for p, b in noted["processes"]]
    except (ValueError, TypeError, KeyError):
        return None
    (supervisor, born), *orphans = people
    if born and processes.birth(supervisor) == born:
        return address
    for pid, birth in orphans:
        processes.end(pid, birth, patience=PATIENCE)
    return None
