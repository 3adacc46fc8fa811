"""Addresses of this app."""

from django.urls import path

from applications import views

app_name = "applications"
urlpatterns = [
    path("rounds/<int:round_id>/", views.round_page, name="round"),
]
