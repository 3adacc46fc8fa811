"""Addresses of this app."""

from django.urls import URLPattern, path

from review.views import appraisals, meetings, notices, objections, public, recognitions, rounds

app_name = "review"
urlpatterns: list[URLPattern] = [
    path("rounds/<int:round_id>/", rounds.round_page, name="round"),
    path("rounds/<int:round_id>/take-up/", rounds.take_up, name="take_up"),
    path("rounds/<int:round_id>/propose/", rounds.propose, name="propose"),
    path("rounds/<int:round_id>/take-back/", rounds.take_back, name="take_back"),
    path("rounds/<int:round_id>/confirm/", rounds.confirm_undisputed, name="confirm_undisputed"),
    path("rounds/<int:round_id>/progress/", rounds.export_progress, name="export_progress"),
    path("rounds/<int:round_id>/cases/", rounds.cases, name="cases"),
    path("cases/<int:case_id>/", rounds.case, name="case"),
    path("appraisals/", appraisals.appraisals, name="appraisals"),
    path(
        "rounds/<int:round_id>/classes/<int:class_id>/",
        appraisals.class_appraisal,
        name="class_appraisal",
    ),
    path("rounds/<int:round_id>/classes/<int:class_id>/hold/", appraisals.hold, name="hold"),
    path("rounds/<int:round_id>/classes/<int:class_id>/names/", appraisals.names, name="names"),
    path("appraisals/<int:appraisal_id>/cases/<int:case_id>/", appraisals.tally, name="tally"),
    path("appraisals/<int:appraisal_id>/finish/", appraisals.finish, name="finish_appraisal"),
    path("appraisals/<int:appraisal_id>/reopen/", appraisals.reopen, name="reopen_appraisal"),
    path("recognitions/", recognitions.recognitions, name="recognitions"),
    path("recognitions/export/", recognitions.export_recognitions, name="export_recognitions"),
    path("meetings/", meetings.meetings, name="meetings"),
    path("rounds/<int:round_id>/meeting/", meetings.convene, name="convene"),
    path("meetings/<int:meeting_id>/", meetings.meeting, name="meeting"),
    path("meetings/<int:meeting_id>/attendance/", meetings.attendance, name="attendance"),
    path("meetings/<int:meeting_id>/decide/", meetings.decide, name="decide"),
    path("meetings/<int:meeting_id>/confirm/", meetings.confirm, name="confirm_meeting"),
    path("meetings/<int:meeting_id>/return/", meetings.send_back, name="return_meeting"),
    path("notices/", notices.notices, name="notices"),
    path("rounds/<int:round_id>/notice/", notices.compose, name="compose"),
    path("notices/<int:notice_id>/", notices.notice, name="notice"),
    path("notices/<int:notice_id>/edit/", notices.revise, name="revise_notice"),
    path("notices/<int:notice_id>/preview/", notices.preview, name="preview"),
    path("notices/<int:notice_id>/publish/", notices.publish, name="publish"),
    path("notices/<int:notice_id>/confirm/", notices.confirm, name="confirm_notice"),
    path("notices/<int:notice_id>/withdraw/", notices.withdraw, name="withdraw_notice"),
    path(
        "notices/<int:notice_id>/objections/new/",
        objections.record_objection,
        name="record_objection",
    ),
    path("objections/<int:objection_id>/", objections.objection, name="objection"),
    path("objections/<int:objection_id>/contact/", objections.contact, name="contact"),
    path("notices/<slug:token>/", public.public_notice, name="public_notice"),
    path("notices/<slug:token>/objection/", public.public_objection, name="public_objection"),
]
