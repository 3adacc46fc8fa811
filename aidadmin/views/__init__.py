"""The top floor's pages: `entry` and desk, the overview, people, organisations, calendar, trail."""

from aidadmin.views.calendar import add_term, calendar, load_calendar, set_term
from aidadmin.views.desk import desk
from aidadmin.views.entry import (
    SignIn,
    change_password,
    choose_appointment,
    health,
    move_clock,
    password_changed,
    styles,
)
from aidadmin.views.organisations import (
    add_district,
    add_school,
    appoint_first,
    first_password,
    organisation,
    organisations,
)
from aidadmin.views.people import end_appointment, people, reset_password
from aidadmin.views.regional import export_overview, overview, school_overview, urge
from aidadmin.views.risks import (
    risk_reopen,
    risk_settle,
    risk_settle_ages,
    risks,
    risks_export,
)
from aidadmin.views.school_lists import add_schools, school_template
from aidadmin.views.trail import audit

__all__ = [
    "SignIn",
    "add_district",
    "add_school",
    "add_schools",
    "add_term",
    "appoint_first",
    "audit",
    "calendar",
    "change_password",
    "choose_appointment",
    "desk",
    "end_appointment",
    "export_overview",
    "first_password",
    "health",
    "load_calendar",
    "move_clock",
    "organisation",
    "organisations",
    "overview",
    "password_changed",
    "people",
    "reset_password",
    "risk_reopen",
    "risk_settle",
    "risk_settle_ages",
    "risks",
    "risks_export",
    "school_overview",
    "school_template",
    "set_term",
    "styles",
    "urge",
]
