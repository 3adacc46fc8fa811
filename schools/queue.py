"""Questions about many rows of who and when."""

from datetime import date

from django.db.models import QuerySet

from schools.models import Appointment, CalendarDay, Organisation, Term
from schools.rules import MANAGERS


def in_office(organisation: Organisation, day: date) -> QuerySet[Appointment]:
    """Who holds office on `day` or will; ordered by role and name."""
    return (
        Appointment.objects.filter(organisation_id=organisation.pk)
        .exclude(period__fully_lt=(day, None))
        .select_related("person")
        .order_by("role", "person__name", "pk")
    )


def left_office(organisation: Organisation, day: date) -> QuerySet[Appointment]:
    """Whose term of office ended before `day`, the latest first."""
    return (
        Appointment.objects.filter(organisation_id=organisation.pk, period__fully_lt=(day, None))
        .select_related("person")
        .order_by("-period", "pk")
    )


def other_manager(appointment: Appointment, day: date) -> bool:
    """Whether someone else can appoint people in this organisation on `day`."""
    return (
        Appointment.objects.valid_on(day)
        .filter(organisation_id=appointment.organisation_id, role__in=MANAGERS)
        .exclude(pk=appointment.pk)
        .exists()
    )


def serves_elsewhere(person_id: int, organisation: Organisation, day: date) -> bool:
    """Whether a person holds office in another organisation too."""
    return (
        Appointment.objects.valid_on(day)
        .filter(person_id=person_id)
        .exclude(organisation_id=organisation.pk)
        .exists()
    )


def loaded_years() -> list[int]:
    """The years whose calendar is loaded."""
    years = CalendarDay.objects.dates("day", "year")
    return [d.year for d in years]


def neighbours(term: Term) -> list[Term]:
    """Every other term, in order."""
    return list(Term.objects.exclude(pk=term.pk).order_by("starts_on"))


def following_term() -> Term | None:
    """The term that comes after the last one known, without its dates; None when none is known."""
    last = Term.objects.order_by("year", "half").last()
    if last is None:
        return None
    year, half = (last.year, 2) if last.half == 1 else (last.year + 1, 1)
    return Term(code=f"{year}-{half}", year=year, half=half)
