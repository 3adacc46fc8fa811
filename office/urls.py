"""Addresses of this app."""

from django.urls import path

from office import views

app_name = "office"
urlpatterns = [
    path("messages/", views.inbox, name="inbox"),
    path("messages/<int:message_id>/", views.message, name="message"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<int:job_id>/", views.job, name="job"),
    path("jobs/<int:job_id>/stop/", views.stop_job, name="job_stop"),
    path("jobs/<int:job_id>/result/", views.result, name="job_result"),
]
