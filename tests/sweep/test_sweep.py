"""Every address × method × role × relation answers as its view declares.

The addresses come from the resolver: one without a declaration, or with a parameter for which no
row is known, fails the build. Expected answers:

- signed out: the sign-in page (302), unless the view is public;
- a role that may not enter: 403, before anything about the object is looked up;
- another school's object, whoever asks: 404;
- a method that is not declared: 405;
- one's own: anything but 403, 404, 405 and 5xx, unless listed in `OWN_NOT_FOUND` with a reason.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from aidadmin import shell
from schools.access import Access
from schools.models import Account, Appointment
from schools.roles import Role
from schools.tenancy import set_scope
from tests.cast import Cast, appoint
from tests.sweep.objects import objects_of

# (url name, role): its own row is not found for that role, and why.
OWN_NOT_FOUND: dict[str, str] = {
    "office:message": "a message is its receiver's alone",
    "office:job": "a job is its owner's alone",
    "office:job_stop": "a job is its owner's alone",
    "office:job_result": "a job is its owner's alone; the sample has no result yet",
    "clock": "exists only in a demonstration",
    "appointment": "the form names one of the own appointments; the sweep sends an empty one",
}
# Third-party addresses that declare nothing.
FOREIGN_NAMES = {"logout"}


@dataclass(frozen=True)
class Address:
    name: str
    parameters: tuple[str, ...]
    access: Access | None


def addresses() -> list[Address]:
    return list(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, namespace: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner)
        elif isinstance(entry, URLPattern):
            yield _address(entry, namespace)


def _address(entry: URLPattern, namespace: str) -> Address:
    view = entry.callback
    access = getattr(view, "access", None) or getattr(
        getattr(view, "view_class", None), "access", None
    )
    parameters = tuple(sorted(entry.pattern.regex.groupindex))
    return Address(f"{namespace}{entry.name}", parameters, access)


ADDRESSES = addresses()


def test_every_address_declares_who_may_enter() -> None:
    silent = {a.name for a in ADDRESSES if a.access is None} - FOREIGN_NAMES
    assert silent == set()


def test_names_are_unique() -> None:
    names = [a.name for a in ADDRESSES]
    assert len(names) == len(set(names))


@dataclass
class World:
    cast: Cast
    own: dict[str, Any]
    neighbour: dict[str, Any]
    stranger: dict[str, Any]
    clients: dict[str, Client]

    def url(self, address: Address, values: dict[str, Any]) -> str:
        missing = [p for p in address.parameters if p not in values]
        assert not missing, f"{address.name}: no sample row for {missing} in tests/sweep"
        return reverse(address.name, kwargs={p: values[p] for p in address.parameters})


def _client(appointment: Appointment) -> Client:
    client = Client(raise_request_exception=False)
    account = Account.objects.get(person=appointment.person)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["appointment"] = appointment.pk
    session.save()
    return client


ROLES: dict[str, Callable[[Cast], Appointment]] = {
    Role.OPERATOR.value: lambda cast: cast.a.operator,
    Role.REVIEWER.value: lambda cast: cast.a.reviewer,
    Role.LEADER.value: lambda cast: cast.a.leader,
    Role.FINANCE.value: lambda cast: cast.a.finance,
    Role.COMMITTEE.value: lambda cast: cast.a.committee,
    Role.HEAD_TEACHER.value: lambda cast: cast.a.head_teacher,
    Role.AUDITOR.value: lambda cast: appoint("督查", cast.a.school, Role.AUDITOR, "auditor-a"),
    Role.BUREAU_OPERATOR.value: lambda cast: cast.bureau_operator,
    Role.BUREAU_REVIEWER.value: lambda cast: cast.bureau_reviewer,
    Role.ADMIN.value: lambda cast: cast.admin,
}


def test_every_role_is_swept() -> None:
    assert set(ROLES) == set(Role.values)


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    # Counting what waits takes most of the time of a page; the desk itself asks all the same.
    nothing = shell.Frame(counts={}, unread=0, term="", week=None)
    monkeypatch.setattr(shell, "frame_of", lambda *_: nothing)
    own = objects_of(cast.a)
    neighbour = objects_of(cast.b)
    stranger = objects_of(cast.c)
    set_scope(cast.school.pk)
    clients = {role: _client(of(cast)) for role, of in ROLES.items()}
    set_scope(None)
    return World(cast, own, neighbour, stranger, clients)


# Parameters that name no tenant's row: a foreign value does not exist for them.
PUBLIC_PARAMETERS = {"term_code", "token", "school_id"}


def _is_private(address: Address) -> bool:
    return bool(set(address.parameters) - PUBLIC_PARAMETERS)


def _ask(client: Client, method: str, url: str) -> int:
    return client.get(url).status_code if method == "GET" else client.post(url, {}).status_code


def test_signed_out_sees_the_sign_in_page_only(world: World) -> None:
    wrong = []
    client = Client(raise_request_exception=False)
    for address in ADDRESSES:
        if address.access is None or address.access.public:
            continue
        for method in ("GET", "POST"):
            status = _ask(client, method, world.url(address, world.own))
            if status != 302:
                wrong.append(f"{method} {address.name}: {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_roles_are_let_in_as_declared(world: World, role: str) -> None:
    wrong, client = [], world.clients[role]
    for address in ADDRESSES:
        access = address.access
        if access is None or access.public:
            continue
        url = world.url(address, world.own)
        for method in ("GET", "POST"):
            status = _ask(client, method, url)
            if not _as_declared(address, role, method, status):
                wrong.append(f"{role} {method} {address.name}: {status}")
    assert not wrong, "\n".join(wrong)


def _as_declared(address: Address, role: str, method: str, status: int) -> bool:
    access = address.access
    assert access is not None
    if role not in access.roles:
        return status == 403
    if method not in access.methods:
        return status == 405
    if status == 404:
        # A bureau has no rows of its own here, and some rows belong to one person alone.
        return address.name in OWN_NOT_FOUND or role.startswith("bureau") or role == Role.ADMIN
    return status < 500 and status not in (403, 405)


@pytest.mark.parametrize("whose", ["neighbour", "stranger"])
def test_other_schools_rows_do_not_exist(world: World, whose: str) -> None:
    wrong = []
    foreign = getattr(world, whose)
    for address in ADDRESSES:
        access = address.access
        if access is None or access.public or not _is_private(address):
            continue
        url = world.url(address, foreign)
        for role, client in world.clients.items():
            if role not in access.roles:
                continue
            if role.startswith("bureau") and whose == "neighbour":
                # The district reaches both of its schools.
                continue
            for method in access.methods:
                status = _ask(client, method, url)
                if status != 404:
                    wrong.append(f"{role} {method} {address.name} ({whose}): {status}")
    assert not wrong, "\n".join(wrong)
