"""`make demo`: database, tables, demo district, web, worker and beat, until Ctrl-C."""

import hashlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from aidadmin.launch import children, cluster, embedded, private
from aidadmin.launch.children import Child
from aidadmin.launch.failure import LaunchFailed

MANAGE = (sys.executable, str(embedded.PROJECT / "manage.py"))
ANSWER_WITHIN = 90.0
CELERY = (sys.executable, "-m", "celery", "-A", "aidadmin.celery:app")


def main() -> int:
    """Run the demonstration; the exit code is 1 when it could not start."""
    # SIGINT too: a shell starts background jobs with it ignored.
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, _interrupt)
    try:
        os.chdir(embedded.PROJECT)
        _run(private.make_folder(embedded.var_folder()))
    except KeyboardInterrupt:
        _say("已停止。")
    except LaunchFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _interrupt(sign: int, frame: FrameType | None) -> NoReturn:
    """Let every signal that means "stop" take the way of Ctrl-C."""
    raise KeyboardInterrupt


def _run(var: Path) -> None:
    """Prepare, start, tell, watch; whatever happens, leave nothing running."""
    record = var / children.RECORD
    if address := children.running_address(record):
        raise LaunchFailed(f"演示已经在运行：{address}")
    port = _port()
    address = f"http://127.0.0.1:{port}"
    embedded.prepare(["demo"])
    with private.locked(var / "embedded.lock"):
        # With a database of one's own (DATABASE_URL) nobody has made it yet.
        private.ensure_secret_key(var)
    os.environ["AID_REPLAY"] = "1"
    os.environ.setdefault("AID_BASE_URL", address)
    for name in ("queue", "processed", "control"):
        private.make_folder(var / "broker" / name)
    _prepare_application(var)
    accounts = _manage("demo", "--accounts")
    crew = _crew(var, port)
    try:
        for child in crew:
            child.start()
            children.write_down(record, crew, address)
        _await_answer(port, crew[0])
        _say(f"\n学生资助管理演示区：{address}\n\n{accounts.strip()}\n\n按 Ctrl-C 停止。")
        _watch(crew, record, address)
    finally:
        # A second Ctrl-C must not leave half of them behind.
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.SIG_IGN)
        children.stop_all(crew)
        record.unlink(missing_ok=True)


def _port() -> int:
    """The port to serve on; LaunchFailed when it is no number or taken."""
    text = os.environ.get("AID_PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise LaunchFailed(f"AID_PORT 应是 1 到 65535 的数字，现在是“{text}”。")
    if cluster.free_port(int(text)) != int(text):
        raise LaunchFailed(
            f"端口 {text} 已被别的程序占用。请换一个，例如：AID_PORT={int(text) + 80} make demo"
        )
    return int(text)


def _prepare_application(var: Path) -> None:
    """Tables, pages' files and the demo district; quick when nothing changed."""
    if subprocess.run([*MANAGE, "migrate", "--check"], capture_output=True, check=False).returncode:
        _say("正在建立数据表……")
        _manage("migrate", "--database", "owner")
        _manage("load_reference")
    stamp, now = var / "static.stamp", _static_state()
    if private.read(stamp) != now or not (var / "static").is_dir():
        _say("正在收集页面文件……")
        _manage("collectstatic", "--noinput")
        private.write(stamp, now)
    _say("正在准备演示区……")
    _manage("demo", "--prepare")


def _static_state() -> str:
    """Changes when a file to be served, or the version of a package that brings some, changes."""
    digest = hashlib.sha256((embedded.PROJECT / "constraints.txt").read_bytes())
    folders = [embedded.PROJECT / "static", *embedded.PROJECT.glob("*/static")]
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        if path.is_file():
            facts = path.stat()
            digest.update(f"{path}|{facts.st_size}|{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _manage(*arguments: str) -> str:
    """Run one management command and return what it printed; LaunchFailed with its last words."""
    answer = subprocess.run(
        [*MANAGE, *arguments], capture_output=True, text=True, errors="replace", check=False
    )
    if answer.returncode:
        words = "\n".join((answer.stderr or answer.stdout).strip().splitlines()[-12:])
        raise LaunchFailed(f"manage.py {' '.join(arguments)} 失败：\n{words}")
    return answer.stdout


def _crew(var: Path, port: int) -> list[Child]:
    """Web, worker and beat, with a log each."""
    logs = private.make_folder(var / "log")
    web = [sys.executable, "-m", "gunicorn", "aidadmin.wsgi", "--bind", f"127.0.0.1:{port}"]
    web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    web += ["--graceful-timeout", "10", "--timeout", "120", "--no-control-socket"]
    # A killed worker is forked anew, at once, and shares the memory of what was imported.
    web += ["--preload"]
    # One process: after a killed child of a pool its leader lives on and takes no more work.
    worker = [*CELERY, "worker", "--pool", "solo", "--loglevel", "WARNING"]
    # Without a pid file: a killed beat would find its own and refuse.
    beat = [*CELERY, "beat", "--schedule", str(var / "beat.schedule")]
    named = {"web": web, "worker": worker, "beat": beat}
    return [Child(name, command, logs / f"{name}.log") for name, command in named.items()]


def _await_answer(port: int, web: Child) -> None:
    """Return when a page is served; LaunchFailed when the web process ends or stays silent."""
    deadline = time.monotonic() + ANSWER_WITHIN
    while time.monotonic() < deadline and web.process and web.process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/")
            if connection.getresponse().status < 500:
                return
        connection.close()
        time.sleep(0.3)
    raise LaunchFailed(f"网页服务没有应答，原因见 {web.log}")


def _watch(crew: Sequence[Child], record: Path, address: str) -> NoReturn:
    """Keep everyone alive until a signal comes."""
    while True:
        time.sleep(1)
        if embedded.revive():
            # They hold the old address and start again with the new one.
            for child in crew:
                child.ask_to_stop()
        if any(child.keep_alive() for child in crew):
            children.write_down(record, crew, address)


def _say(text: str) -> None:
    """Tell the person at the terminal now, also when the output goes to a file."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
