"""Addresses of this app."""

from django.urls import path

from applications.views import (
    checking,
    codes,
    entering,
    entries,
    form_sheets,
    many,
    paper_forms,
    rounds,
    visits,
)

app_name = "applications"
urlpatterns = [
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/open/", rounds.open_round, name="open_round"),
    path("rounds/<int:round_id>/", rounds.round_page, name="round"),
    path("rounds/<int:round_id>/close/", rounds.close_round, name="close_round"),
    path("rounds/<int:round_id>/reopen/", rounds.reopen_round, name="reopen_round"),
    path("rounds/<int:round_id>/students/", entering.choose_student, name="choose_student"),
    path("rounds/<int:round_id>/students/<int:student_id>/", entering.enter, name="enter"),
    path("rounds/<int:round_id>/codes/", codes.codes, name="codes"),
    path("rounds/<int:round_id>/codes/issue/", codes.issue_codes, name="issue_codes"),
    path("rounds/<int:round_id>/letters/", codes.print_letters, name="print_letters"),
    path("rounds/<int:round_id>/form/", paper_forms.blank, name="blank_form"),
    path("rounds/<int:round_id>/forms/", paper_forms.of_class, name="class_forms"),
    path("rounds/<int:round_id>/many/", many.many, name="many"),
    path("rounds/<int:round_id>/sheets/", form_sheets.form_sheets, name="form_sheets"),
    path("rounds/<int:round_id>/sheets/blank/", form_sheets.template, name="form_template"),
    path("sheets/<int:form_sheet_id>/", form_sheets.form_sheet, name="form_sheet"),
    path("sheets/<int:form_sheet_id>/apply/", form_sheets.apply, name="apply_form_sheet"),
    path("sheets/<int:form_sheet_id>/discard/", form_sheets.discard, name="discard_form_sheet"),
    path("sheets/<int:form_sheet_id>/marked/", form_sheets.marked, name="marked_form_sheet"),
    path("entries/", entries.entries, name="entries"),
    path("entries/export/", entries.export, name="export"),
    path("entries/<int:application_id>/", entries.application, name="application"),
    path("entries/<int:application_id>/edit/", entering.edit, name="edit"),
    path("entries/<int:application_id>/check/", entering.check, name="check"),
    path("entries/<int:application_id>/survey/", entries.survey, name="survey"),
    path("entries/<int:application_id>/accept/", checking.accept, name="accept"),
    path("entries/<int:application_id>/papers/<int:paper_id>/", checking.paper, name="paper"),
    path("entries/<int:application_id>/signature/", checking.signature, name="signature"),
    path("entries/<int:application_id>/form/", paper_forms.filled, name="filled_form"),
    path("entries/<int:application_id>/visit/", visits.record_visit, name="record_visit"),
    path("entries/<int:application_id>/send-back/", entries.send_back, name="send_back"),
    path("entries/<int:application_id>/withdraw/", entries.withdraw, name="withdraw"),
    path("entries/<int:application_id>/late/", entries.explain_late, name="explain_late"),
    path("entries/<int:application_id>/allow-late/", entries.allow_late, name="allow_late"),
]
