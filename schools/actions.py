"""Found schools, enter people, appoint and dismiss; the only writers of who may do what."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from audit.events import Actor, record
from audit.refusal import Reason, Refused
from privacy.fields import blind_id
from schools import clock
from schools.models import (
    Account,
    Appointment,
    Bureau,
    ClockShift,
    Organisation,
    Person,
    Reach,
    School,
)
from schools.roles import Role, duty_of


@transaction.atomic
def found_bureau(
    *, code: str, name: str, kind: str, region_code: str, superior: Bureau | None = None
) -> Bureau:
    """A city's or district's bureau."""
    return Bureau.objects.create(
        code=code, name=name, kind=kind, region_code=region_code, superior=superior
    )


@transaction.atomic
def found_school(
    *,
    code: str,
    name: str,
    stage: str,
    superior: Bureau,
    territory: Bureau,
    is_private: bool = False,
    has_boarding: bool = False,
    **contact: str,
) -> School:
    """A school, and who reaches it: itself, its superiors upward, and its territory's bureau."""
    school = School.objects.create(
        code=code,
        name=name,
        kind=Organisation.Kind.SCHOOL,
        stage=stage,
        superior=superior,
        territory=territory,
        is_private=is_private,
        has_boarding=has_boarding,
        **contact,
    )
    reaching = {school.pk, *_upward(superior), *_upward(territory)}
    Reach.objects.bulk_create(Reach(organisation_id=pk, school=school) for pk in sorted(reaching))
    return school


def _upward(organisation: Organisation | None) -> list[int]:
    found = []
    while organisation is not None:
        found.append(organisation.pk)
        organisation = organisation.superior
    return found


@transaction.atomic
def enter_person(*, name: str, id_number: str, phone: str = "", email: str = "") -> Person:
    """The person with this ID number, entered if new."""
    known = Person.objects.filter(id_blind=blind_id(id_number)).first()
    if known:
        return known
    person = Person(name=name, email=email, id_blind=blind_id(id_number))
    person.id_number = id_number
    person.phone = phone
    person.save()
    return person


@transaction.atomic
def open_account(*, person: Person, username: str, password: str) -> Account:
    """A sign-in for one person; nobody shares it."""
    return Account.objects.create_user(
        username, password, person, password_changed_on=clock.today()
    )


def appoint(
    *,
    person: Person,
    organisation: Organisation,
    role: Role,
    since: date,
    until: date | None = None,
    by: Actor | None = None,
) -> Appointment:
    """Appoint a person; the database refuses who would prepare and check at one organisation.

    Raises `Refused` when duties would overlap in time.
    """
    try:
        with transaction.atomic():
            appointment = Appointment.objects.create(
                person=person,
                organisation=organisation,
                role=role,
                duty=duty_of(role),
                period=DateRange(since, until, "[)"),
            )
            record(
                by=by or appointment,
                verb="appointment.appoint",
                label="任命",
                subject=appointment,
                at=clock.now(),
                facts={"role": str(role), "person": person.pk},
            )
    except IntegrityError as error:
        if "maker_is_not_checker" not in str(error) and "appointment_once" not in str(error):
            raise
        raise Refused(
            [
                Reason(
                    f"{person.name}在{organisation}已有不能同时担任的职责",
                    "经办和审核不能是同一人，请先结束原来的任期",
                )
            ]
        ) from None
    return appointment


@transaction.atomic
def dismiss(*, appointment: Appointment, last_day: date, by: Actor) -> Appointment:
    """End a term of office after `last_day`."""
    row = Appointment.objects.select_for_update().get(pk=appointment.pk)
    row.period = DateRange(row.period.lower, last_day + timedelta(days=1), "[)")
    row.save(update_fields=["period"])
    record(
        by=by,
        verb="appointment.dismiss",
        label="结束任期",
        subject=row,
        at=clock.now(),
        facts={"last_day": last_day.isoformat()},
    )
    return row


@transaction.atomic
def move_clock(*, to: date) -> None:
    """Move a demonstration's business date to nine o'clock of `to` (only with AID_REPLAY)."""
    target = clock.office_opens(to)
    shift = int((target - clock.real_now()).total_seconds())
    ClockShift.objects.update_or_create(pk=1, defaults={"seconds": shift})
    clock.set_shift(timedelta(seconds=shift))
