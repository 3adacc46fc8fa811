"""What a status of the roster's and the lists' tables says, part by part."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from schools import clock
from schools.models import Organisation
from schools.scope import acting_for
from students.actions import list_protected, propose_ending, propose_lowering, retain_tags
from students.models import EnrolmentChange
from tests.cast import Cast
from tests.parts import Stand, other_than, try_each_part
from tests.students import test_corrections, test_row_checks
from tests.students.test_actions_lists import upload
from tests.students.test_candidates import NUMBER, listing, match, person
from tests.students.test_endings import newer
from tests.students.test_names_checked import check
from tests.students.test_names_that_differ import otherwise
from tests.students.test_protection import WHY, poor
from tests.students.test_rollover import AUGUST, roll
from tests.students.transfer_days import (
    TODAY,
    agreed,
    proposed,
    refused,
    there,
)

NOW, TOLD = "now()", "'x'"
SOMEBODY = other_than("proposed_by_id")


def stamps(*verbs: str, by: str = SOMEBODY) -> dict[str, str]:
    """Who and when of each verb."""
    return {f"{v}_{what}": NOW if what == "at" else by for v in verbs for what in ("at", "by_id")}


def be(status: str, **told: str) -> dict[str, str]:
    return {"status": f"'{status}'", **told}


def _list(cast: Cast) -> Organisation:
    with acting_for(cast.district):
        upload(cast, listing(person()))
    return cast.district


def _ending(cast: Cast) -> Organisation:
    with acting_for(cast.district):
        propose_ending(listed=newer(cast), note="", by=cast.bureau_operator)
    return cast.district


def _retention(cast: Cast) -> Organisation:
    with acting_for(cast.district):
        retain_tags(listed=newer(cast), reason=WHY, by=cast.bureau_operator)
    return cast.district


def _at_school(make: Callable[[Cast], Any]) -> Callable[[Cast], Organisation]:
    def made(cast: Cast) -> Organisation:
        make(cast)
        return cast.school

    return made


def _lowering(cast: Cast) -> None:
    row = poor(cast, "dibao", "orphan")
    propose_lowering(student=row, reason=WHY, by=cast.operator)


def _listed(cast: Cast) -> None:
    list_protected(student=cast.a.students[0], reason=WHY, by=cast.operator)


def _rollover(cast: Cast) -> None:
    with clock.at(clock.office_opens(AUGUST)):
        roll(cast)


def _check(cast: Cast) -> None:
    otherwise(cast)
    check(cast)


LIST, CORRECTION = "students_departmentlist", "students_identitycorrection"
ENDING, RETENTION = "students_tagending", "students_tagretention"
WORD, ROLLOVER = "students_protectionword", "students_yearrollover"
DROPPED = stamps("drop")
REVOKED = {**stamps("revoke", by=other_than("retained_by_id")), "revoke_reason": TOLD}
RECALLER = other_than("done_by_id")
MADE: dict[str, Callable[[Cast], Organisation]] = {
    LIST: _list,
    CORRECTION: _at_school(test_corrections.proposed),
    "students_matchcandidate": _at_school(lambda cast: match(cast, person(身份证号码=NUMBER))),
    "students_namecheck": _at_school(_check),
    WORD: _at_school(_lowering),
    ENDING: _ending,
    RETENTION: _retention,
    ROLLOVER: _at_school(_rollover),
    "students_rosterimport": _at_school(test_row_checks.MADE["students_rosterimport"]),
    "students_riskanswer": _at_school(test_row_checks.MADE["students_riskanswer"]),
}
STANDS = [
    Stand(
        LIST, "list_withdraw_stamp",
        be("withdrawn", **stamps("withdraw", by="(SELECT min(id) FROM schools_person)"),
           withdraw_reason=TOLD),
        free=frozenset({"withdraw_reason"}),
    ),
    Stand(CORRECTION, "correction_stamps", be("signed", **stamps("sign")), stamps("refuse")),
    Stand(
        CORRECTION, "correction_stamps", be("refused", **stamps("refuse"), answer=TOLD),
        stamps("sign"), free=frozenset({"answer"}),
    ),
    Stand(
        "students_matchcandidate", "candidate_decided_stamp",
        be("same", decided_by_id="(SELECT min(id) FROM schools_person)", decided_at=NOW, how=TOLD),
        free=frozenset({"how"}),
    ),
    Stand(
        "students_namecheck", "name_check_stamps",
        be("recalled", **stamps("recall", by=other_than("checked_by_id"))),
    ),
    Stand(
        WORD, "protection_stamps", be("refused", **stamps("refuse"), answer=TOLD),
    ),
    Stand(
        WORD, "protection_stamps", be("ended", **stamps("sign", "end")),
        spare=frozenset({"sign_at", "sign_by_id", "status"}),
        free=frozenset({"sign_at", "sign_by_id"}),
    ),
    Stand(
        WORD, "protection_lowering_signed", be("force", **stamps("sign")),
        {"listed": "true"}, free=frozenset({"sign_at"}),
    ),
    Stand(
        ENDING, "ending_stamps",
        be("approved", **stamps("approve"), ends_on="current_date", ended="1"),
        {"refuse_by_id": SOMEBODY, **DROPPED},
        free=frozenset({"approve_at", "ends_on", "ended"}),
    ),
    Stand(
        ENDING, "ending_stamps", be("refused", **stamps("refuse"), refuse_reason=TOLD),
        {"approve_by_id": SOMEBODY, **DROPPED}, free=frozenset({"refuse_at", "refuse_reason"}),
    ),
    Stand(
        ENDING, "ending_stamps", be("dropped", **DROPPED),
        {"approve_by_id": SOMEBODY, "refuse_by_id": SOMEBODY},
    ),
    Stand(RETENTION, "retention_stamps", be("revoked", **REVOKED),
          stamps("drop", by=other_than("retained_by_id"))),
    Stand(RETENTION, "retention_stamps",
          be("dropped", **stamps("drop", by=other_than("retained_by_id"))), REVOKED),
    Stand(
        ROLLOVER, "rollover_stamps",
        be("asked", **stamps("ask", by=RECALLER), recall_reason=TOLD),
        stamps("recall", by="done_by_id"), free=frozenset({"recall_reason"}),
    ),
    Stand(
        ROLLOVER, "rollover_stamps",
        be("recalled", **stamps("ask", by=RECALLER), **stamps("recall", by="done_by_id"),
           recall_reason=TOLD),
        free=frozenset({"recall_reason"}),
    ),
    Stand(
        "students_rosterimport", "roster_import_apply_stamp",
        be("applied", **stamps("apply", by="staged_by_id")), loose=True,
    ),
    Stand(
        "students_riskanswer", "risk_of_one",
        {"student_id": "NULL", "school_class_id": "(SELECT min(id) FROM students_schoolclass)"},
    ),
    Stand(
        "students_riskanswer", "risk_reopened_stamp",
        stamps("reopened", by=other_than("answered_by_id")),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    "stand", STANDS, ids=lambda one: f"{one.constraint}-{one.whole.get('status')}"
)
def test_each_part_is_asked_for_by_itself(cast: Cast, stand: Stand) -> None:
    with acting_for(MADE[stand.table](cast)):
        try_each_part(stand)


def _refused(table: str, constraint: str, change: str) -> None:
    with (
        pytest.raises(IntegrityError, match=f'"{constraint}"'),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE {table} SET {change}")


def test_nobody_answers_what_he_asked(cast: Cast) -> None:
    _lowering(cast)
    by = stamps("refuse", by="proposed_by_id")
    told = ", ".join(f"{k} = {v}" for k, v in be("refused", **by, answer=TOLD).items())
    _refused(WORD, "protection_second_person", told)


def test_who_is_listed_by_one_was_signed_for_by_nobody(cast: Cast) -> None:
    _listed(cast)
    told = ", ".join(f"{k} = {v}" for k, v in stamps("sign").items())
    _refused(WORD, "protection_lowering_signed", told)


@pytest.mark.parametrize(
    ("make", "by", "constraint", "told"),
    [
        (proposed, "a", "transferday_stamps", be("withdrawn")),
        (agreed, "a", "transferday_stamps", be("signed")),
        (proposed, "b", "transferday_answered", be("agreed", agree_by_id=SOMEBODY)),
        (refused, "b", "transferday_answered", be("restored")),
    ],
)
def test_no_transfer_day_moves_without_its_stamps(
    cast: Cast, make: Callable[[Cast], Any], by: str, constraint: str, told: dict[str, str]
) -> None:
    with clock.at(clock.office_opens(TODAY)):
        make(cast)
        if "agree_by_id" in told:
            told = {**told, "taken": str(there(cast).pk)}
    with acting_for(getattr(cast, by).school):
        _refused(
            "students_transferday", constraint, ", ".join(f"{k} = {v}" for k, v in told.items())
        )


@pytest.mark.parametrize("kind", ["class_changed", "held_back"])
def test_who_changes_class_has_one(cast: Cast, kind: str) -> None:
    with pytest.raises(IntegrityError, match='"change_to_class"'), transaction.atomic():
        EnrolmentChange.objects.create(
            school=cast.school, student=cast.a.students[0], kind=kind, on=date(2026, 9, 1),
            reason="x", recorded_by=cast.operator.person, recorded_at=clock.now(),
        )  # fmt: skip
