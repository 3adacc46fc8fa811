"""Addresses of this app."""

from django.urls import URLPattern, path

from review.views import notices

app_name = "review"
urlpatterns: list[URLPattern] = [
    path("notices/<int:notice_id>/", notices.notice, name="notice"),
]
