"""By which school year a school's classes have their grades, and whether they have yet to rise."""

from django.db.models import Max

from schools import clock, official
from schools.models import School, Term
from students.models import RosterImport, YearRollover
from students.rules.rollover import BEFORE_BEGINNING, Season, season_of


def standing_year(school: School) -> int:
    """The school year by which the school's classes have their grades.

    It is the last into which they rose (升班), else the one of today; in summer that is the one to
    come, but for a school that had its roster in spring and has yet to let its classes rise.
    """
    term, today = official.current_term(), clock.today()
    year = term.year if term else today.year
    risen = _risen(school)
    if risen is not None and risen >= year:
        return risen
    if term is None or term.half != 1 or today >= term.starts_on:
        return year
    return year - 1 if risen == year - 1 or _listed_before(school, term) else year


def awaited(school: School) -> Season | None:
    """The 升班 that could be done today and has not been, by a school that had a roster before."""
    term, today = official.current_term(), clock.today()
    season = season_of(term, official.calendar(), today)
    if term is None or season is None or not season.opens_on <= today <= season.closes_on:
        return None
    risen = _risen(school)
    if risen is not None and risen >= season.year:
        return None
    before = risen is not None or term.half == 2 or _listed_before(school, term)
    return season if before else None


def _risen(school: School) -> int | None:
    rows = YearRollover.objects.for_school(school)
    last: int | None = rows.aggregate(last=Max("year"))["last"]
    return last


def _listed_before(school: School, term: Term) -> bool:
    """Whether a roster was written before the season of 升班 began."""
    opens = clock.office_opens(term.starts_on - BEFORE_BEGINNING)
    applied = RosterImport.objects.for_school(school).filter(status=RosterImport.Status.APPLIED)
    return bool(applied.filter(apply_at__lt=opens).exists())
