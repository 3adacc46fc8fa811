"""The one-server installation says the same about roles and services as the embedded one."""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg2
import pytest
import yaml

from aidadmin.launch import cluster, embedded, roles
from tests.aidadmin.test_launch import User, ask, home

DEPLOY = embedded.PROJECT / "deploy"
SCRIPT = DEPLOY / "postgres" / "10-roles.sh"


def test_compose_gives_the_owner_role_to_migrations_alone() -> None:
    """A service that serves pages must not be able to lift row-level security."""
    services = yaml.safe_load((embedded.PROJECT / "docker-compose.yml").read_text())["services"]
    assert set(services) == {"migrate", "web", "worker", "beat", "postgres", "redis", "proxy"}
    owners = {n for n, s in services.items() if "DATABASE_OWNER_URL" in s.get("environment", {})}
    assert owners == {"migrate"}
    shared = (DEPLOY / "env.example").read_text()
    assert "PASSWORD" not in shared.replace("passwords.example", "")
    published = {name for name, service in services.items() if "ports" in service}
    assert published == {"proxy"}
    assert all("healthcheck" in s for n, s in services.items() if n != "migrate")


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
