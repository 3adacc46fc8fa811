"""One PostgreSQL data folder: made, started, checked and stopped; as root, by someone else."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aidadmin.launch import processes
from aidadmin.launch.binaries import Binaries
from aidadmin.launch.failure import LaunchFailed

SUPERUSER = "aidadmin_super"
ADDRESS = "127.0.0.1"
# A crash recovery replays at most a few checkpoints' worth of log.
PATIENCE = 120
ATTEMPTS = 6
LOG_LIMIT = 5 * 1024 * 1024


@dataclass(frozen=True)
class Server:
    """Where a data folder lies, whose it is, and what runs it."""

    home: Path
    user: int
    group: int
    binaries: Binaries

    @property
    def data(self) -> Path:
        """The data folder proper."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.home / "server.log"

    def run(
        self, program: str, *arguments: str, given: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the programs as the data's owner; the caller judges the exit code."""
        command = [str(self.binaries.folder / program), *arguments]
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self.home)}
        as_other = os.geteuid() != self.user
        return subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=self.home,
            env=environment,
            input=given if given is not None else "",
            user=self.user if as_other else None,
            group=self.group if as_other else None,
            extra_groups=[] if as_other else None,
        )

    def owns(self, path: Path) -> None:
        """Hand a file made by root to the user the server runs as."""
        if os.geteuid() != self.user:
            os.chown(path, self.user, self.group)


def unprivileged_user() -> tuple[int, int]:
    """Uid and gid root hands the server to: initdb needs one that has a name."""
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise LaunchFailed("PostgreSQL 不能以 root 运行，而系统里既没有 postgres 也没有 nobody 用户。")


def major_of(data: Path) -> int | None:
    """The PostgreSQL major version that made the folder; None when there is no finished one."""
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def make(server: Server, password: str) -> None:
    """Run initdb beside the final place and rename: a kill in between leaves no half a cluster."""
    fresh = server.home / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    secret = server.home / "initdb.secret"
    secret.unlink(missing_ok=True)
    descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(password)
    server.owns(secret)
    # The same order of strings on every machine, whatever its C library says.
    locale = ["--locale=C.UTF-8"]
    if server.binaries.major >= 17:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    arguments = [f"--username={SUPERUSER}", f"--pwfile={secret}", "--auth=scram-sha-256"]
    arguments += ["--encoding=UTF8", *locale, "--no-instructions", "--pgdata", str(fresh)]
    try:
        answer = server.run("initdb", *arguments)
    finally:
        secret.unlink()
    if answer.returncode:
        raise LaunchFailed(f"建立数据库目录失败：\n{_tail(answer.stderr or answer.stdout)}")
    fresh.rename(server.data)


def postmaster(data: Path) -> tuple[int, int] | None:
    """Pid and port of the server that runs on this folder, None when none does.

    `postmaster.pid` alone proves nothing: it outlives kill -9, its number is given to other
    processes, and it is copied along with the folder.
    """
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid, port = int(lines[0]), int(lines[3])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    arguments = processes.arguments(pid)
    if not arguments or Path(arguments[0]).name != "postgres":
        return None
    # It works inside its data folder, also after somebody renamed that.
    folder = processes.working_folder(pid)
    return (pid, port) if folder == data or str(data) in arguments else None


def _forget_reused_number(server: Server) -> None:
    """Remove the lock file of a dead server whose number now is another process's.

    PostgreSQL sees by itself that a dead process holds nothing, but it gives up before a living
    one, whoever that is.
    """
    lock = server.data / "postmaster.pid"
    with suppress(FileNotFoundError, ValueError, IndexError, ProcessLookupError):
        pid = int(lock.read_text().splitlines()[0])
        with suppress(PermissionError):
            os.kill(pid, 0)
        if postmaster(server.data) is None:
            lock.unlink()


def free_port(wanted: int | None) -> int:
    """The wanted port if it can be had, else one the system picks."""
    for port in (wanted or 0, 0):
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                attempt.bind((ADDRESS, port))
                return int(attempt.getsockname()[1])
    raise LaunchFailed(f"{ADDRESS} 上没有可用的端口。")


def _settings(port: int) -> dict[str, str]:
    """The server's settings, given on the command line so that the folder holds none of ours."""
    settings = {
        "listen_addresses": ADDRESS,
        "port": str(port),
        # TCP only: a socket's path may have 107 characters at most and must be reachable.
        "unix_socket_directories": "",
        "shared_buffers": "128MB",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "synchronous_commit": "on",
        "fsync": "on",
        # A statement or a constraint's detail may quote a person's row; logs must not.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    if os.environ.get("AID_PG_FAST") == "1":
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return settings


def start(server: Server, wanted_port: int | None) -> int:
    """Start the server and return its port; tries again while a killed one's children leave."""
    _forget_reused_number(server)
    if server.log.exists() and server.log.stat().st_size > LOG_LIMIT:
        server.log.replace(server.log.with_suffix(".log.1"))
    for attempt in range(ATTEMPTS):
        # The own port is worth waiting for: other processes may know it.
        port = free_port(wanted_port if attempt < ATTEMPTS - 2 else None)
        options = " ".join(f"-c {name}={value}" for name, value in _settings(port).items())
        answer = server.run(
            "pg_ctl", "start", "-w", "-s", "-t", str(PATIENCE), "-D", str(server.data),
            "-l", str(server.log), "-o", options,
        )  # fmt: skip
        if answer.returncode == 0:
            return port
        time.sleep(1)
    with suppress(OSError):
        answer.stderr += server.log.read_text(errors="replace")[-2000:]
    raise LaunchFailed(f"PostgreSQL 启动失败，日志在 {server.log}：\n{_tail(answer.stderr)}")


def stop(data: Path) -> None:
    """Stop the server that runs on this folder, if any; connections are closed, data is flushed."""
    if found := postmaster(data):
        processes.end(found[0], processes.birth(found[0]), first=signal.SIGINT, patience=60)


def set_password_alone(server: Server, password: str) -> None:
    """Give the superuser a new password without knowing the old one; the server must be stopped."""
    _forget_reused_number(server)
    # Only our own random letters come here, never a person's input.
    statement = f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'\n"
    answer = server.run("postgres", "--single", "-D", str(server.data), "postgres", given=statement)
    if answer.returncode or "ERROR" in answer.stderr:
        raise LaunchFailed(f"无法重设内置数据库的口令：\n{_tail(answer.stderr)}")


def _tail(text: str) -> str:
    """The last lines, where the reason stands."""
    return "\n".join(text.strip().splitlines()[-8:])
