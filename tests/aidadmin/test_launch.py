"""The embedded PostgreSQL: on demand, for several processes, after kill -9, without leftovers."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from aidadmin.launch import binaries, cluster, embedded, private, processes, roles
from aidadmin.launch.failure import LaunchFailed

PROBE = """
import json, os, sys, time
from aidadmin.launch import embedded
embedded.prepare(["probe"])
print(json.dumps([os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"]]), flush=True)
sys.stdin.readline()
"""


def environment(var: Path, **extra: str) -> dict[str, str]:
    """The environment of a process that has no database yet."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "AID_"))}
    return kept | {"AID_VAR": str(var), "AID_PG_FAST": "1"} | extra


class User:
    """A process that needs the server until it is told to go."""

    def __init__(self, var: Path, **extra: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROBE],
            cwd=embedded.PROJECT,
            env=environment(var, **extra),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def urls(self) -> tuple[str, str]:
        """Addresses for the application and the owner; fails with what the process complained."""
        assert self.process.stdout
        assert self.process.stderr
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        app, owner = json.loads(line)
        return app, owner

    def leave(self) -> None:
        """End in the ordinary way."""
        self.process.communicate("\n", timeout=90)

    def kill(self) -> None:
        """End without a word."""
        self.process.kill()
        self.process.communicate(timeout=30)


def home(var: Path) -> Path:
    """Where the data of this installation lies."""
    return embedded.root_home(var) if os.geteuid() == 0 else var / "pg"


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run one statement on a connection of its own."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """An installation's own folder, with its server and data removed afterwards."""
    folder = tmp_path.resolve() / "var"
    yield folder
    cluster.stop(home(folder) / "data")
    shutil.rmtree(home(folder), ignore_errors=True)


@pytest.fixture
def urls(var: Path) -> Iterator[tuple[str, str]]:
    """Addresses of a running server."""
    user = User(var)
    yield user.urls()
    user.leave()


def test_application_role_is_held_by_the_walls(urls: tuple[str, str]) -> None:
    """The application can read and write rows and nothing that would lift row-level security."""
    app, owner = urls
    ask(owner, "CREATE TABLE thing (id bigserial PRIMARY KEY, name text)")
    assert ask(app, "INSERT INTO thing (name) VALUES ('甲') RETURNING id, name") == [(1, "甲")]
    rights = ask(
        app,
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole,"
        " pg_has_role(current_user, 'aidadmin_owner', 'member') FROM pg_roles"
        " WHERE rolname = current_user",
    )
    assert rights == [(False, False, False, False, False)]
    for forbidden in ("CREATE TABLE mine (id int)", "ALTER TABLE thing DISABLE ROW LEVEL SECURITY"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(app, forbidden)


def test_owner_is_no_superuser_and_strings_are_utf8(urls: tuple[str, str]) -> None:
    """Superusers walk through row-level security; the owner must not be one."""
    answer = ask(
        urls[1],
        "SELECT rolsuper, rolcreatedb, rolbypassrls, pg_encoding_to_char(encoding),"
        " pg_get_userbyid(datdba) FROM pg_roles, pg_database"
        " WHERE rolname = current_user AND datname = current_database()",
    )
    assert answer == [(False, True, False, "UTF8", "aidadmin_owner")]


def test_grants_reach_a_database_made_later(urls: tuple[str, str]) -> None:
    """A test database gets its grants from the same list, run by the owner."""
    app, owner = urls
    ask(owner, "CREATE DATABASE later")
    app, owner = (url.rpartition("/")[0] + "/later" for url in (app, owner))
    ask(owner, "CREATE TABLE before (id int)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(app, "SELECT * FROM before")
    for statement in roles.grant_statements():
        ask(owner, statement)
    ask(owner, "CREATE TABLE after (id bigserial PRIMARY KEY)")
    assert ask(app, "INSERT INTO after DEFAULT VALUES RETURNING id") == [(1,)]


def test_wrong_password_and_nobody_are_refused(urls: tuple[str, str]) -> None:
    """The port is open to every user of the machine; the passwords are not."""
    for role in (roles.APP, roles.OWNER, cluster.SUPERUSER):
        address, _, rest = urls[0].rpartition("@")
        assert address
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(f"postgres://{role}:wrong@{rest}")


def test_last_one_out_stops_the_server_and_data_stays(var: Path) -> None:
    """Two users at once start one server; it ends with the second and comes back with the rows."""
    first, second = User(var), User(var)
    app, owner = first.urls()
    assert second.urls() == (app, owner)
    ask(owner, "CREATE TABLE kept AS SELECT 7 AS seven")
    first.leave()
    assert ask(app, "SELECT seven FROM kept") == [(7,)]
    second.leave()
    assert cluster.postmaster(home(var) / "data") is None
    third = User(var)
    assert ask(third.urls()[0], "SELECT seven FROM kept") == [(7,)]
    third.leave()


def test_starts_again_after_everything_was_killed(var: Path) -> None:
    """Stale lock file, dead user files, and the number given to another process meanwhile."""
    user = User(var, AID_PG_FAST="0")
    ask(user.urls()[1], "CREATE TABLE kept AS SELECT 7 AS seven")
    found = cluster.postmaster(home(var) / "data")
    assert found
    os.kill(found[0], signal.SIGKILL)
    user.kill()
    lock = home(var) / "data" / "postmaster.pid"
    # PostgreSQL gives up only before a process of its own user.
    owner = lock.stat().st_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "60"], user=owner) as bystander:
        lock.write_text(lock.read_text().replace(str(found[0]), str(bystander.pid), 1))
        (var / "users" / str(bystander.pid)).write_text("born at another time")
        again = User(var)
        assert ask(again.urls()[0], "SELECT seven FROM kept") == [(7,)]
        again.leave()
        bystander.kill()
    assert list((var / "users").iterdir()) == []
    assert cluster.postmaster(home(var) / "data") is None


def test_a_long_running_process_brings_a_dead_server_back(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor notices; nothing happens while the server lives or belongs to others."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    monkeypatch.setenv("AID_VAR", str(var))
    assert embedded.revive() is False
    embedded.prepare(["probe"])
    found = cluster.postmaster(home(var) / "data")
    assert found
    assert embedded.revive() is False
    assert cluster.postmaster(home(var) / "data") == found
    processes.end(found[0], processes.birth(found[0]), first=signal.SIGKILL)
    assert embedded.revive() is False
    assert ask(os.environ["DATABASE_URL"], "SELECT 1") == [(1,)]
    embedded._leave(var, os.getpid())
    assert cluster.postmaster(home(var) / "data") is None


def test_a_server_that_dies_again_while_it_comes_back_is_tried_again(
    var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The supervisor must not end because the second kill -9 came too early."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    monkeypatch.setenv("AID_VAR", str(var))
    embedded.prepare(["probe"])
    found = cluster.postmaster(home(var) / "data")
    assert found
    ensure = roles.ensure_roles

    def dying(*args: object, **passwords: str) -> None:
        raise psycopg2.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(roles, "ensure_roles", dying)
    processes.end(found[0], processes.birth(found[0]), first=signal.SIGKILL)
    assert embedded.revive() is False
    assert "稍后再试" in capsys.readouterr().err
    monkeypatch.setattr(roles, "ensure_roles", ensure)
    # It came up elsewhere the last time, and that was not written down.
    state = json.loads((var / "embedded.json").read_text())
    (var / "embedded.json").write_text(json.dumps(state | {"port": state["port"] + 1}))
    embedded.revive()
    assert ask(os.environ["DATABASE_URL"], "SELECT 1") == [(1,)]
    embedded._leave(var, os.getpid())


def test_takes_another_port_when_its_own_is_taken(var: Path) -> None:
    """The port of the last start may belong to somebody else now."""
    user = User(var)
    user.urls()
    user.leave()
    port = json.loads((var / "embedded.json").read_text())["port"]
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        again = User(var)
        assert f":{port}/" not in again.urls()[0]
        again.leave()


@pytest.mark.parametrize(("keys", "kept"), [(True, True), (False, False)])
def test_lost_state_opens_the_data_only_with_its_keys(var: Path, keys: bool, kept: bool) -> None:
    """Without the keys the sealed rows are unreadable: the folder is set aside, never deleted."""
    user = User(var)
    ask(user.urls()[1], "CREATE TABLE kept AS SELECT 7 AS seven")
    user.leave()
    (var / "embedded.json").unlink()
    if keys:
        (var / "keys.json").write_text("{}")
    again = User(var)
    there = ask(again.urls()[0], "SELECT to_regclass('kept') IS NOT NULL")
    again.leave()
    assert there == [(kept,)]
    assert bool(list(home(var).glob("data-*"))) is not kept


def test_files_are_private(var: Path) -> None:
    """Passwords and keys are for one pair of eyes."""
    user = User(var)
    user.urls()
    user.leave()
    for name in ("embedded.json", "secret_key"):
        assert (var / name).stat().st_mode & 0o777 == 0o600
    assert len((var / "secret_key").read_text()) == 50
    assert var.stat().st_mode & 0o777 == 0o700


def test_no_postgresql_is_told_in_one_message(var: Path, tmp_path: Path) -> None:
    """Three ways out, exit code 1, no traceback."""
    user = User(var, AID_PG_BIN=str(tmp_path))
    _, complaint = user.process.communicate("\n", timeout=30)
    assert user.process.returncode == 1
    assert "Traceback" not in complaint
    for way in ("embedded", "apt install postgresql", "DATABASE_OWNER_URL"):
        assert way in complaint


def test_falls_back_to_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the wheel the newest PostgreSQL of the system is taken, and none older than 15."""
    for version in ("14", "15", "16"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in ("postgres", "initdb", "pg_ctl"):
            (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}.2'\n")
            (folder / name).chmod(0o755)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(binaries, "DEBIAN", tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.delenv("AID_PG_BIN", raising=False)
    assert [found.major for found in binaries.candidates()] == [16, 15]
    assert binaries.choose(15).folder == tmp_path / "15" / "bin"
    with pytest.raises(LaunchFailed, match="14"):
        binaries.choose(14)


def test_does_nothing_when_an_address_is_given(monkeypatch: pytest.MonkeyPatch, var: Path) -> None:
    """A district's own PostgreSQL is nobody else's business."""
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@elsewhere/x")
    monkeypatch.setenv("AID_VAR", str(var))
    embedded.prepare(["migrate"])
    assert os.environ["DATABASE_URL"] == "postgres://somebody@elsewhere/x"
    assert not var.exists()


@pytest.mark.parametrize("argv", [[], ["help"], ["migrate", "--help"], ["collectstatic"]])
def test_commands_without_database_start_none(
    monkeypatch: pytest.MonkeyPatch, var: Path, argv: list[str]
) -> None:
    """Help must not take seconds."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("AID_VAR", str(var))
    embedded.prepare(argv)
    assert "DATABASE_URL" not in os.environ
    assert (var / "secret_key").exists()
    assert not (var / "embedded.json").exists()


def test_a_number_alone_is_not_a_process() -> None:
    """`end` leaves a process alone that only has the number of the one that was meant."""
    with subprocess.Popen(["sleep", "60"]) as bystander:
        born = processes.birth(bystander.pid)
        processes.end(bystander.pid, "another birth")
        time.sleep(0.1)
        assert bystander.poll() is None
        processes.end(bystander.pid, born)
        assert bystander.wait(5) == -signal.SIGTERM
    assert processes.birth(bystander.pid) == ""


def test_private_write_replaces_whole_files(tmp_path: Path) -> None:
    """No temporary file stays, the mode is 0600 whatever was there."""
    path = tmp_path / "state"
    path.write_text("old")
    path.chmod(0o644)
    text = secrets.token_hex(8)
    private.write(path, text)
    assert private.read(path) == text
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert private.read(tmp_path / "missing") is None
