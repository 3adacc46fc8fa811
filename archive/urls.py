"""Addresses of this app."""

from django.urls import path

from archive import views

app_name = "archive"
urlpatterns = [
    path("", views.index, name="index"),
    path("classes/<int:class_id>/", views.class_files, name="class"),
    path("students/<int:student_id>/", views.student, name="student"),
    path("students/<int:student_id>/pdf/", views.student_pdf, name="student_pdf"),
]
