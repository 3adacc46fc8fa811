"""Terms beyond the reference data, and rounds of the year before, for tests of openings."""

from datetime import date

from applications import actions
from applications.models import Programme, Round
from schools import clock
from schools.models import Appointment, Term

AUTUMN = date(2027, 9, 1)


def next_autumn() -> Term:
    """2027—2028, first term."""
    term, _ = Term.objects.get_or_create(
        code="2027-1",
        defaults={"year": 2027, "half": 1, "starts_on": AUTUMN, "ends_on": date(2028, 1, 31)},
    )
    return term


def last_year(by: Appointment, *, grant_on: date = date(2026, 9, 28)) -> list[Round]:
    """A recognition round on 1 September 2026, and 普高助学金 later that autumn."""
    school, term = by.organisation.school, Term.objects.get(code="2026-1")
    with clock.at(date(2026, 9, 1)):
        recognition = actions.open_recognition_round(school=school, term=term, by=by)
    with clock.at(grant_on):
        grant = actions.open_programme_round(
            school=school,
            term=term,
            programme=Programme.objects.get(code="senior_grant"),
            by=by,
        )
    return [recognition, grant]
