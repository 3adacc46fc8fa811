"""Every address of the product."""

from django.conf import settings
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path

from aidadmin import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.desk, name="desk"),
    path("accounts/login/", views.SignIn.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/password/", views.ChangePassword.as_view(), name="password_change"),
    path("accounts/appointment/", views.choose_appointment, name="appointment"),
    path("clock/", views.move_clock, name="clock"),
    path("health/", views.health, name="health"),
    path("office/", include("office.urls")),
    path("students/", include("students.urls")),
    path("applications/", include("applications.urls")),
    path("review/", include("review.urls")),
    path("disbursement/", include("disbursement.urls")),
    path("screening/", include("screening.urls")),
    path("archive/", include("archive.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("styles/", views.styles, name="styles"))
