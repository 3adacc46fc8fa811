"""The one-server installation says the same about roles and services as the embedded one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml
from django.conf import settings

from aidadmin.launch import cluster, embedded, roles
from applications.rules.visits import MOST_PHOTOS
from tests.aidadmin.test_launch import User, ask, environment, home

DEPLOY = embedded.PROJECT / "deploy"
SCRIPT = DEPLOY / "postgres" / "10-roles.sh"
COMPOSE = embedded.PROJECT / "docker-compose.yml"
IMAGE = "aidadmin:local"
# What this machine decides alone has a right default everywhere.
LEFT_TO_DEFAULT = {"AID_DEBUG", "AID_REPLAY", "AID_KEY_FILE", "AID_FILES"}


def services() -> dict[str, Any]:
    """The services of the compose file."""
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def example(name: str) -> dict[str, str]:
    """The variables of an example file, those that stand as a comment too."""
    lines = (DEPLOY / name).read_text().splitlines()
    named = (re.match(r"#?([A-Z_]+)=(.*)", line) for line in lines)
    return {found[1]: found[2] for found in named if found}


def test_what_an_installation_is_told_is_what_the_settings_read() -> None:
    """A variable that nobody reads is believed in; one that nobody names is not known."""
    read = set(
        re.findall(
            r'env\.\w+\(\s*"([A-Z_]+)"',
            (embedded.PROJECT / "aidadmin" / "settings.py").read_text(),
        )
    )
    image = set(re.findall(r"(AID_\w+)=", (embedded.PROJECT / "Dockerfile").read_text()))
    given = {n for s in services().values() if s.get("image") == IMAGE for n in s["environment"]}
    told = set(example("env.example")) | given | (image - {"AID_RARE_FONTS"})
    assert told - read == set()
    assert read - told - LEFT_TO_DEFAULT == set()


def test_compose_asks_for_each_password_by_the_name_in_its_example() -> None:
    """And none has a value that would do: what is left empty stops the start in words."""
    asked = set(re.findall(r"\$\{(AID_\w+)", COMPOSE.read_text()))
    passwords = example("passwords.example")
    assert asked == set(passwords)
    secrets = {name for name in passwords if name.endswith("PASSWORD")}
    assert {passwords[name] for name in secrets} == {""}
    assert set(re.findall(r"\$\{(AID_\w+):\?", COMPOSE.read_text())) == secrets
    assert example("env.example")["AID_SECRET_KEY"] == ""


def test_one_service_builds_the_image_and_every_log_ends() -> None:
    """Two builds of one name stop each other; a log without end fills the database's disk."""
    ours = {name for name, service in services().items() if service.get("image") == IMAGE}
    assert ours == {"migrate", "web", "worker", "beat"}
    assert {name for name, service in services().items() if "build" in service} == {"migrate"}
    assert all("migrate" in services()[name]["depends_on"] for name in ours - {"migrate"})
    assert all("max-size" in s["logging"]["options"] for s in services().values())


def test_no_secret_of_the_folder_goes_into_the_image() -> None:
    """Whoever may pull an image reads all that was copied: keys, passwords, backups."""
    ignored = set((embedded.PROJECT / ".dockerignore").read_text().split())
    secret = {"var", "deploy/env", "deploy/passwords", "deploy/certs", ".git"}
    assert secret | {"**/*.dump", "**/*.tgz", "**/*.pem"} <= ignored


def start(*command: str, **told: str) -> "subprocess.CompletedProcess[str]":
    """A command of the image with this environment; the database is not asked."""
    place = environment(Path(settings.KEY_FILE).parent / "none")
    given = {"DATABASE_URL": "postgres://aidadmin_app@127.0.0.1:1/none"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=embedded.PROJECT,
        env=place | given | told,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "begins"),
    [
        (["manage.py", "check"], "(aidadmin.E001) "),
        # Gunicorn gives up after an exception; after an exit it starts its workers for ever.
        (["-c", "import aidadmin.wsgi"], "ImproperlyConfigured: "),
    ],
)
def test_what_is_missing_is_refused_in_words(command: list[str], begins: str) -> None:
    """A known key would let everybody forge what the key signs; letters print the address."""
    told = {name: value for name, value in example("env.example").items() if value}
    refused = start(*command, **told)
    assert refused.returncode == 1
    assert f"{begins}AID_SECRET_KEY 没有设置" in refused.stderr
    keyed = told | {"AID_SECRET_KEY": "0123456789abcdef" * 4}
    assert start(*command, **keyed).returncode == 0
    elsewhere = start(*command, **keyed | {"AID_BASE_URL": "http://127.0.0.1:8000"})
    assert elsewhere.returncode == 1
    assert "AID_BASE_URL" in elsewhere.stderr


def blocks(text: str) -> list[str]:
    """The server blocks of an nginx configuration."""
    return re.findall(r"^server \{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)


def test_the_proxy_logs_no_whole_path_and_takes_what_the_application_takes() -> None:
    """Tokens of notices stand in paths, and the plain port sees them first."""
    text = (DEPLOY / "nginx" / "aidadmin.conf").read_text()
    assert len(blocks(text)) == 2
    for block in blocks(text):
        assert re.search(r"^    access_log \S+ aidadmin;", block, re.MULTILINE)
        assert re.search(r"^    error_log \S+ crit;", block, re.MULTILINE)
    (limit,) = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(limit) * 1024 * 1024 > MOST_PHOTOS * settings.UPLOAD_LIMIT


def test_compose_gives_the_owner_role_to_migrations_alone() -> None:
    """A service that serves pages must not be able to lift row-level security."""
    known = services()
    assert set(known) == {"migrate", "web", "worker", "beat", "postgres", "redis", "proxy"}
    owners = {n for n, s in known.items() if "DATABASE_OWNER_URL" in s.get("environment", {})}
    assert owners == {"migrate"}
    shared = (DEPLOY / "env.example").read_text()
    assert "PASSWORD" not in shared.replace("passwords.example", "")
    published = {name for name, service in known.items() if "ports" in service}
    assert published == {"proxy"}
    assert all("healthcheck" in s for n, s in known.items() if n != "migrate")


def test_script_grants_what_the_launcher_grants() -> None:
    """Two lists of grants must not drift apart."""
    script = SCRIPT.read_text()
    assert [s for s in roles.grant_statements() if f"{s};" not in script] == []


def test_script_makes_roles_that_work(tmp_path: Path) -> None:
    """Run on a fresh PostgreSQL with the superuser the image would use."""
    var = tmp_path.resolve() / "var"
    user = User(var)
    user.urls()
    state = embedded._read_state(var)
    server = embedded._server(var, state)
    psql = server.binaries.folder / "psql"
    if not psql.exists():
        pytest.skip("this PostgreSQL comes without psql")
    assert state
    try:
        connect = embedded._connect(state, "postgres")
        connect.autocommit = True
        for statement in ("DATABASE aidadmin", "ROLE aidadmin_app", "ROLE aidadmin_owner"):
            connect.cursor().execute(f"DROP {statement}")
        connect.close()
        secret = {"AID_OWNER_PASSWORD": "o'wner", "AID_APP_PASSWORD": "a$pp"}
        login = {"PGHOST": "127.0.0.1", "PGPORT": str(state.port), "PGUSER": cluster.SUPERUSER}
        path = {"PATH": f"{psql.parent}:{os.environ['PATH']}", "PGPASSWORD": state.super_password}
        subprocess.run(["sh", str(SCRIPT)], env=login | path | secret, check=True)
        place = f"host=127.0.0.1 port={state.port} dbname=aidadmin"
        ask(f"{place} user=aidadmin_owner password='o\\'wner'", "CREATE TABLE t (id bigserial)")
        app = f"{place} user=aidadmin_app password='a$pp'"
        assert ask(app, "INSERT INTO t DEFAULT VALUES RETURNING id") == [(1,)]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(app, "CREATE TABLE mine (id int)")
    finally:
        user.leave()
        cluster.stop(home(var) / "data")
        shutil.rmtree(home(var), ignore_errors=True)
