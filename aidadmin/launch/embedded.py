"""The embedded PostgreSQL: on demand, for every process of one project, gone with the last one.

`prepare()` stands before Django reads its settings. State lies in AID_VAR: `embedded.json` (port
and passwords), `embedded.lock`, `users/` (one file per process that needs the server).
"""

import atexit
import hashlib
import json
import os
import secrets
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg2  # type: ignore[import-untyped,unused-ignore]

from aidadmin.launch import binaries, cluster, private, processes, roles
from aidadmin.launch.cluster import Server
from aidadmin.launch.failure import WAYS_OUT, LaunchFailed

PROJECT = Path(__file__).resolve().parent.parent.parent
# Where root keeps the data: the server's user can't enter a project below /root.
ROOT_BASE = Path("/var/lib/aidadmin")
# Beside data that lie outside their project: the path of its AID_VAR.
WHOSE = "whose"
WITHOUT_DATABASE = {"help", "version", "compilemessages", "makemessages", "collectstatic"}


@dataclass(frozen=True)
class State:
    """What must survive between two starts; born together with the data folder."""

    identity: str
    var: str
    port: int
    super_password: str
    owner_password: str
    app_password: str


def prepare(argv: list[str]) -> None:
    """Make DATABASE_URL and DATABASE_OWNER_URL point to a running server.

    Does nothing when DATABASE_URL is set. Exits with code 1 and a Chinese message when no server
    can be had.
    """
    if os.environ.get("DATABASE_URL"):
        return
    try:
        var = private.make_folder(var_folder())
        os.environ["AID_VAR"] = str(var)
        with private.locked(var / "embedded.lock"):
            private.ensure_secret_key(var)
            if not _needs_database(argv):
                return
            state = _ensure_running(var)
            _register(var)
    except LaunchFailed as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    except (OSError, psycopg2.Error) as error:
        sys.stderr.write(f"内置数据库启动失败：{error}\n{WAYS_OUT}")
        raise SystemExit(1) from None
    _publish(state)


def revive() -> bool:
    """Start the server again if it died; True when it came back under another address.

    For a process that called `prepare()`, stays long and asks again every second: a server that
    doesn't come up, or dies while it does, is told and left to the next time. Does nothing with a
    foreign database.
    """
    var = var_folder()
    if not (var / "users" / str(os.getpid())).exists():
        return False
    before = os.environ["DATABASE_URL"]
    with private.locked(var / "embedded.lock"):
        if not _stands(var):
            sys.stderr.write("内置数据库意外停止，正在重启……\n")
            try:
                _publish(_ensure_running(var))
            except (OSError, psycopg2.Error, LaunchFailed) as error:
                why = str(error).strip().partition("\n")[0]
                sys.stderr.write(f"内置数据库还没有起来，稍后再试：{why}\n")
    return os.environ["DATABASE_URL"] != before


def _stands(var: Path) -> bool:
    """Whether the server runs under the address that is written down."""
    state = _read_state(var)
    running = cluster.postmaster(_home(var, state) / "data")
    return state is not None and running is not None and running[1] == state.port


def _publish(state: State) -> None:
    """Put the addresses where Django's settings and every child process read them."""
    os.environ["DATABASE_URL"] = url(state, roles.APP, state.app_password)
    os.environ["DATABASE_OWNER_URL"] = url(state, roles.OWNER, state.owner_password)


def var_folder() -> Path:
    """The installation's own folder: AID_VAR, else `var` in the project."""
    return Path(os.environ.get("AID_VAR") or PROJECT / "var").resolve()


def url(state: State, role: str, password: str) -> str:
    """The address of the application's database for one role."""
    return f"postgres://{role}:{password}@{cluster.ADDRESS}:{state.port}/{roles.DATABASE}"


def _needs_database(argv: list[str]) -> bool:
    """Whether the command is one that talks to the database."""
    asks_for_help = not argv or "--help" in argv or "-h" in argv
    return not asks_for_help and argv[0] not in WITHOUT_DATABASE and argv[0] != "--version"


def _ensure_running(var: Path) -> State:
    """The state of a running, complete server; the caller holds the lock."""
    state = _read_state(var)
    server = _server(var, state)
    running = cluster.postmaster(server.data)
    if state and running and running[1] == state.port and _is_ours(server, state):
        return state
    cluster.stop(server.data)
    state = _matching_state(var, server, state)
    state = replace(state, var=str(var), port=cluster.start(server, state.port or None))
    _ensure_database(state)
    # Last, so that a port written down means roles and grants were complete once.
    private.write(var / "embedded.json", json.dumps(asdict(state), indent=1))
    return state


def _read_state(var: Path) -> State | None:
    """The state of the last start; None when there is none or a kill left nonsense."""
    text = private.read(var / "embedded.json")
    try:
        return State(**json.loads(text)) if text else None
    except (ValueError, TypeError):
        return None


def _server(var: Path, state: State | None) -> Server:
    """Where this installation's data lies and who runs it."""
    home = _home(var, state)
    chosen = binaries.choose(cluster.major_of(home / "data"))
    if os.geteuid() == 0 and chosen.from_wheel:
        chosen = binaries.reachable_copy(chosen, ROOT_BASE)
    owner = home.stat()
    return Server(home, owner.st_uid, owner.st_gid, chosen)


def _home(var: Path, state: State | None) -> Path:
    """The folder of data and log, made when missing; its owner runs the server."""
    place = _place(var)
    if os.geteuid() != 0:
        return private.make_folder(place)
    return _home_of_root(var, state) if place == root_home(var) else place


def _place(var: Path) -> Path:
    """Where data and log belong, whether or not there are any."""
    inside = var / "pg"
    # An ordinary user may have started this installation; root goes on with the same data.
    ours = os.geteuid() != 0 or cluster.major_of(inside / "data") is not None
    return inside if ours else root_home(var)


def _home_of_root(var: Path, state: State | None) -> Path:
    """Root's folder for this installation, named after the path of its AID_VAR."""
    ROOT_BASE.mkdir(mode=0o755, parents=True, exist_ok=True)
    ROOT_BASE.chmod(0o755)
    home = root_home(var)
    if home.exists():
        return _named(home, var)
    if former := _moved_from(state):
        # Its data comes along. A server left running by a kill -9 can't write its last checkpoint
        # once the folder has another name.
        cluster.stop(former / "data")
        former.rename(home)
        return _named(home, var)
    home.mkdir(mode=0o700)
    os.chown(home, *cluster.unprivileged_user())
    return _named(home, var)


def root_home(var: Path) -> Path:
    """Where root's data of an installation lie, whether or not there are any."""
    return ROOT_BASE / _short_name(var)


def outside(var: Path) -> Path | None:
    """Root's data of an installation, also where they lay before it was moved; None without any."""
    home = root_home(var)
    return home if home.exists() else _moved_from(_read_state(var))


def _moved_from(state: State | None) -> Path | None:
    """Root's folder for the place from which the project was moved, not copied."""
    if state is None or Path(state.var).exists():
        return None
    former = root_home(Path(state.var))
    return former if _identity(former) == state.identity else None


def _named(home: Path, var: Path) -> Path:
    """The folder, with a note of whose it is, so that data without a project can be found."""
    if private.read(home / WHOSE) != str(var):
        private.write(home / WHOSE, str(var))
    return home


def _short_name(var: Path) -> str:
    """A folder name for a path."""
    return hashlib.sha256(str(var).encode()).hexdigest()[:16]


def _identity(home: Path) -> str:
    """Which state the data in this folder was born with."""
    return private.read(home / "identity") or ""


def _matching_state(var: Path, server: Server, state: State | None) -> State:
    """The state that opens the data folder; makes, adopts or sets aside what is needed."""
    exists = cluster.major_of(server.data) is not None
    if exists and state and _identity(server.home) == state.identity:
        return state
    fresh = _fresh_state(var)
    if exists and state is None and _key_file(var).exists():
        # Only the small file was lost. The keys of the sealed fields are here, so is the data.
        cluster.set_password_alone(server, fresh.super_password)
    else:
        if exists:
            _set_aside(server)
        cluster.make(server, fresh.super_password)
    private.write(server.home / "identity", fresh.identity)
    private.write(var / "embedded.json", json.dumps(asdict(fresh), indent=1))
    return fresh


def _fresh_state(var: Path) -> State:
    """New passwords; port 0 means that none was chosen yet."""
    passwords = [secrets.token_urlsafe(24) for _ in range(3)]
    return State(secrets.token_hex(8), str(var), 0, *passwords)


def _key_file(var: Path) -> Path:
    """Where the keys of the sealed fields lie."""
    return Path(os.environ.get("AID_KEY_FILE") or var / "keys.json")


def _set_aside(server: Server) -> None:
    """Keep data that belongs to another installation; nothing is ever deleted here."""
    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    kept = server.home / f"data-{stamp}-{secrets.token_hex(2)}"
    server.data.rename(kept)
    sys.stderr.write(f"原有的数据库目录与当前密钥不配套，已改名保留为 {kept}，现新建一个。\n")


def _connect(state: State, database: str) -> "psycopg2.extensions.connection":
    """A superuser's connection, for the launcher only."""
    return psycopg2.connect(
        host=cluster.ADDRESS,
        port=state.port,
        user=cluster.SUPERUSER,
        password=state.super_password,
        dbname=database,
        connect_timeout=10,
    )


def _is_ours(server: Server, state: State) -> bool:
    """Whether the server on our port serves our folder and is set up to the end."""
    try:
        connection = _connect(state, roles.DATABASE)
    except psycopg2.OperationalError:
        return False
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            row = cursor.fetchone()
            return row is not None and Path(row[0]) == server.data
    finally:
        connection.close()


def _ensure_database(state: State) -> None:
    """Roles, database and grants; running it again changes nothing."""
    for database, step in (("postgres", _make_roles), (roles.DATABASE, _grant)):
        connection = _connect(state, database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                step(cursor, state)
        finally:
            connection.close()


def _make_roles(cursor: "psycopg2.extensions.cursor", state: State) -> None:
    """The roles and the database they share."""
    roles.ensure_roles(cursor, owner_password=state.owner_password, app_password=state.app_password)
    roles.ensure_database(cursor)


def _grant(cursor: "psycopg2.extensions.cursor", state: State) -> None:
    """What the application's role may do in the database."""
    for statement in roles.grant_statements():
        cursor.execute(statement)


def living_users(var: Path) -> list[Path]:
    """Files of the processes that still need the server; those of dead ones are removed."""
    living = []
    for path in private.make_folder(var / "users").iterdir():
        if path.name.isdigit() and processes.birth(int(path.name)) == private.read(path):
            living.append(path)
        else:
            path.unlink(missing_ok=True)
    return living


def _register(var: Path) -> None:
    """Note that this process needs the server until it ends; the caller holds the lock."""
    living_users(var)
    pid = os.getpid()
    private.write(var / "users" / str(pid), processes.birth(pid))
    atexit.register(partial(_leave, var, pid))


def _leave(var: Path, pid: int) -> None:
    """The last one out stops the server. Forks of the registered process leave silently."""
    if os.getpid() != pid or not var.exists():
        return
    # Nobody is left to tell; a server that stays is found by the next start.
    with suppress(LaunchFailed, OSError), private.locked(var / "embedded.lock"):
        (var / "users" / str(pid)).unlink(missing_ok=True)
        if not living_users(var):
            cluster.stop(_place(var) / "data")
