"""Is this process still the one that was written down? A number alone may have been reused."""

import os
import signal
import subprocess
import time
from pathlib import Path

PROC = Path("/proc")


def birth(pid: int) -> str:
    """What tells this process from a later one with the same number; empty when it is gone."""
    try:
        fields = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return "" if PROC.joinpath("self").exists() else _ask_ps(pid, "lstart")
    # A zombie holds the number and does nothing any more.
    return "" if fields[0] == "Z" else fields[19]


def arguments(pid: int) -> list[str]:
    """The command line; empty when the process is gone or a zombie."""
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return [] if PROC.joinpath("self").exists() else _ask_ps(pid, "command").split()
    return [os.fsdecode(part) for part in raw.split(b"\0") if part]


def working_folder(pid: int) -> Path | None:
    """Where the process works, under the folder's present name; None when it can't be known."""
    try:
        return (PROC / str(pid) / "cwd").readlink()
    except OSError:
        return None


def _ask_ps(pid: int, column: str) -> str:
    """The answer where there is no /proc."""
    answer = subprocess.run(
        ["ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()


def end(
    pid: int,
    born: str,
    *,
    first: signal.Signals = signal.SIGTERM,
    patience: float = 10.0,
) -> None:
    """Ask the process to stop, then kill it; does nothing when it is no longer the same one."""
    for sign, wait in ((first, patience), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + wait
        if not born or birth(pid) != born:
            return
        os.kill(pid, sign)
        while birth(pid) == born and time.monotonic() < deadline:
            time.sleep(0.02)
