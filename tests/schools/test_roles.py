"""Duties: every role makes, checks, or neither; and the database agrees."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from schools.models import Account, Appointment, Term
from schools.official import calendar
from schools.roles import BUREAU_ROLES, CHECKERS, MAKERS, OFFICE, SCHOOL_ROLES, Duty, Role, duty_of
from schools.rules import (
    FILE_DAYS,
    NOT_CHOSEN,
    PASSWORD_DAYS,
    must_choose_password,
    roles_of,
    statutory_dates,
)
from tests.cast import Cast

DAY = date(2026, 9, 1)


def test_nobody_makes_and_checks() -> None:
    assert not MAKERS & CHECKERS
    assert {duty_of(r) for r in MAKERS} == {Duty.MAKER}
    assert {duty_of(r) for r in CHECKERS} == {Duty.CHECKER}
    assert {duty_of(r) for r in set(Role) - MAKERS - CHECKERS} == {Duty.NEUTRAL}


def test_every_role_belongs_somewhere(cast: Cast) -> None:
    assert SCHOOL_ROLES | BUREAU_ROLES | {Role.ADMIN} == set(Role)
    assert OFFICE < SCHOOL_ROLES
    assert roles_of(cast.school) == SCHOOL_ROLES
    assert roles_of(cast.district) == BUREAU_ROLES | {Role.ADMIN, Role.AUDITOR}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("duty", list(Duty))
def test_the_database_knows_each_roles_duty(cast: Cast, role: Role, duty: Duty) -> None:
    def write() -> None:
        with transaction.atomic():
            Appointment.objects.create(
                person=cast.admin.person,
                organisation=cast.b.school,
                role=role,
                duty=duty,
                period=DateRange(DAY, None, "[)"),
            )

    if duty == duty_of(role):
        write()
    else:
        with pytest.raises(IntegrityError, match="appointment_duty_of_role"):
            write()


@pytest.mark.parametrize(
    ("changed", "ages", "must"),
    [
        (None, True, False),
        (NOT_CHOSEN, True, True),
        (NOT_CHOSEN, False, True),
        (DAY, True, False),
        (date(2026, 6, 3), True, False),
        (date(2026, 6, 2), True, True),
        (date(2026, 6, 2), False, False),
    ],
)
def test_when_a_password_must_be_chosen(changed: date | None, ages: bool, must: bool) -> None:
    assert PASSWORD_DAYS == 90
    account = Account(username="x", password_changed_on=changed)
    assert must_choose_password(account, DAY, ages=ages) is must


def test_the_statutory_dates_of_an_autumn(cast: Cast) -> None:
    found = {d.key: d.due_on for d in statutory_dates(calendar(), cast.term)}
    assert found == {
        "start": date(2026, 9, 1),
        "applications": date(2026, 9, 8),
        "files": date(2026, 9, 29),
        "screening": date(2026, 12, 15),
        "scholarship": date(2026, 12, 31),
    }


def test_the_statutory_dates_of_a_spring_are_provisional_beyond_the_calendar(cast: Cast) -> None:
    spring = statutory_dates(calendar(), Term.objects.get(code="2026-2"))
    found = {d.key: (d.due_on, d.provisional) for d in spring}
    assert found["screening"] == (date(2027, 6, 15), False)
    assert found["applications"] == (date(2027, 3, 8), True)
    # 离校前20个工作日内: from that day on, until they leave.
    (leaving,) = [d for d in spring if d.key == "graduation"]
    assert (leaving.starts_on, leaving.workdays) == (date(2027, 6, 17), FILE_DAYS)
    assert found["graduation"] == (Term.objects.get(code="2026-2").ends_on, True)
