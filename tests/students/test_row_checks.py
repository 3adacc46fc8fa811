"""The database itself refuses rows that say half of something, or say it by the wrong person."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from schools.scope import acting_for
from students.actions import (
    list_protected,
    set_age_limit,
    settle_risk,
    stage_roster,
)
from tests.cast import Cast, student
from tests.students import test_corrections, test_transfers
from tests.students.rosters import roster
from tests.students.test_carried_tags import AUTUMN, tag
from tests.students.test_protection import WHY
from tests.students.test_risks import HOW, of


def _answered(cast: Cast) -> None:
    student(cast.a.school_class, "年例岁", birth_date=AUTUMN.replace(year=2000))
    settle_risk(risk=of(cast, "age")[0], how=HOW, by=cast.operator)


def _limited(cast: Cast) -> None:
    set_age_limit(
        organisation=cast.school, stage="senior", least=13, most=22, seen="13—20岁",
        reason="招收退役军人", by=cast.operator,
    )  # fmt: skip


MADE: dict[str, Callable[[Cast], Any]] = {
    "students_agelimit": _limited,
    "students_identitycorrection": test_corrections.proposed,
    "students_protectionword": lambda cast: list_protected(
        student=cast.a.students[0], reason=WHY, by=cast.operator
    ),
    "students_riskanswer": _answered,
    "students_rosterimport": lambda cast: stage_roster(
        school=cast.school, content=roster(2), filename="名册.xlsx", by=cast.operator
    ),
    "students_transfer": test_transfers.unsigned,
    "students_specialgrouptag": lambda cast: tag(cast.a.students[0], "dibao", AUTUMN, None),
}
MINE = "(SELECT min(id) FROM schools_person WHERE id <> proposed_by_id)"
LATER = "sign_at = proposed_at + interval '1 day'"
DECLINED = f"status = 'declined', answer = 'x', decline_at = now(), decline_by_id = {MINE}"


@pytest.mark.parametrize(
    ("table", "constraint", "change"),
    [
        ("agelimit", "age_limit_order", "least = most"),
        ("agelimit", "age_limit_order", "reason = ''"),
        (
            "identitycorrection",
            "correction_second_person",
            "status = 'signed', sign_at = now(), sign_by_id = proposed_by_id",
        ),
        (
            "identitycorrection",
            "correction_second_person",
            "status = 'refused', refuse_at = now(), answer = 'x', refuse_by_id = proposed_by_id",
        ),
        ("identitycorrection", "correction_stamps", "status = 'signed'"),
        ("identitycorrection", "correction_stamps", "sign_at = now()"),
        ("identitycorrection", "correction_stamps", "status = 'refused', answer = 'x'"),
        (
            "identitycorrection",
            "correction_stamps",
            f"status = 'refused', refuse_at = now(), refuse_by_id = {MINE}",
        ),
        ("protectionword", "protection_listed_at_once", "status = 'proposed'"),
        ("riskanswer", "risk_of_one", "student_id = NULL"),
        ("riskanswer", "risk_reopened_stamp", "reopened_at = now()"),
        (
            "riskanswer",
            "risk_reopened_stamp",
            "reopened_at = now(), reopened_by_id = answered_by_id",
        ),
        ("rosterimport", "roster_import_apply_stamp", "status = 'applied'"),
        ("rosterimport", "roster_import_apply_stamp", "status = 'applied', apply_at = now()"),
        ("transfer", "transfer_stamps", "status = 'signed'"),
        (
            "transfer",
            "transfer_stamps",
            f"status = 'signed', {LATER}",
        ),
        ("transfer", "transfer_stamps", f"status = 'signed', sign_by_id = {MINE}"),
        (
            "transfer",
            "transfer_second_person",
            f"status = 'signed', {LATER}, sign_by_id = proposed_by_id",
        ),
        ("specialgrouptag", "tag_period", "valid_to = valid_from - 2"),
    ],
)
def test_half_a_word_is_refused(cast: Cast, table: str, constraint: str, change: str) -> None:
    MADE[f"students_{table}"](cast)
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE students_{table} SET {change}")


@pytest.mark.parametrize(
    "change",
    [
        "status = 'accepted'",
        "status = 'accepted', accept_at = now()",
        f"status = 'accepted', accept_by_id = {MINE}",
        f"status = 'accepted', accept_at = now(), accept_by_id = {MINE}, decline_by_id = {MINE}",
        f"status = 'accepted', accept_at = now(), accept_by_id = {MINE}, decline_at = now()",
        "status = 'declined', answer = 'x'",
        "status = 'declined', answer = 'x', decline_at = now()",
        f"status = 'declined', answer = 'x', decline_by_id = {MINE}",
        f"status = 'declined', decline_at = now(), decline_by_id = {MINE}",
        f"{DECLINED}, accept_at = now()",
        f"{DECLINED}, accept_by_id = {MINE}",
    ],
)
def test_half_an_answer_to_a_transfer_is_refused(cast: Cast, change: str) -> None:
    test_transfers.signed(cast)
    with (
        acting_for(cast.b.school),
        pytest.raises(IntegrityError, match="transfer_stamps"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE students_transfer SET {change}")


def test_one_tag_without_end_for_a_group(cast: Cast) -> None:
    tag(cast.a.students[0], "dibao", AUTUMN, None)
    tag(cast.a.students[1], "dibao", AUTUMN, None)
    tag(cast.a.students[0], "orphan", AUTUMN, None)
    with pytest.raises(IntegrityError, match="tag_once"), transaction.atomic():
        tag(cast.a.students[0], "dibao", AUTUMN.replace(day=2), None)
