"""Every policy of every table says what it is meant to, word for word."""

import pytest
from django.db import connection

from tests.schools.test_walls import (
    BUREAUS_WRITE,
    ORGANISATION_WALLED,
    concrete_models,
    is_tenant,
)

OWN = "(school_id = ( SELECT aid_scope() AS aid_scope))"
REACHED = "(school_id = ANY (( SELECT aid_schools() AS aid_schools)::bigint[]))"
OF_BUREAUS = (
    "((organisation_id = ( SELECT aid_scope() AS aid_scope)) OR (organisation_id = ANY"
    " (( SELECT aid_schools() AS aid_schools)::bigint[])))"
)
# A school's or a bureau's, which even a bureau above writes for nobody else.
OWN_ALONE = {"students_agelimit"}
# Spoken to the owner alone, while a function of his answers this question.
ASKED = "(current_setting('aid.asking'::text, true) = '{}'::text)"
QUESTIONS = {
    ("disbursement_aidcard", "card_question"): "card",
    ("disbursement_award", "award_question"): "award",
    ("disbursement_paymentline", "award_question"): "award",
    ("students_departmentlist", "list_question"): "lists",
    ("students_departmentlistrow", "list_question"): "lists",
    ("students_enrolmentchange", "award_question"): "award",
    ("students_schoolclass", "stages_asked"): "stages",
    ("students_student", "award_question"): "award",
    ("students_student", "card_question"): "card",
    ("students_student", "identity_question"): "identity",
    ("students_tagending", "list_question"): "lists",
}
# Who has the family's code, a voter's slip or the notice's address; the school that a transfer
# leads to. Each is tried on its own table.
OTHERS = {
    ("applications_accesscode", "by_family"),
    ("applications_familyvisit", "by_family"),
    ("review_ballotslip", "by_slip"),
    ("review_notice", "by_token"),
    ("review_noticeline", "by_token"),
    ("students_transfer", "receiver_answers"),
    ("students_transfer", "receiver_reads"),
    ("students_transferday", "receiver_answers"),
    ("students_transferday", "receiver_reads"),
}
# Ages that a bureau sets are no secret: whoever acts, for a school or a bureau, goes by them.
ABOVE = {
    ("students_agelimit", "above"): (
        "((( SELECT aid_scope() AS aid_scope) IS NOT NULL) AND (organisation_id IN"
        " ( SELECT schools_bureau.organisation_ptr_id\n   FROM schools_bureau)))"
    ),
}
Policy = tuple[str, str, str, str, str | None]


def policies() -> dict[tuple[str, str], Policy]:
    """Kind, roles, command and both conditions of each, by table and name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.tablename, p.policyname, p.permissive,"
            " replace(p.roles::text, t.tableowner, 'owner'), p.cmd, p.qual, p.with_check"
            " FROM pg_policies p JOIN pg_tables t USING (schemaname, tablename)"
            " WHERE schemaname = 'public'"
        )
        return {(table, name): tuple(rest) for table, name, *rest in cursor.fetchall()}


def meant() -> dict[tuple[str, str], Policy]:
    """The two walls of each tenant's table, the questions, and what bureaus set for all."""
    found: dict[tuple[str, str], Policy] = {}
    for model in filter(is_tenant, concrete_models()):
        table = model._meta.db_table
        of_schools = any(f.column == "school_id" for f in model._meta.local_fields)
        reach = REACHED if of_schools else OF_BUREAUS
        own = OWN if of_schools and table not in BUREAUS_WRITE else reach
        if table in OWN_ALONE:
            reach, own = (wall.replace("school_id", "organisation_id") for wall in (REACHED, OWN))
        found[table, "tenant"] = ("PERMISSIVE", "{public}", "ALL", own, own)
        if table not in ORGANISATION_WALLED:
            found[table, "reach"] = ("PERMISSIVE", "{public}", "SELECT", reach, None)
    for key, asked in QUESTIONS.items():
        found[key] = ("PERMISSIVE", "{owner}", "SELECT", ASKED.format(asked), None)
    for key, known in ABOVE.items():
        found[key] = ("PERMISSIVE", "{public}", "SELECT", known, None)
    return found


@pytest.mark.django_db
def test_policies_are_those_that_are_meant() -> None:
    found = policies()
    assert set(found) - set(meant()) == OTHERS
    assert {key: found.get(key) for key in meant()} == meant()
