"""Questions about organisations under one another: who is below, reached, in charge, taken."""

from collections.abc import Collection
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from schools.models import Account, Appointment, Bureau, Organisation, Reach, School
from schools.rules import MANAGERS, NOT_CHOSEN, Taken


def below(top: Organisation) -> list[Bureau]:
    """A bureau and every bureau under it, from the top; empty for a school."""
    bureaus = list(Bureau.objects.select_related("superior").order_by("code"))
    found = [b for b in bureaus if b.pk == top.pk]
    for bureau in found:
        # The list grows while it is read: a tree, level by level.
        found.extend(b for b in bureaus if b.superior_id == bureau.pk)
    return found


def line_of(organisation_id: int) -> list[int]:
    """An organisation and those above it (主管部门), from below to the top; one query."""
    one = Organisation.objects.select_related("superior__superior__superior").get(
        pk=organisation_id
    )
    found = [one.pk]
    while one.superior is not None:
        one = one.superior
        found.append(one.pk)
    return found


def under(top_id: int) -> Q:
    """Condition on an organisation: its line of superiors leads to `top_id`, or it is that one."""
    return (
        Q(pk=top_id)
        | Q(superior_id=top_id)
        | Q(superior__superior_id=top_id)
        | Q(superior__superior__superior_id=top_id)
    )


def schools_of(top: Organisation) -> QuerySet[School]:
    """Every school that a bureau reaches, by superior or territory, each once, by name."""
    return (
        School.objects.filter(reached_from__organisation_id=top.pk)
        .select_related("superior", "territory")
        .order_by("name", "pk")
    )


def reaches(top: Organisation, organisation: Organisation) -> bool:
    """Whether an organisation is at or below a bureau, schools of its territory included."""
    if organisation.is_school:
        return Reach.objects.filter(organisation_id=top.pk, school_id=organisation.pk).exists()
    return any(b.pk == organisation.pk for b in below(top))


def may_place(top: Organisation, school: School) -> bool:
    """Whether the bureau decides on superior and territory: both are at or below it."""
    keys = {b.pk for b in below(top)}
    return school.superior_id in keys and school.territory_id in keys


def in_charge(keys: Collection[int], day: date) -> dict[int, list[Appointment]]:
    """Who may appoint people on `day`, by organisation, the longest in office first."""
    found: dict[int, list[Appointment]] = {}
    for one in (
        Appointment.objects.valid_on(day)
        .filter(organisation_id__in=keys, role__in=MANAGERS)
        .select_related("person")
        .order_by("period", "pk")
    ):
        found.setdefault(one.organisation_id, []).append(one)
    return found


def staffed(organisation: Organisation) -> bool:
    """Whether anybody was ever appointed there; from then on files and lists hold its code."""
    return Appointment.objects.filter(organisation_id=organisation.pk).exists()


def taken(
    *, code: str, name: str, place_id: int | None, apart_from: Organisation | None = None
) -> Taken:
    """Whether another one has the code, or the name under the same bureau or territory."""
    others = Organisation.objects.all()
    if apart_from:
        others = others.exclude(pk=apart_from.pk)
    there = Q(superior_id=place_id) | Q(school__territory_id=place_id)
    return Taken(
        code=others.filter(code=code).exists(),
        name=others.filter(there, name=name).exists(),
    )


def without_manager(schools: QuerySet[School], day: date) -> QuerySet[School]:
    """Those of the schools where nobody may appoint people on `day`."""
    managers = Appointment.objects.valid_on(day).filter(
        organisation_id=OuterRef("pk"), role__in=MANAGERS
    )
    return schools.filter(~Exists(managers))


def counts_of_schools(keys: Collection[int]) -> dict[int, int]:
    """How many schools each bureau reaches."""
    found = Reach.objects.filter(organisation_id__in=keys).values_list("organisation_id")
    return dict(found.annotate(n=Count("pk")).order_by())


def unopened(keys: Collection[int], day: date) -> set[int]:
    """Appointments in force on `day` whose person never chose a password of their own."""
    accounts = Account.objects.filter(person_id=OuterRef("person_id"), is_active=True)
    chosen = accounts.exclude(password_changed_on=NOT_CHOSEN)
    return set(
        Appointment.objects.valid_on(day)
        .filter(Exists(accounts), ~Exists(chosen), organisation_id__in=keys)
        .values_list("pk", flat=True)
    )
