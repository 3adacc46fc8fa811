"""What the database itself refuses, by raw SQL as the application's role."""

import pytest
from django.db import DatabaseError, IntegrityError

from disbursement import actions
from disbursement.models import PaymentBatch, PaymentLine
from tests.disbursement import cases
from tests.disbursement.cases import Aid, commit, run_sql

BATCH = "UPDATE disbursement_paymentbatch SET {} WHERE id = %s"
LINE = "UPDATE disbursement_paymentline SET {} WHERE batch_id = %s"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("fee_fen = 100", "card_without_fee"),
        ("checked_by_id = registered_by_id, checked_at = now()", "card_second_person"),
        ("checked_at = NULL", "card_checked_stamp"),
        ("activated_on = NULL", "card_activate_stamp"),
    ],
)
def test_cards(all_ready: Aid, change: str, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        run_sql(f"UPDATE disbursement_aidcard SET {change}")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("amount_fen = 0", "award_positive"),
        ("status = 'revoked'", "award_revoke_stamp"),
    ],
)
def test_awards(all_ready: Aid, change: str, constraint: str) -> None:
    cases.frozen(all_ready)
    with pytest.raises(IntegrityError, match=constraint):
        run_sql(f"UPDATE disbursement_award SET {change}")


def test_one_award_per_student_programme_term_and_instalment(all_ready: Aid) -> None:
    cases.frozen(all_ready)
    with pytest.raises(IntegrityError, match="award_once"):
        run_sql(
            "UPDATE disbursement_award SET student_id = (SELECT min(student_id)"
            " FROM disbursement_award)"
        )


def test_a_draft_has_no_lines_of_its_own_making(all_ready: Aid) -> None:
    batch = cases.frozen(all_ready)
    for statement in (
        "DELETE FROM disbursement_paymentline WHERE batch_id = %s",
        LINE.format("amount_fen = amount_fen + 1"),
        LINE.format("name = '别人'"),
        LINE.format("status = 'paid', settled_on = now()"),
        "INSERT INTO disbursement_paymentline (school_id, batch_id, award_id, student_id, number,"
        " serial, name, class_name, bank, amount_fen, status, bank_note)"
        " SELECT school_id, batch_id, award_id, student_id, 'x', 99, name, class_name, bank, 1,"
        " 'failed', 'x' FROM disbursement_paymentline WHERE batch_id = %s LIMIT 1",
    ):
        with pytest.raises(DatabaseError, match="frozen"):
            run_sql(statement, batch.pk)
    assert PaymentLine.objects.filter(amount_fen=cases.AMOUNT, status="pending").count() == 3


@pytest.mark.parametrize(
    "change",
    [
        "total_fen = total_fen + 1",
        "line_count = line_count + 1",
        "content_hash = 'x'",
        "held = '[1]'",
        "freeze_by_id = NULL",
        "award_mark = 0",
        "late_document = '示财教'",
        "number = 'FF-9'",
        "term_id = (SELECT max(id) FROM schools_term)",
        "drafted_by_id = freeze_by_id",
    ],
)
def test_a_frozen_batch_keeps_what_it_says(all_ready: Aid, change: str) -> None:
    batch = cases.frozen(all_ready)
    with pytest.raises(DatabaseError, match=r"is frozen|keeps what it is"):
        run_sql(BATCH.format(change), batch.pk)


@pytest.mark.parametrize(
    "change",
    [
        "approved_hash = 'x'",
        "approve_by_id = freeze_by_id",
        "bank_file_id = NULL",
        "profile = 'txt'",
        "send_at = now()",
    ],
)
def test_a_sent_batch_keeps_its_approval_and_file(all_ready: Aid, change: str) -> None:
    batch = cases.sent(all_ready)
    with pytest.raises(DatabaseError, match="is frozen"):
        run_sql(BATCH.format(change), batch.pk)


@pytest.mark.parametrize("status", ["draft", "approved", "returned", "closed"])
def test_no_step_is_skipped(all_ready: Aid, status: str) -> None:
    batch = cases.sent(all_ready)
    if status == "returned":
        # Allowed by the way, refused by its lines: they were never answered.
        with pytest.raises(IntegrityError, match="batch_settled_stamp"):
            run_sql(BATCH.format("status = 'returned'"), batch.pk)
        return
    with pytest.raises(DatabaseError, match=r"can not go|was not refused by the bank"):
        run_sql(BATCH.format(f"status = '{status}'"), batch.pk)


def test_maker_is_not_checker(all_ready: Aid) -> None:
    batch = cases.frozen(all_ready)
    for maker in ("freeze_by_id", "drafted_by_id"):
        with pytest.raises(IntegrityError, match="batch_second_person"):
            run_sql(
                BATCH.format(
                    f"status = 'approved', approve_by_id = {maker}, approve_at = now(),"
                    " approved_hash = content_hash"
                ),
                batch.pk,
            )


def test_only_what_was_frozen_is_approved(all_ready: Aid) -> None:
    batch = cases.frozen(all_ready)
    person = all_ready.staffed.reviewer.person_id
    with pytest.raises(IntegrityError, match="batch_approves_what_was_frozen"):
        run_sql(
            BATCH.format(
                f"status = 'approved', approve_by_id = {person}, approve_at = now(),"
                " approved_hash = 'x'"
            ),
            batch.pk,
        )


def test_nothing_is_sent_without_a_file(all_ready: Aid) -> None:
    batch = cases.approved(all_ready)
    person = all_ready.staffed.finance.person_id
    with pytest.raises(IntegrityError, match="batch_sent_stamp"):
        run_sql(BATCH.format(f"status = 'sent', send_by_id = {person}, send_at = now()"), batch.pk)


def test_a_returned_batch_has_no_line_without_answer(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    answered = f"status = 'returned', settle_at = now(), settle_by_id = {batch.send_by_id}"
    with pytest.raises(IntegrityError, match="do not fit its status"):
        commit(lambda: run_sql(BATCH.format(answered), batch.pk))


def test_a_batch_adds_up_to_its_lines(all_ready: Aid) -> None:
    batch = cases.draft(all_ready)
    with pytest.raises(IntegrityError, match="does not add up"):
        commit(lambda: run_sql(BATCH.format("line_count = 1, total_fen = 1"), batch.pk))


def test_a_batch_is_never_deleted(all_ready: Aid) -> None:
    batch = cases.draft(all_ready)
    with pytest.raises(DatabaseError, match="stays"):
        run_sql("DELETE FROM disbursement_paymentbatch WHERE id = %s", batch.pk)
    assert PaymentBatch.objects.count() == 1


def test_a_line_is_answered_once(all_ready: Aid) -> None:
    batch = cases.returned(all_ready, {1: "账户未激活"})
    with pytest.raises(DatabaseError, match="frozen"):
        run_sql(LINE.format("bank_note = '改过'"), batch.pk)


def test_a_discarded_draft_stays_as_it_is(all_ready: Aid) -> None:
    batch = cases.draft(all_ready)
    with pytest.raises(IntegrityError, match="batch_discarded_stamp"):
        run_sql(BATCH.format("status = 'discarded'"), batch.pk)
    batch = actions.discard(batch=batch, by=all_ready.staffed.finance)
    with pytest.raises(DatabaseError, match="can not go"):
        run_sql(BATCH.format("status = 'draft'"), batch.pk)
    with pytest.raises(DatabaseError, match="is frozen"):
        run_sql(BATCH.format("instalment = 2"), batch.pk)


def test_only_a_draft_is_discarded(all_ready: Aid) -> None:
    batch = cases.frozen(all_ready)
    discarded = f"status = 'discarded', discard_at = now(), discard_by_id = {batch.freeze_by_id}"
    with pytest.raises(DatabaseError, match="can not go"):
        run_sql(BATCH.format(discarded), batch.pk)
