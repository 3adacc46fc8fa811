"""Addresses of this app."""

from django.urls import URLPattern

app_name = "office"
urlpatterns: list[URLPattern] = []
