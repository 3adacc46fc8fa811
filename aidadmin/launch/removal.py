"""`make remove`: take an installation of the embedded PostgreSQL away again, after a typed word.

What it deletes is told first, with its size: the database, and AID_VAR with keys and files. As root
the database lies outside the project, where nobody who deletes the project would look for it;
`make remove OTHERS=1` names databases whose project is gone.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from aidadmin.launch import children, cluster, embedded, private
from aidadmin.launch.failure import LaunchFailed

WORD = "删除"
NOTHING = "没有删除任何东西。"
# What shows that a folder is an installation's and nothing else.
MARK = "embedded.json"
# Where tests have an installation of their own (`tests.embedded`).
TESTS = "test"
# Deleted last: by these what is left of a removal that was broken off is found, and held, again.
KEPT = frozenset({MARK, "embedded.lock", "identity", embedded.WHOSE})
MOVED = "项目只是换了位置或没有挂载的，不要删除：在新位置启动一次，它的数据库就不再列在这里。"
Ask = Callable[[str], str]


def main(argv: Sequence[str], ask: Ask = input) -> int:
    """Remove this project's installation, or with `--others` those whose project is gone.

    The exit code is 1 when nothing was removed.
    """
    others = "--others" in argv
    find = gone if others else own
    try:
        folders = find()
        if not _confirmed(folders, MOVED if others else "", ask):
            return 1
        with _still(folders):
            if find() != folders:
                raise LaunchFailed("这期间有了变化，没有删除任何东西，请重新运行。")
            _remove(folders)
    except (LaunchFailed, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stdout.write(f"\n{NOTHING}\n")
        return 1
    sys.stdout.write("已删除。\n")
    return 0


def own() -> list[Path]:
    """What this project's installation, and its tests', consist of, databases first.

    Raises LaunchFailed when there is none, when it is in use or another user's, or when AID_VAR
    holds the project.
    """
    var = embedded.var_folder()
    installed = [place for place in (var, var / TESTS) if private.read(place / MARK) is not None]
    if not installed:
        home = embedded.root_home(var)
        left = f"它的数据库还在 {home}，用 make remove OTHERS=1 删除" if home.exists() else ""
        raise LaunchFailed(f"{var} 里没有安装过内置数据库，{left or '没有可以删除的'}。")
    if embedded.PROJECT.is_relative_to(var) or Path.home().is_relative_to(var):
        raise LaunchFailed(f"{var} 里还有别的东西，不能整个删除，请把 AID_VAR 指向它自己的目录。")
    if using := [path for place in installed for path in embedded.living_users(place)]:
        numbers = "、".join(sorted(path.name for path in using))
        raise LaunchFailed(f"还有程序在使用这个数据库（进程 {numbers}），请先停止它们。")
    # What lies inside first.
    parts = [part for place in installed for part in (place, embedded.outside(place)) if part]
    return parts[::-1]


def gone() -> list[Path]:
    """Root's folders of databases whose project is no longer there; stopped, and told by name."""
    found = sorted(embedded.ROOT_BASE.glob(f"*/{embedded.WHOSE}"))
    return [
        note.parent
        for note in found
        if not Path(private.read(note) or "/").exists()
        and cluster.postmaster(note.parent / "data") is None
    ]


def _confirmed(folders: Sequence[Path], warning: str, ask: Ask) -> bool:
    """Whether there is something, it was named with all it holds, and the word was typed."""
    if not folders:
        sys.stdout.write("没有可以删除的。\n")
        return False
    sys.stdout.write("将要删除（其中的数据和密钥只剩备份，不能恢复）：\n")
    for folder in folders:
        sys.stdout.write(f"  {_told(folder)}\n")
    if warning:
        sys.stdout.write(f"{warning}\n")
    try:
        typed = ask(f"确认请输入“{WORD}”：").strip()
    except EOFError:
        typed = ""
    if typed != WORD:
        sys.stdout.write(f"{NOTHING}\n")
    return typed == WORD


@contextmanager
def _still(folders: Sequence[Path]) -> Iterator[None]:
    """Nobody starts a server of these installations meanwhile."""
    with ExitStack() as locks:
        for folder in folders:
            if (folder / MARK).exists():
                locks.enter_context(private.locked(folder / "embedded.lock"))
        yield


def _remove(folders: Sequence[Path]) -> None:
    try:
        for folder in folders:
            # What was left running by a kill -9.
            children.running_address(folder / children.RECORD)
            cluster.stop(folder / "data")
            cluster.stop(folder / "pg" / "data")
            _take_away(folder)
    except (OSError, KeyboardInterrupt) as error:
        raise LaunchFailed(f"没有删完（{str(error) or '中断'}），请重新运行。") from error


def _take_away(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name in KEPT:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.rmtree(folder)


def _told(folder: Path) -> str:
    """Where it lies, how large it is, when it was last written to, and whose it was."""
    sizes, last = 0, folder.stat().st_mtime
    for path, _, names in os.walk(folder):
        for name in names:
            about = (Path(path) / name).lstat()
            sizes, last = sizes + about.st_size, max(last, about.st_mtime)
    day = datetime.fromtimestamp(last, tz=UTC).astimezone().date()
    whose = private.read(folder / embedded.WHOSE)
    project = f"，属于 {whose}" if whose else ""
    return f"{folder}（{sizes / 1024**2:,.0f} MB，最后使用于 {day}{project}）"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
