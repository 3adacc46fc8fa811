"""The overview as a bureau's pages show it: counting half a million rows is not done per click."""

from datetime import date

from aidadmin.overview.facts import facts_of
from aidadmin.overview.regional import Overview, overview_of
from office.remembered import remembered
from schools.access import StaffRequest
from schools.models import Term
from schools.official import OfficialCalendar


def overview_seen(
    request: StaffRequest, term: Term, calendar: OfficialCalendar, today: date
) -> Overview:
    """The overview; its counts are a moment old at most, those before a deed counted anew.

    A workbook shows what the page did.
    """
    by = request.organisation
    facts = remembered(
        request,
        request.appointment,
        f"schools:{term.code}",
        lambda: facts_of(by, term),
        anew=request.method != "GET",
    )
    return overview_of(by, term, calendar, today, facts=facts)
