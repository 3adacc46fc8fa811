"""Addresses of a panel member's slip; short, since a QR code carries them."""

from django.urls import path

from review.views import voting

app_name = "ballot"
urlpatterns = [
    path("", voting.vote, name="slip"),
    path("<slug:slip_token>/", voting.enter, name="enter"),
]
