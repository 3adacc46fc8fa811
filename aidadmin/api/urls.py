"""Addresses of the API."""

from django.urls import URLPattern, path

from aidadmin.api import views
from aidadmin.api.views import guarded

urlpatterns: list[URLPattern] = [
    path("v1/students/", guarded(views.Students, views.Students.access), name="api_students"),
    path("v1/rounds/", guarded(views.Rounds, views.Rounds.access), name="api_rounds"),
    path(
        "v1/payment-batches/",
        guarded(views.PaymentBatches, views.PaymentBatches.access),
        name="api_payment_batches",
    ),
    path(
        "v1/screening-totals/",
        guarded(views.ScreeningTotals, views.ScreeningTotals.access),
        name="api_screening_totals",
    ),
    path("schema/", guarded(views.Schema, views.READERS), name="api_schema"),
    path("docs/", guarded(views.Docs, views.READERS, url_name="api_schema"), name="api_docs"),
]
