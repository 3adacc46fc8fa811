"""Fixtures of every test: the walled database, a named cast, and committed rows for races."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from aidadmin.celery import app
from audit import moves
from schools import clock
from schools.models import Account, Appointment
from schools.tenancy import set_scope
from tests import database, racing, rows
from tests.cast import Cast

# How fast a loaded machine draws or runs an example is no property of the code.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def fast_passwords() -> None:
    """Argon2 is slow by design; no test is about its speed."""
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS


@pytest.fixture(scope="session", autouse=True)
def known_jobs() -> None:
    """Every app's kinds of jobs are registered, as in a worker."""
    app.loader.import_default_modules()


@pytest.fixture(scope="session", autouse=True)
def nothing_remembered() -> None:
    """The menu's numbers are those of this moment and of this test's rows."""
    settings.REMEMBERED_SECONDS = 0


@pytest.fixture(scope="session")
def private_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and stored files of this run."""
    return tmp_path_factory.mktemp("private")


@pytest.fixture(scope="session", autouse=True)
def private_places(private_folder: Path) -> None:
    """No test reads or writes the keys or files of an installation."""
    settings.KEY_FILE = private_folder / "keys.json"
    settings.FILES_DIR = private_folder / "files"
    # Pages name their style sheets plainly; nothing has collected them here.
    settings.STATIC_ROOT = private_folder / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_blocker: Any,
    request: pytest.FixtureRequest,
    private_places: None,
    fast_passwords: None,
) -> Iterator[None]:
    """Create and migrate as the owner; every test then works as the application's role."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    # The process id keeps two runs on one server apart.
    name = f"test_aidadmin_{worker}_{os.getpid()}"
    with django_db_blocker.unblock():
        database.create(name)
    yield
    with django_db_blocker.unblock():
        for connection in connections.all():
            connection.close()
    database.drop(name)


@pytest.fixture
def start_of_term() -> Iterator[None]:
    """Tuesday 2026-09-01, nine in the morning."""
    with clock.at(clock.office_opens(date(2026, 9, 1))):
        yield


@pytest.fixture
def cast(db: None, start_of_term: None) -> Iterator[Cast]:
    """The named people of two districts, acting for school A until a test says otherwise."""
    found = rows.cast()
    set_scope(found.school.pk)
    yield found
    set_scope(None)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """The cast in committed rows, for races and kills; everything is emptied afterwards."""
    with django_db_blocker.unblock():
        try:
            with clock.at(clock.office_opens(date(2026, 9, 1))):
                found = rows.cast()
                set_scope(found.school.pk)
                yield found
        finally:
            connections["default"].close()
            rows.empty()


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read again, but nobody waits for anybody: the guard off, for a race's control."""
    monkeypatch.setattr(moves, "lock", racing.unlocked)


@pytest.fixture
def sign_in(client: Client) -> Any:
    """Sign a person in by appointment: `sign_in(cast.operator)` returns the client."""

    def enter(appointment: Appointment) -> Client:
        account = Account.objects.filter(person=appointment.person).first()
        assert account is not None
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["appointment"] = appointment.pk
        session.save()
        return client

    return enter
