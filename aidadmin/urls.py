"""Every address of the product."""

from django.conf import settings
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path

from aidadmin import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.desk, name="desk"),
    path("accounts/login/", views.SignIn.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/password/", views.change_password, name="password_change"),
    path("accounts/password/done/", views.password_changed, name="password_change_done"),
    path("accounts/appointment/", views.choose_appointment, name="appointment"),
    path("clock/", views.move_clock, name="clock"),
    path("health/", views.health, name="health"),
    path("overview/", views.overview, name="overview"),
    path("overview/export/", views.export_overview, name="overview_export"),
    path("overview/urge/", views.urge, name="overview_urge"),
    path("overview/<int:school_id>/", views.school_overview, name="school_overview"),
    path("risks/", views.risks, name="risks"),
    path("risks/settle/", views.risk_settle, name="risk_settle"),
    path("risks/settle/ages/", views.risk_settle_ages, name="risk_settle_ages"),
    path("risks/reopen/", views.risk_reopen, name="risk_reopen"),
    path("risks/export/", views.risks_export, name="risks_export"),
    path("settings/people/", views.people, name="people"),
    path(
        "settings/people/<int:appointment_id>/end/",
        views.end_appointment,
        name="appointment_end",
    ),
    path(
        "settings/people/<int:appointment_id>/password/",
        views.reset_password,
        name="password_reset",
    ),
    path("settings/organisations/", views.organisations, name="organisations"),
    path("settings/organisations/schools/new/", views.add_school, name="school_add"),
    path("settings/organisations/schools/many/", views.add_schools, name="schools_add"),
    path("settings/organisations/schools/template/", views.school_template, name="school_template"),
    path("settings/organisations/bureaus/new/", views.add_district, name="district_add"),
    path("settings/organisations/<int:school_id>/", views.organisation, name="organisation"),
    path(
        "settings/organisations/<int:school_id>/appoint/",
        views.appoint_first,
        name="organisation_appoint",
    ),
    path(
        "settings/organisations/<int:school_id>/password/",
        views.first_password,
        name="organisation_password",
    ),
    path("settings/calendar/", views.calendar, name="calendar"),
    path("settings/calendar/load/", views.load_calendar, name="calendar_load"),
    path("settings/calendar/terms/", views.add_term, name="term_add"),
    path("settings/calendar/terms/<str:term_code>/", views.set_term, name="term_set"),
    path("settings/audit/", views.audit, name="audit"),
    path("api/", include("aidadmin.api.urls")),
    path("office/", include("office.urls")),
    path("students/", include("students.urls")),
    path("applications/", include("applications.urls")),
    # Families sign in nowhere; a letter carries this address, so it is short.
    path("f/", include("applications.family_urls")),
    # Members of a class panel vote on their phones; a QR code carries this address.
    path("v/", include("review.ballot_urls")),
    path("review/", include("review.urls")),
    path("disbursement/", include("disbursement.urls")),
    path("screening/", include("screening.urls")),
    path("archive/", include("archive.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("styles/", views.styles, name="styles"))
