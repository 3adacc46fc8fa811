"""Found schools, enter people, appoint and dismiss; the only writers of who may do what."""

import itertools
import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from pypinyin import lazy_pinyin

from audit.events import Actor, record
from audit.refusal import Reason, Refused, refuse_if
from privacy.fields import blind_id
from privacy.identity import name_key
from schools import clock
from schools.models import (
    Account,
    Appointment,
    Bureau,
    Organisation,
    Person,
    Reach,
    School,
)
from schools.passwords import mark_of, one_time_password
from schools.queue import other_manager, serves_elsewhere
from schools.roles import Duty, Role, duty_of
from schools.rules import (
    NOT_CHOSEN,
    why_not_dismiss,
    why_not_employ,
    why_not_open_account,
)


@transaction.atomic
def found_bureau(
    *,
    code: str,
    name: str,
    kind: str,
    region_code: str,
    superior: Bureau | None = None,
    **contact: str,
) -> Bureau:
    """A city's or district's bureau."""
    return Bureau.objects.create(
        code=code,
        name=name,
        kind=kind,
        region_code=region_code,
        superior=superior,
        **contact,
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
    lay_reach(school)
    return school


def lay_reach(school: School) -> None:
    """Write who reaches a school, after it was founded or moved; call in its transaction."""
    reaching = {school.pk, *_upward(school.superior), *_upward(school.territory)}
    Reach.objects.filter(school=school).exclude(organisation_id__in=reaching).delete()
    rows = [Reach(organisation_id=pk, school=school) for pk in sorted(reaching)]
    Reach.objects.bulk_create(rows, ignore_conflicts=True)


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
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        # Someone entered the same person a moment ago.
        return Person.objects.get(id_blind=blind_id(id_number))
    return person


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

    `until` is the first day out of office. Raises `Refused` when duties would overlap in time.
    """
    period = DateRange(since, until, "[)")
    try:
        with transaction.atomic():
            # In turn, so that two appointments of one person don't wait for each other.
            Person.objects.select_for_update(no_key=True).get(pk=person.pk)
            appointment = Appointment.objects.create(
                person=person,
                organisation=organisation,
                role=role,
                duty=duty_of(role),
                period=period,
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
        raise Refused(_clashes(person, organisation, role, period)) from None
    return appointment


def _clashes(
    person: Person, organisation: Organisation, role: Role, period: DateRange
) -> list[Reason]:
    held = Appointment.objects.filter(
        person_id=person.pk, organisation_id=organisation.pk, period__overlap=period
    ).order_by("period")
    reasons = []
    for other in held:
        term = _term_of_office(other)
        if other.role == role:
            reasons.append(Reason(f"{person.name}{term}已经担任{role.label}", "不用再任命"))
        elif {other.duty, duty_of(role)} == {Duty.MAKER, Duty.CHECKER}:
            reasons.append(
                Reason(
                    f"{person.name}{term}担任{other.get_role_display()}，不能同时担任{role.label}",
                    "经办和审核不能是同一人，请先结束原来的任期，或另选一人",
                )
            )
    return reasons or [Reason(f"{person.name}的任期刚刚有变动", "请刷新页面后再试")]


def _term_of_office(appointment: Appointment) -> str:
    since, until = appointment.period.lower, appointment.period.upper
    ends = f"至{until - timedelta(days=1):%Y年%-m月%-d日}" if until else "起"
    return f"{since:%Y年%-m月%-d日}{ends}"


@dataclass(frozen=True, slots=True)
class Employed:
    """An appointment with its account; `password` is the one-time password of a new account."""

    appointment: Appointment
    username: str
    password: str = ""


@transaction.atomic
def employ(
    *,
    name: str,
    id_number: str,
    organisation: Organisation,
    role: Role,
    since: date,
    by: Appointment,
    last_day: date | None = None,
    email: str = "",
) -> Employed:
    """Appoint by name and ID number; whoever has no account gets one with a one-time password.

    Raises `Refused` when the role does not exist here, the dates are reversed, the number is
    known under another name, or duties would overlap.
    """
    refuse_if(
        [
            *why_not_employ(organisation, role, since, last_day),
            *why_not_open_account(organisation, role, by),
        ]
    )
    person = enter_person(name=name, id_number=id_number, email=email)
    if name_key(person.name) != name_key(name):
        # Whose number it is stays untold.
        raise Refused([Reason("这个身份证号已登记在另一个姓名下", "请对照身份证核对姓名和号码")])
    until = last_day + timedelta(days=1) if last_day else None
    appointment = appoint(
        person=person, organisation=organisation, role=role, since=since, until=until, by=by
    )
    account = Account.objects.filter(person=person, is_active=True).order_by("pk").first()
    if account:
        return Employed(appointment, account.username)
    password = one_time_password()
    account = _new_account(person, password)
    record(
        by=by,
        verb="account.open",
        label="开通账号",
        subject=account,
        at=clock.now(),
        organisation_id=organisation.pk,
        facts={"person": person.pk},
    )
    return Employed(appointment, account.username, password)


def _new_account(person: Person, password: str) -> Account:
    base = "".join(re.findall(r"[a-z]+", "".join(lazy_pinyin(person.name)).lower()))[:24] or "user"
    for n in itertools.count(1):
        username = base if n == 1 else f"{base}{n}"
        if Account.objects.filter(username=username).exists():
            continue
        try:
            with transaction.atomic():
                return Account.objects.create_user(
                    username, password, person, password_changed_on=NOT_CHOSEN
                )
        except IntegrityError:
            continue
    raise AssertionError("unreachable")


@transaction.atomic
def reset_password(*, appointment: Appointment, by: Appointment, mark: str = "") -> Employed:
    """A new one-time password for someone who holds office here and nowhere else.

    `mark` is that of the password which the page knew: of two who reset at once the second would
    make the first one's password, told already, worthless.
    """
    account = (
        Account.objects.select_for_update()
        .filter(person_id=appointment.person_id, is_active=True)
        .order_by("pk")
        .first()
    )
    if account is None:
        raise Refused([Reason("这个人还没有账号", "请重新任命，系统会开通账号")])
    reasons = []
    if mark and mark != mark_of(account):
        reasons.append(Reason("密码刚刚被重设或修改过", "请刷新页面；本人仍不能登录时再重设"))
    if account.person_id == by.person_id:
        reasons.append(Reason("不能给自己重设密码", "请在右上角“修改密码”里更换"))
    if serves_elsewhere(account.person_id, appointment.organisation, clock.today()):
        reasons.append(Reason("这个人还在其他单位任职，密码不归一个单位重设", "请本人修改密码"))
    reasons += why_not_open_account(appointment.organisation, appointment.role, by)
    refuse_if(reasons)
    password = one_time_password()
    account.set_password(password)
    account.password_changed_on = NOT_CHOSEN
    account.save(update_fields=["password", "password_changed_on"])
    record(
        by=by,
        verb="account.reset_password",
        label="重设密码",
        subject=account,
        at=clock.now(),
        organisation_id=appointment.organisation_id,
        facts={"person": account.person_id},
    )
    return Employed(appointment, account.username, password)


@transaction.atomic
def choose_password(*, account: Account, password: str, by: Appointment) -> Account:
    """The owner's own new password.

    Raises `Refused` when it was changed or reset since `account` was read: whoever still works in
    an old session does not undo a reset.
    """
    known = account.password
    account = Account.objects.select_for_update().get(pk=account.pk)
    if account.password != known:
        raise Refused([Reason("密码刚刚被改过，这次没有改动", "请用新的密码重新登录")])
    account.set_password(password)
    account.password_changed_on = clock.today()
    account.save(update_fields=["password", "password_changed_on"])
    record(by=by, verb="account.choose_password", label="修改密码", subject=account, at=clock.now())
    return account


@transaction.atomic
def dismiss(*, appointment: Appointment, last_day: date, by: Actor) -> Appointment:
    """End a term of office after `last_day`.

    Raises `Refused` when it has ended, the day lies before today's work, or nobody would be left
    who can appoint people.
    """
    # Two managers dismissing each other wait here, so that one of them stays.
    Organisation.objects.select_for_update(no_key=True).get(pk=appointment.organisation_id)
    row = Appointment.objects.select_for_update().get(pk=appointment.pk)
    after = last_day + timedelta(days=1)
    refuse_if(
        why_not_dismiss(row, last_day, clock.today(), another_manager=other_manager(row, after))
    )
    row.period = DateRange(row.period.lower, after, "[)")
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
