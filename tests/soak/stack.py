"""The stack as `make demo` runs it, in a folder of its own, and who in it can be killed."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from aidadmin.launch import cluster, embedded, processes

PROJECT = Path(__file__).resolve().parents[2]
START_WITHIN = 240.0
RECOVER_WITHIN = 120.0
# Who is killed how often. A killed leader of web or worker comes back after a pause of seconds.
VICTIMS = {
    "web worker": 0.26,
    "web": 0.08,
    "task worker": 0.20,
    "database backend": 0.30,
    "database": 0.16,
}
# Without one of them an office waits.
LEADERS = ("web", "task worker", "database")


class Stack:
    """A running installation."""

    def __init__(self, var: Path) -> None:
        self.var, self.log = var, var.parent / "demo.log"
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.killed: Counter[str] = Counter()
        # Seconds from each kill until all was well again.
        self.recovered: list[float] = []
        self.striking = Lock()

    def environment(self) -> dict[str, str]:
        """Of every process of the installation."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "AID_"))}
        return kept | {
            "AID_VAR": str(self.var),
            "AID_PORT": str(self.port),
            "AID_REPLAY": "1",
            "DJANGO_SETTINGS_MODULE": "aidadmin.settings",
        }

    def run(self, module: str, *arguments: str, given: str = "") -> Any:
        """What `main` of a module of this package prints, run in the installation."""
        code = (
            "from aidadmin.launch.embedded import prepare; prepare(['soak']);"
            f"import django; django.setup(); from tests.soak import {module}; {module}.main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=PROJECT,
            env=self.environment(),
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    def verify(self) -> str:
        """What `manage.py verify` finds, empty when it finds nothing."""
        done = subprocess.run(
            [sys.executable, "manage.py", "verify"],
            cwd=PROJECT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def start(self) -> None:
        """Start the supervisor and wait for the first page."""
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "aidadmin.launch.demo"],
                cwd=PROJECT,
                env=self.environment(),
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_WITHIN
        while "按 Ctrl-C 停止" not in self.log.read_text(errors="replace"):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop everything and leave nothing behind."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=120)
        cluster.stop(self._data())
        if os.geteuid() == 0:
            shutil.rmtree(self._data().parent, ignore_errors=True)

    def strike(self, chance: random.Random, victim: str, after: float) -> None:
        """Kill one process after a while; one strike at a time, most when all is well again."""
        if not self.striking.acquire(blocking=False):
            return
        try:
            time.sleep(after)
            found = self._pids(victim)
            if not found:
                return
            pid = chance.choice(found)
            born = processes.birth(pid)
            os.kill(pid, signal.SIGKILL)
            self.killed[victim] += 1
            # Now and then the next one falls while this one is being helped up.
            if chance.random() < 0.8:
                began = time.monotonic()
                while processes.birth(pid) == born:
                    time.sleep(0.01)
                self.await_health()
                self.recovered.append(time.monotonic() - began)
        except ProcessLookupError:
            return
        finally:
            self.striking.release()

    def await_health(self) -> None:
        """Return when every leader is there and the page of health answers.

        The page alone proves little: a dead leader's workers answer until they are sent home.
        """
        deadline = time.monotonic() + RECOVER_WITHIN
        while not (all(self._pids(one) for one in LEADERS) and self._answers()):
            assert time.monotonic() < deadline, "the stack did not come back"
            assert self.process is not None
            assert self.process.poll() is None, "the supervisor ended"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.address}/health/", timeout=5) as response:  # noqa: S310 — our own
                return bool(response.status == 200)
        except (URLError, OSError):
            return False

    def _pids(self, victim: str) -> list[int]:
        if victim.startswith("database"):
            found = cluster.postmaster(self._data())
            postmaster = [found[0]] if found else []
            return postmaster if victim == "database" else _backends(postmaster)
        leader = self._leader("web" if victim.startswith("web") else "worker")
        return leader if victim in ("web", "task worker") else _children(leader)

    def _leader(self, name: str) -> list[int]:
        with suppress(OSError, ValueError, KeyError):
            noted = json.loads((self.var / "demo.json").read_text())["processes"]
            pid, born = noted[{"web": 1, "worker": 2}[name]]
            if processes.birth(pid) == born:
                return [pid]
        return []

    def _data(self) -> Path:
        if os.geteuid() == 0:
            return embedded.root_home(self.var.resolve()) / "data"
        return self.var / "pg" / "data"


def _backends(postmaster: list[int]) -> list[int]:
    """Processes that serve the application, those in the middle of something if there are any."""
    titles = {pid: " ".join(processes.arguments(pid)) for pid in _children(postmaster)}
    serving = {pid: title for pid, title in titles.items() if "aidadmin_app aidadmin" in title}
    busy = [pid for pid, title in serving.items() if not title.rstrip().endswith("idle")]
    return busy or list(serving)


def _children(parents: list[int]) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if int(fields[1]) in parents and fields[0] != "Z":
                    found.append(int(folder.name))
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def stack(var: Path, programmes: int) -> Iterator[tuple[Stack, Any]]:
    """A running stack with its stock, and what must have been paid in the end."""
    built = Stack(var)
    try:
        stock = built.run("stock", str(programmes))
        built.start()
        yield built, stock
    finally:
        built.stop()
