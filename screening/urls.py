"""Addresses of this app."""

from django.urls import path

from screening import views

app_name = "screening"
urlpatterns = [
    path("", views.index, name="index"),
    path("open/", views.open_term, name="open"),
    path("classes/<int:class_id>/", views.class_page, name="class"),
    path("classes/<int:class_id>/rest/", views.rest, name="rest"),
    path("rows/<int:row_id>/", views.row, name="row"),
    path("<int:screening_id>/fill/", views.fill, name="fill"),
    path("<int:screening_id>/review/", views.review, name="review"),
    path("<int:screening_id>/sign/", views.sign, name="sign"),
    path("<int:screening_id>/send-back/", views.send_back, name="send_back"),
    path("unaided/", views.unaided, name="unaided"),
    path("schools/<int:school_id>/", views.school, name="school"),
    path("coverage/", views.coverage, name="coverage"),
    path("several/", views.several, name="several"),
    path("table/", views.table, name="table"),
]
