"""Of what there is once at a time, the money's tables take no second row."""

from collections.abc import Callable
from typing import Any

import pytest

from disbursement.actions.batches import new_batch
from tests.disbursement import cases
from tests.disbursement.cases import Aid
from tests.disbursement.test_row_parts import (
    ANYBODY,
    AWARD,
    BATCH,
    CARD,
    CHECK,
    ENTRY,
    FUND,
    LINE,
    RECOVERY,
    REJECTION,
    TODAY,
    TOLD,
    a_card,
    a_file,
    a_recovery,
    a_rejection,
    an_entry,
    be,
    stamps,
)
from tests.parts import Once, other_than, try_copies

BYTE = "'\\x01'::bytea"
NOBODYS = "(SELECT max(id) FROM students_student)"
ACTIVE = be("active", **stamps("activate", ANYBODY), activated_on=TODAY)
CONFIRMED = be("confirmed", **stamps("confirm", other_than("reported_by_id", "sent_by_id")))
DISMISSED = be("dismissed", **stamps("dismiss", ANYBODY))
DISCARDED = be("discarded", **stamps("discard", ANYBODY), back_reason=TOLD)
REVERSED = be(
    "reversed", **stamps("confirm", other_than("recorded_by_id")), **stamps("doubt", ANYBODY),
    **stamps("reverse", "(SELECT max(id) FROM schools_person WHERE id <> recorded_by_id)"),
    back_reason=TOLD,
)  # fmt: skip
AGAIN = {
    "batch_id": f"(SELECT max(id) FROM {BATCH})", "number": TOLD, "serial": "1",
    "settled_on": "NULL",
}  # fmt: skip


def _card(its: Aid) -> None:
    a_card(its)
    cases.add_students(its.staffed, 1)


def _rejection(its: Aid) -> None:
    a_rejection(its)
    a_file(its)


def _paying_again(its: Aid) -> None:
    """A sent batch, and a draft into which another line of its awards could come."""
    batch = cases.sent(its)
    new_batch(its.school, its.programme, its.term, its.staffed.operator, 2, "", batch)


ONCE: list[tuple[Callable[[Aid], Any], Once]] = [
    (
        _card,
        Once(
            CARD, "card_one_per_student", ({"number_blind": BYTE},),
            ({"number_blind": BYTE, **be("lost")}, {"number_blind": BYTE, **be("closed")}),
        ),
    ),
    (
        _card,
        Once(
            CARD, "card_one_per_student", ({"number_blind": BYTE},),
            ({"number_blind": BYTE, "student_id": NOBODYS},), ACTIVE,
        ),
    ),
    (
        _card,
        Once(
            CARD, "card_one_student", ({"student_id": NOBODYS},),
            ({"student_id": NOBODYS, **be("lost")}, {"student_id": NOBODYS, **be("closed")}),
        ),
    ),
    (_card, Once(CARD, "card_one_student", ({"student_id": NOBODYS},), (), ACTIVE)),
    (
        cases.frozen,
        Once(AWARD, "award_once", ({},), (be("revoked", **stamps("revoke", ANYBODY)),)),
    ),
    (
        a_rejection,
        Once(REJECTION, "rejection_one_open", ({},), (DISMISSED, CONFIRMED)),
    ),
    (
        _rejection,
        Once(
            REJECTION, "rejection_once_per_sending", ({},),
            (
                {**be("reported"), "confirm_by_id": "NULL"}, DISMISSED,
                {"file_id": "(SELECT min(f.id) FROM office_storedfile f WHERE f.id <> file_id)"},
            ),
            CONFIRMED,
        ),
    ),
    (
        cases.recorded,
        Once(FUND, "fund_once", ({},), (DISCARDED, REVERSED, {"document_no": TOLD})),
    ),
    (
        cases.draft,
        Once(
            BATCH, "batch_one_draft", ({"number": TOLD, "ordinal": "9"},),
            (
                {"number": TOLD, "ordinal": "9", **be("discarded", **stamps("discard", ANYBODY))},
                {"number": TOLD, "ordinal": "9", "follows_id": "id"},
            ),
        ),
    ),
    (
        _paying_again,
        Once(LINE, "line_live_once", (AGAIN,), ({**AGAIN, **be("failed", bank_note=TOLD)},)),
    ),
    (a_recovery, Once(RECOVERY, "recovery_once", ({},), (DISMISSED,))),
    (
        an_entry,
        Once(
            ENTRY, "system_entry_one_waiting", ({"number": "2"},),
            ({"number": "2", **be("checked", **CHECK)}, {"number": "2", "month": "9"}),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "once"), ONCE, ids=[f"{o.index}-{o.base.get('status', '')}" for _, o in ONCE]
)
def test_no_second_one_beside_it(all_ready: Aid, make: Callable[[Aid], Any], once: Once) -> None:
    make(all_ready)
    try_copies(once)
