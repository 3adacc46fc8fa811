"""Addresses of this app."""

from django.urls import path

from students.actions.corrections import FIELDS as CORRECTIONS
from students.actions.guardians import FIELDS as GUARDIANS
from students.actions.reveals import FIELDS
from students.views import (
    ages,
    candidates,
    class_facts,
    classes,
    corrections,
    dropouts,
    dropped,
    facts,
    finding,
    groups,
    guardians,
    imports,
    lists,
    missing,
    newcomers,
    protection,
    redating,
    rollover,
    roster,
    student,
    teachers,
    transfer_days,
    transfers,
    written,
)

app_name = "students"
urlpatterns = [
    path("roster/", roster.roster, name="roster"),
    path("roster/export/", roster.roster_export, name="export"),
    path("roster/find/", finding.find, name="find"),
    path("roster/filters/", finding.filter_keep, name="filter_keep"),
    path("roster/filters/drop/", finding.filter_drop, name="filter_drop"),
    path("roster/import/", imports.import_new, name="import_new"),
    path("roster/import/template/", imports.import_template, name="import_template"),
    path("roster/import/<int:import_id>/", imports.import_page, name="import"),
    path("roster/import/<int:import_id>/columns/", imports.import_columns, name="import_columns"),
    path("roster/import/<int:import_id>/apply/", imports.import_apply, name="import_apply"),
    path("roster/import/<int:import_id>/discard/", imports.import_discard, name="import_discard"),
    path("roster/import/<int:import_id>/marked/", imports.import_marked, name="import_marked"),
    path("roster/classes/", classes.classes, name="classes"),
    path("roster/classes/add/", classes.class_add, name="class_add"),
    path("roster/classes/teachers/", teachers.teachers, name="teachers"),
    path("roster/classes/teachers/apply/", teachers.teachers_apply, name="teachers_apply"),
    path("roster/classes/teachers/sheet/", teachers.teachers_form, name="teachers_sheet"),
    path("roster/classes/<int:class_id>/", classes.class_page, name="class"),
    path("roster/classes/<int:class_id>/correct/", class_facts.class_correct, name="class_correct"),
    path("roster/classes/<int:class_id>/approve/", classes.class_approve, name="class_approve"),
    path("roster/classes/<int:class_id>/sheet/", classes.class_sheet, name="class_sheet"),
    path("roster/classes/<int:class_id>/count/", classes.class_count, name="class_count"),
    path("roster/classes/<int:class_id>/teacher/", classes.class_teacher, name="class_teacher"),
    path("roster/ages/", ages.ages, name="ages"),
    path("roster/newcomers/", newcomers.newcomers, name="newcomers"),
    path("roster/rollover/", rollover.rollover, name="rollover"),
    path("roster/rollover/day/", rollover.rollover_day, name="rollover_day"),
    path("roster/rollover/ask/", rollover.rollover_ask, name="rollover_ask"),
    path("roster/rollover/keep/", rollover.rollover_keep, name="rollover_keep"),
    path("roster/rollover/recall/", rollover.rollover_recall, name="rollover_recall"),
    path("roster/transfers/", transfers.transfers, name="transfers"),
    path("roster/transfers/sign/", transfers.transfer_sign, name="transfer_sign"),
    path("roster/transfers/withdraw/", transfers.transfer_withdraw, name="transfer_withdraw"),
    path("roster/transfers/accept/", transfers.transfer_accept, name="transfer_accept"),
    path("roster/transfers/decline/", transfers.transfer_decline, name="transfer_decline"),
    path(
        "roster/transfers/<int:transfer_id>/day/", transfer_days.transfer_day, name="transfer_day"
    ),
    *(
        path(f"roster/transfers/days/{verb}/", view, name=f"transfer_day_{verb}")
        for verb, view in (
            ("agree", transfer_days.transfer_day_agree),
            ("decline", transfer_days.transfer_day_decline),
            ("withdraw", transfer_days.transfer_day_withdraw),
            ("sign", transfer_days.transfer_day_sign),
            ("refuse", transfer_days.transfer_day_refuse),
            ("restore", transfer_days.transfer_day_restore),
        )
    ),
    path("roster/<int:student_id>/transfer/", transfers.transfer, name="transfer"),
    path("roster/corrections/", corrections.corrections, name="corrections"),
    path("roster/corrections/sign/", corrections.correction_sign, name="correction_sign"),
    path("roster/corrections/refuse/", corrections.correction_refuse, name="correction_refuse"),
    path(
        "roster/corrections/withdraw/", corrections.correction_withdraw, name="correction_withdraw"
    ),
    *(
        path(
            f"roster/corrections/<int:correction_id>/reveal/{field}/",
            corrections.correction_reveal,
            {"field": field},
            name=f"correction_reveal_{field}",
        )
        for field in CORRECTIONS
    ),
    path("roster/<int:student_id>/identity/", corrections.correction, name="correction"),
    path("roster/<int:student_id>/exchange/", corrections.exchange, name="exchange"),
    path("roster/<int:student_id>/facts/", facts.facts, name="facts"),
    path("roster/<int:student_id>/protection/", protection.protect, name="protect"),
    path("roster/changes/", student.changes, name="changes"),
    path("roster/changes/<int:change_id>/day/", redating.change_day, name="change_day"),
    path("roster/<int:student_id>/", student.student, name="student"),
    path("roster/<int:student_id>/change/", student.change, name="change"),
    *(
        path(
            f"roster/<int:student_id>/reveal/{field}/",
            student.reveal_field,
            {"field": field},
            name=f"reveal_{field}",
        )
        for field in FIELDS
    ),
    path("roster/<int:student_id>/guardians/add/", guardians.guardian_add, name="guardian_add"),
    path("roster/guardians/<int:guardian_id>/", guardians.guardian, name="guardian"),
    path(
        "roster/guardians/<int:guardian_id>/remove/",
        guardians.guardian_remove,
        name="guardian_remove",
    ),
    *(
        path(
            f"roster/guardians/<int:guardian_id>/reveal/{field}/",
            guardians.guardian_reveal,
            {"field": field},
            name=f"guardian_reveal_{field}",
        )
        for field in GUARDIANS
    ),
    path("groups/", groups.groups, name="groups"),
    path("groups/protection/", protection.protection, name="protection"),
    path("groups/protection/sign/", protection.lowering_sign, name="lowering_sign"),
    path("groups/protection/refuse/", protection.lowering_refuse, name="lowering_refuse"),
    path("groups/protection/withdraw/", protection.lowering_withdraw, name="lowering_withdraw"),
    path("lists/protection/", protection.protection_schools, name="protection_schools"),
    path("groups/questions/", candidates.questions, name="questions"),
    path("groups/questions/<int:candidate_id>/answer/", candidates.answer, name="question_answer"),
    path("groups/questions/<int:candidate_id>/reopen/", candidates.reopen, name="question_reopen"),
    path("groups/names/<int:difference_id>/check/", written.name_check, name="name_check"),
    path("groups/names/checks/<int:check_id>/recall/", written.name_recall, name="name_recall"),
    path("lists/", lists.lists, name="lists"),
    path("lists/new/", lists.list_new, name="list_new"),
    path("lists/<int:list_id>/", lists.list_page, name="list"),
    path("lists/<int:list_id>/match/", lists.list_match, name="list_match"),
    path("lists/<int:list_id>/discard/", lists.list_discard, name="list_discard"),
    path("lists/<int:list_id>/dropped/", dropped.list_dropped, name="list_dropped"),
    path("lists/<int:list_id>/dropped/propose/", dropped.list_propose, name="list_propose"),
    path("lists/<int:list_id>/dropped/end/", dropped.list_end, name="list_end"),
    path("lists/<int:list_id>/dropped/keep/", dropped.list_keep, name="list_keep"),
    path("lists/<int:list_id>/dropped/retain/", dropped.list_retain, name="list_retain"),
    path("lists/<int:list_id>/dropped/unretain/", dropped.list_unretain, name="list_unretain"),
    path("lists/dropouts/", dropouts.dropouts, name="dropouts"),
    path("lists/dropouts/record/", dropouts.dropouts_record, name="dropouts_record"),
    path("lists/<int:list_id>/missing/", missing.list_missing, name="list_missing"),
    path("lists/<int:list_id>/missing/record/", missing.list_whereabouts, name="list_whereabouts"),
    path(
        "lists/<int:list_id>/missing/export/",
        missing.list_missing_export,
        name="list_missing_export",
    ),
    path("lists/<int:list_id>/withdraw/", lists.list_withdraw, name="list_withdraw"),
]
