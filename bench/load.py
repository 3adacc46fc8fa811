"""A server over the benchmarks' database, and 32 readers who ask it at once."""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import ground

READERS = 32
WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Answers:
    """How a page was answered: requests a second, and the seconds that 95 of 100 stayed below."""

    rate: float
    p95: float


@contextmanager
def served() -> Iterator[int]:
    """The port of a web server as `make demo` starts it, with the peers' settings."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "aidadmin.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    command += ["--timeout", "120", "--no-control-socket", "--log-level", "error"]
    environment = os.environ | ground.shared() | {"DJANGO_SETTINGS_MODULE": "bench.peer_settings"}
    server = subprocess.Popen(command, cwd=Path(__file__).parent.parent, env=environment)
    try:
        _await_answer(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def asked(port: int, path: str, cookie: str, seconds: float) -> Answers:
    """All readers ask for one page again and again; any answer but 200 ends the measuring."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(READERS) as pool:
        until = begun + seconds
        each = list(pool.map(lambda _: _read(port, path, cookie, until), range(READERS)))
    took = [one for reader in each for one in reader]
    # Until the last answer: of a slow page many are still owed when the time is over.
    lasted = time.perf_counter() - begun
    return Answers(len(took) / lasted, statistics.quantiles(took, n=20)[-1])


def page(port: int, path: str, cookie: str) -> str:
    """One answer, to be looked at."""
    return _ask(port, path, cookie).decode()


def _read(port: int, path: str, cookie: str, until: float) -> list[float]:
    took = []
    while (begun := time.perf_counter()) < until:
        _ask(port, path, cookie)
        took.append(time.perf_counter() - begun)
    return took


def _ask(port: int, path: str, cookie: str) -> bytes:
    # Each time a new connection: a kept one is closed by a server whose pages take long.
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN)) as link:
        link.request("GET", path, headers={"Cookie": cookie, "Connection": "close"})
        answer = link.getresponse()
        body = answer.read()
    if answer.status != 200:
        raise AssertionError(f"{path}: {answer.status} {answer.headers.get('Location', '')}")
    return body


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _await_answer(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WITHIN
    while server.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(server.poll())
