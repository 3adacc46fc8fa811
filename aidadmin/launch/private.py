"""Small private files of an installation: written whole or not at all, readable by one person."""

import fcntl
import os
import secrets
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aidadmin.launch.failure import LaunchFailed

FOREIGN = "{} 由另一个用户建立，没有权限打开。请用那个用户运行，或用环境变量 AID_VAR 另选目录。"
SECRET_ALPHABET = string.ascii_letters + string.digits + "-_=+.,:@%^*"


def make_folder(folder: Path) -> Path:
    """The folder, made with mode 0700 where it was missing.

    Raises LaunchFailed when this user may not make it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LaunchFailed(f"无法建立目录 {folder}：{error.strerror}") from error
    return folder


def give_to_folder_owner(path: Path) -> None:
    """When root acts in someone else's folder, the new file is that person's."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def write(path: Path, text: str) -> None:
    """Replace the file in one step, mode 0600; a kill leaves the old text or the new."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    give_to_folder_owner(fresh)
    fresh.replace(path)


def read(path: Path) -> str | None:
    """The file's text, None when there is none; LaunchFailed when it belongs to someone else."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise LaunchFailed(FOREIGN.format(path)) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file against every other process; released also by kill -9."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise LaunchFailed(FOREIGN.format(path)) from error
    try:
        give_to_folder_owner(path)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def ensure_secret_key(var: Path) -> None:
    """Make `secret_key`, fifty random characters, once per installation. Call under the lock."""
    path = var / "secret_key"
    if not read(path):
        write(path, "".join(secrets.choice(SECRET_ALPHABET) for _ in range(50)))
