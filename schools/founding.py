"""Begin an installation, add organisations below, change them, appoint their first people."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction

from audit.events import Actor, record
from audit.refusal import Reason, refuse_if
from privacy.fields import blind_id
from privacy.identity import check_id, valid_name
from schools import clock, hierarchy, marks
from schools.actions import (
    Employed,
    appoint,
    employ,
    enter_person,
    found_bureau,
    found_school,
    lay_reach,
)
from schools.actions import reset_password as give_password
from schools.models import Account, Appointment, Bureau, Organisation, School
from schools.passwords import one_time_password
from schools.roles import Role
from schools.rules import (
    NOT_CHOSEN,
    Taken,
    first_roles,
    why_not_appoint_first,
    why_not_begin,
    why_not_code,
    why_not_district,
    why_not_employ,
    why_not_name,
    why_not_place,
)
from schools.scope import acting_for

NOT_REACHED = Reason("这个单位不在本单位之下", "请联系它的主管部门")
CODE_TAKEN = Taken(code=True)
FOUNDING_LOCK = 990_001


@transaction.atomic
def begin(
    *, code: str, name: str, kind: str, admin_name: str, admin_id: str, username: str
) -> Employed:
    """Found the first bureau and appoint its administrator, who gets a one-time password.

    Raises `Refused` when there is a bureau already or anything typed can't be right.
    """
    with connection.cursor() as cursor:
        # Two who begin at once wait here, so that the second one finds a bureau.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOUNDING_LOCK])
    known = check_id(admin_id, today=clock.today(), region_known=lambda _: True)
    refuse_if(
        [
            *why_not_begin(code, name, username, begun=Bureau.objects.exists()),
            *(Reason(text) for text in valid_name(admin_name)),
            *(Reason(text) for text in known.problems),
        ]
    )
    bureau = found_bureau(code=code, name=name.strip(), kind=kind, region_code=code)
    person = enter_person(name=admin_name.strip(), id_number=known.number)
    password = one_time_password()
    with acting_for(bureau):
        admin = appoint(person=person, organisation=bureau, role=Role.ADMIN, since=clock.today())
        account = Account.objects.create_user(
            username, password, person, password_changed_on=NOT_CHOSEN
        )
        _note(admin, bureau, "organisation.found", "建立机构", {"code": code})
        record(
            by=admin,
            verb="account.open",
            label="开通账号",
            subject=account,
            at=clock.now(),
            facts={"person": person.pk},
        )
    return Employed(admin, username, password)


@transaction.atomic
def add_district(*, code: str, name: str, by: Appointment, **contact: str) -> Bureau:
    """A district's bureau under the actor's city; its code is its 行政区划代码."""
    city = Bureau.objects.filter(pk=by.organisation_id).first()
    known = hierarchy.taken(code=code, name=name, place_id=by.organisation_id)
    region = city.region_code if city else ""
    refuse_if(
        [
            *why_not_district(by.organisation, code, region),
            *why_not_code(code, known, school=False),
            *why_not_name(name, known),
        ]
    )
    try:
        with transaction.atomic():
            bureau = found_bureau(
                code=code,
                name=name,
                kind=Organisation.Kind.DISTRICT,
                region_code=code,
                superior=city,
                **contact,
            )
    except IntegrityError:
        # Someone added the same one a moment ago.
        refuse_if(why_not_code(code, CODE_TAKEN, school=False))
        raise
    _note(by, bureau, "organisation.found", "建立机构", {"code": code, "name": name})
    return bureau


@transaction.atomic
def add_school(
    *,
    code: str,
    name: str,
    stage: str,
    superior: Bureau,
    territory: Bureau,
    by: Appointment,
    is_private: bool = False,
    has_boarding: bool = False,
    **contact: str,
) -> School:
    """A school whose superior and territory are the actor's bureau or bureaus under it."""
    known = hierarchy.taken(code=code, name=name, place_id=territory.pk)
    keys = {b.pk for b in hierarchy.below(by.organisation)}
    refuse_if(
        [
            *why_not_code(code, known, school=True),
            *why_not_name(name, known),
            *why_not_place(keys, superior.pk, territory.pk),
        ]
    )
    try:
        with transaction.atomic():
            school = found_school(
                code=code,
                name=name,
                stage=stage,
                superior=superior,
                territory=territory,
                is_private=is_private,
                has_boarding=has_boarding,
                **contact,
            )
    except IntegrityError:
        # Someone added the same one a moment ago.
        refuse_if(why_not_code(code, CODE_TAKEN, school=True))
        raise
    places = {"superior": superior.pk, "territory": territory.pk}
    _note(by, school, "organisation.found", "建立机构", {"code": code, "name": name, **places})
    return school


@transaction.atomic
def change(
    *, organisation: Organisation, by: Appointment, mark: str = "", **facts: Any
) -> list[str]:
    """Change name, contacts, place or qualities; returns the names of what really changed.

    `mark` is that of the facts which the page knew: a form filled in before somebody else's save
    would take that back.

    Code and stage can be mended until the first appointment. A school that moves is reached by
    its new superiors and territory from the same moment on, and no longer by the old ones.
    """
    row = _locked(organisation)
    changed = {name: value for name, value in facts.items() if _is_new(row, name, value)}
    refuse_if(
        [*(marks.why_changed(row, mark) if changed else []), *_why_not_change(row, changed, by)]
    )
    if not changed:
        return []
    before = {name: _plain(getattr(row, name)) for name in changed}
    if isinstance(row, Bureau) and "code" in changed:
        changed["region_code"] = changed["code"]
    for name, value in changed.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=list(changed))
    except IntegrityError:
        refuse_if(why_not_code(row.code, CODE_TAKEN, school=row.is_school))
        raise
    if isinstance(row, School) and changed.keys() & {"superior", "territory"}:
        lay_reach(row)
    after = {name: _plain(getattr(row, name)) for name in before}
    _note(by, row, "organisation.change", "更正机构", {"before": before, "after": after})
    return list(before)


def _locked(organisation: Organisation) -> School | Bureau:
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    if organisation.is_school:
        return School.objects.select_related("superior", "territory").get(pk=organisation.pk)
    return Bureau.objects.get(pk=organisation.pk)


def _is_new(row: Organisation, name: str, value: Any) -> bool:
    if isinstance(value, Organisation):
        # A bureau and its row as an organisation are equal by key only.
        return bool(getattr(row, f"{name}_id") != value.pk)
    return bool(getattr(row, name) != value)


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Organisation) else value


def _why_not_change(
    row: School | Bureau, changed: Mapping[str, Any], by: Appointment
) -> list[Reason]:
    reasons = []
    if not hierarchy.reaches(by.organisation, row):
        reasons.append(NOT_REACHED)
    if changed.keys() & {"code", "stage"} and hierarchy.staffed(row):
        reasons.append(Reason("已经任命过人，代码和学段不能再改", "确需更改的请联系系统维护人员"))
    territory_id = row.superior_id
    if isinstance(row, School):
        superior = changed.get("superior", row.superior)
        territory = changed.get("territory", row.territory)
        territory_id = territory.pk
        if changed.keys() & {"superior", "territory"}:
            keys = {b.pk for b in hierarchy.below(by.organisation)}
            reasons += why_not_place(keys, superior.pk, territory.pk)
            if not hierarchy.may_place(by.organisation, row):
                reasons.append(Reason("主管部门和属地由共同的上级来改", "请联系市教委"))
    if changed.keys() & {"code", "name", "territory"}:
        code, name = changed.get("code", row.code), changed.get("name", row.name)
        known = hierarchy.taken(code=code, name=name, place_id=territory_id, apart_from=row)
        # A code that was given otherwise stays; only a new one must have the form.
        reasons += why_not_code(code, known, school=row.is_school) if "code" in changed else []
        reasons += why_not_name(name, known)
    return reasons


@transaction.atomic
def appoint_first(
    *,
    organisation: Organisation,
    name: str,
    id_number: str,
    role: Role,
    since: date,
    by: Appointment,
    last_day: date | None = None,
) -> Employed:
    """Appoint from above whoever shall appoint the others, while nobody in office can.

    Written in that organisation's trail. Raises `Refused` with every reason.
    """
    # Two superiors appointing at once wait here, and `dismiss` does too.
    row = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    manager = _manager(row)
    refuse_if(
        [
            *([] if hierarchy.reaches(by.organisation, row) else [NOT_REACHED]),
            *why_not_appoint_first(
                row, role, manager, oneself=blind_id(id_number) == by.person.id_blind
            ),
            *why_not_employ(row, role, since, last_day),
        ]
    )
    with acting_for(row):
        return employ(
            name=name,
            id_number=id_number,
            organisation=row,
            role=role,
            since=since,
            last_day=last_day,
            by=by,
        )


def _manager(organisation: Organisation) -> Appointment | None:
    found = hierarchy.in_charge([organisation.pk], clock.today())
    return next(iter(found.get(organisation.pk, [])), None)


@transaction.atomic
def give_first_password(*, appointment: Appointment, by: Appointment, mark: str = "") -> Employed:
    """A new one-time password for someone appointed from above who never chose an own one.

    Whoever has signed in and chosen a password is not touched from above. `mark`: see
    `reset_password`.
    """
    organisation = appointment.organisation
    # Whoever chooses a password at this moment has chosen it before anything is looked at.
    list(Account.objects.select_for_update().filter(person_id=appointment.person_id).order_by("pk"))
    waiting = hierarchy.unopened([organisation.pk], clock.today())
    reasons = []
    if not hierarchy.reaches(by.organisation, organisation):
        reasons.append(NOT_REACHED)
    if appointment.role not in first_roles(organisation) or appointment.pk not in waiting:
        reasons.append(Reason("本人已经换成自己的密码", "请由本单位的管理人重设，或本人修改密码"))
    refuse_if(reasons)
    with acting_for(organisation):
        return give_password(appointment=appointment, by=by, mark=mark)


def _note(
    by: Actor, organisation: Organisation, verb: str, label: str, facts: Mapping[str, Any]
) -> None:
    # A bureau below is in nobody's reach but its own; its trail is written in its name.
    with acting_for(organisation):
        record(
            by=by,
            verb=verb,
            label=label,
            subject=organisation,
            at=clock.now(),
            organisation_id=organisation.pk,
            facts=facts,
        )
