"""Of what there is once at a time, the roster's and the lists' tables take no second row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from schools import clock
from schools.models import Organisation
from schools.scope import acting_for
from students.models import TransferDay
from tests.cast import Cast
from tests.parts import Once, other_than, try_copies
from tests.students import test_transfers
from tests.students.test_carried_tags import AUTUMN, tag
from tests.students.test_row_parts import (
    DROPPED,
    ENDING,
    MADE,
    NOW,
    RECALLER,
    RETENTION,
    REVOKED,
    ROLLOVER,
    TOLD,
    WORD,
    be,
    stamps,
)
from tests.students.transfer_days import EARLIER, LATER, TODAY, agreed, proposed, refused

CANDIDATE, CHECK, RISK = "students_matchcandidate", "students_namecheck", "students_riskanswer"
CLASS, STUDENT, TAG = "students_schoolclass", "students_student", "students_specialgrouptag"
CORRECTION, TRANSFER = "students_identitycorrection", "students_transfer"
OTHER = "(SELECT min(id) FROM students_student WHERE id <> student_id AND status <> 'left')"
ANYBODY = "(SELECT min(id) FROM schools_person)"
DECIDED = {"decided_by_id": ANYBODY, "decided_at": NOW, "how": TOLD}
OPEN = {"decided_by_id": "NULL", "decided_at": "NULL"}
GONE = {"status": "'left'", "left_on": "current_date"}
# After he had left, and the transaction began before that.
SIGNED = be("signed", **stamps("sign") | {"sign_at": "proposed_at + interval '1 day'"})
BYTE = "'\\x01'::bytea"


def _nothing(cast: Cast) -> Organisation:
    return cast.school


def _tagged(cast: Cast) -> Organisation:
    tag(cast.a.students[0], "dibao", AUTUMN, None)
    return cast.school


def _transfer(cast: Cast) -> Organisation:
    test_transfers.proposed(cast)
    return cast.school


def _leaving(cast: Cast) -> Organisation:
    test_transfers.unsigned(cast)
    return cast.school


ONCE: list[tuple[Callable[[Cast], Organisation], Once]] = [
    (
        MADE[CORRECTION],
        Once(
            CORRECTION, "correction_open_once", ({},),
            (be("withdrawn"), be("signed", **stamps("sign")), {"student_id": OTHER}),
        ),
    ),
    (
        MADE[CANDIDATE],
        Once(
            CANDIDATE, "candidate_one_same", ({"student_id": OTHER},),
            (
                {"student_id": OTHER, **be("different")},
                {"student_id": OTHER, **be("waiting"), **OPEN},
                {"student_id": OTHER, "listed_blind": BYTE},
            ),
            be("same", **DECIDED),
        ),
    ),
    (
        MADE[CHECK],
        Once(
            CHECK, "name_check_once", ({},),
            (be("recalled", **stamps("recall", by="checked_by_id")), {"written": BYTE}),
        ),
    ),
    (
        MADE[WORD],
        Once(WORD, "protection_proposed_once", ({},), (be("withdrawn"), {"student_id": OTHER})),
    ),
    (
        MADE[WORD],
        Once(
            WORD, "protection_in_force_once", ({},),
            (be("ended", **stamps("end")), {"student_id": OTHER}),
            be("force", **stamps("sign")),
        ),
    ),
    (
        MADE[RISK],
        Once(
            RISK, "risk_answered_once", ({},),
            (stamps("reopened", by=other_than("answered_by_id")), {"student_id": OTHER}),
        ),
    ),
    (
        _nothing,
        Once(
            CLASS, "class_name_once", ({"number": "77"},),
            ({"number": "77", "closed_on": "current_date"}, {"number": "77", "name": TOLD}),
        ),
    ),
    (
        _nothing,
        Once(
            CLASS, "class_place_once", ({"name": TOLD},),
            ({"name": TOLD, "closed_on": "current_date"}, {"name": TOLD, "number": "77"}),
        ),
    ),
    (
        _nothing,
        Once(
            STUDENT, "student_once_in_school", ({"enrolment_blind": "NULL"},),
            (
                {"enrolment_blind": "NULL", **GONE},
                {"enrolment_blind": "NULL", "id_blind": BYTE},
            ),
        ),
    ),
    (
        _nothing,
        Once(
            STUDENT, "enrolment_no_once", ({"id_blind": BYTE},),
            ({"id_blind": BYTE, **GONE}, {"id_blind": BYTE, "enrolment_blind": BYTE}),
            {"enrolment_blind": "'\\x02'::bytea"},
        ),
    ),
    (
        _tagged,
        Once(TAG, "tag_once", ({},), ({"valid_to": "valid_from"}, {"student_id": OTHER})),
    ),
    (
        MADE[ENDING],
        Once(ENDING, "ending_one_open", ({},), (be("dropped", **DROPPED),)),
    ),
    (
        MADE[RETENTION],
        Once(RETENTION, "retention_one_holds", ({},), (be("revoked", **REVOKED),)),
    ),
    (
        _transfer,
        Once(
            TRANSFER, "transfer_open_once", ({}, be("signed", **stamps("sign"))),
            (be("withdrawn"), {"student_id": OTHER}),
        ),
    ),
    (
        _leaving,
        Once(TRANSFER, "transfer_open_once", ({},), (), SIGNED),
    ),
    (
        MADE[ROLLOVER],
        Once(
            ROLLOVER, "rolled_over_once_a_year",
            ({}, be("asked", **stamps("ask", by=RECALLER), recall_reason=TOLD)),
            (
                be("recalled", **stamps("ask", by=RECALLER), **stamps("recall", by="done_by_id"),
                   recall_reason=TOLD),
            ),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "once"), ONCE, ids=[f"{o.index}-{o.base.get('status', '')}" for _, o in ONCE]
)
def test_no_second_one_beside_it(
    cast: Cast, make: Callable[[Cast], Organisation], once: Once
) -> None:
    with acting_for(make(cast)):
        try_copies(once)


@pytest.mark.parametrize("make", [proposed, agreed, refused])
def test_no_second_day_while_one_is_under_way(cast: Cast, make: Callable[[Cast], Any]) -> None:
    with clock.at(clock.office_opens(TODAY)):
        made = make(cast)
    with pytest.raises(IntegrityError, match='"transferday_open_once"'), transaction.atomic():
        TransferDay.objects.create(
            school=cast.school, transfer=made.transfer, to_school=made.to_school,
            before=made.before, on=LATER if made.on == EARLIER else EARLIER, reason="x",
            proposed_by=cast.operator.person, proposed_at=clock.now(),
        )  # fmt: skip
