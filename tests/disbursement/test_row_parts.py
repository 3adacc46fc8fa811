"""What a status of the money's tables says, part by part, and sums that are no sums."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from disbursement import actions
from disbursement.models import (
    Fund,
    LedgerEntry,
    LedgerPosting,
    PaymentBatch,
    PaymentLine,
    SystemEntry,
)
from office import files
from schools import clock
from tests.disbursement import cases
from tests.disbursement.cases import Aid, run_sql
from tests.disbursement.test_recoveries import asked_back
from tests.parts import Stand, other_than, try_each_part

NOW, TOLD, TODAY = "now()", "'x'", "current_date"


def stamps(verb: str, by: str) -> dict[str, str]:
    """Who and when."""
    return {f"{verb}_by_id": by, f"{verb}_at": NOW}


def be(status: str, **told: str) -> dict[str, str]:
    return {"status": f"'{status}'", **told}


def _awarded(its: Aid) -> None:
    cases.frozen(its)


def a_file(its: Aid) -> Any:
    return files.keep(
        organisation=its.school, name="x.txt", content=b"x", media_type="text/plain",
        purpose="bank_file", created_by=its.staffed.finance.person,
    )  # fmt: skip


def _to_be_sent(its: Aid) -> None:
    cases.approved(its)
    a_file(its)


def _doubted(its: Aid) -> None:
    made = cases.fund(its)
    by = its.staffed.operator.person_id
    told = f"status = 'doubted', doubt_by_id = {by}, doubt_at = now(), back_reason = 'x'"
    run_sql(f"UPDATE disbursement_fund SET {told} WHERE id = %s", made.pk)


def a_card(its: Aid) -> None:
    cases.card(its, cases.add_students(its.staffed, 1)[0], ready=False)


def a_rejection(its: Aid) -> None:
    actions.report_rejection(batch=cases.sent(its), reason="格式不符", by=its.staffed.finance)


def an_entry(its: Aid) -> None:
    SystemEntry.objects.create(
        school=its.school, programme=its.programme, term=its.term, month=0, number=1, people=0,
        amount_fen=0, held={}, entered_by=its.staffed.operator.person, entered_at=clock.now(),
    )  # fmt: skip


def a_recovery(its: Aid) -> None:
    batch = cases.returned(its)
    asked_back(its, PaymentLine.objects.filter(batch=batch).order_by("pk")[0])


CARD, AWARD, FUND = "disbursement_aidcard", "disbursement_award", "disbursement_fund"
BATCH, LINE = "disbursement_paymentbatch", "disbursement_paymentline"
RECOVERY, REJECTION = "disbursement_recovery", "disbursement_bankrejection"
ENTRY = "disbursement_systementry"
ANYBODY = "(SELECT min(id) FROM schools_person)"
ASKED = other_than("asked_by_id")
RETURNED = be(
    "returned", **stamps("confirm", ASKED), **stamps("settle", ASKED), returned_on=TODAY,
    voucher=TOLD,
)  # fmt: skip
CHECK, REFUSE, WITHDRAW = (
    stamps(verb, other_than("entered_by_id")) for verb in ("check", "refuse", "withdraw")
)
STANDS: list[tuple[Callable[[Aid], Any], Stand]] = [
    (
        a_card,
        Stand(
            CARD, "card_checked_stamp",
            {"checked_by_id": other_than("registered_by_id"), "checked_at": NOW},
        ),
    ),
    (
        a_card,
        Stand(
            CARD, "card_activate_stamp",
            be("active", **stamps("activate", ANYBODY), activated_on=TODAY), loose=True,
        ),
    ),
    (
        _awarded,
        Stand(AWARD, "award_revoke_stamp", be("revoked", **stamps("revoke", ANYBODY)), loose=True),
    ),
    (
        cases.recorded,
        Stand(
            FUND, "fund_confirmed_stamp",
            be("confirmed", **stamps("confirm", other_than("recorded_by_id"))), loose=True,
        ),
    ),
    (
        cases.recorded,
        Stand(
            FUND, "fund_discarded_stamp",
            be("discarded", **stamps("discard", ANYBODY), back_reason=TOLD), loose=True,
        ),
    ),
    (
        cases.fund,
        Stand(
            FUND, "fund_doubted_stamp",
            be("doubted", **stamps("doubt", ANYBODY), back_reason=TOLD), loose=True,
        ),
    ),
    (
        _doubted,
        Stand(
            FUND, "fund_reversed_stamp",
            be("reversed", **stamps("reverse", other_than("recorded_by_id", "doubt_by_id"))),
            {"reverse_by_id": "recorded_by_id"}, loose=True,
        ),
    ),
    (
        _doubted,
        Stand(
            FUND, "fund_reversed_stamp",
            be("reversed", **stamps("reverse", other_than("recorded_by_id", "doubt_by_id"))),
            {"reverse_by_id": "doubt_by_id"}, loose=True,
        ),
    ),
    (
        cases.draft,
        Stand(
            BATCH, "batch_frozen_stamp",
            be("frozen", **stamps("freeze", ANYBODY), content_hash=TOLD, line_count="1",
               total_fen="1"),
            loose=True,
        ),
    ),
    (
        cases.draft,
        Stand(
            BATCH, "batch_discarded_stamp", be("discarded", **stamps("discard", ANYBODY)),
            {"line_count": "1"}, loose=True,
        ),
    ),
    (
        cases.frozen,
        Stand(
            BATCH, "batch_approves_what_was_frozen",
            be("approved", **stamps("approve", other_than("freeze_by_id", "drafted_by_id")),
               approved_hash="content_hash"),
            loose=True,
        ),
    ),
    (
        _to_be_sent,
        Stand(
            BATCH, "batch_sent_stamp",
            be("sent", **stamps("send", ANYBODY),
               bank_file_id="(SELECT min(id) FROM office_storedfile)"),
            loose=True,
        ),
    ),
    (
        cases.sent,
        Stand(
            LINE, "line_settled_stamp", be("paid", settled_on=TODAY),
        ),
    ),
    (
        cases.sent,
        Stand(LINE, "line_settled_stamp", be("failed", bank_note=TOLD), loose=True),
    ),
    (
        a_recovery,
        Stand(
            RECOVERY, "recovery_claimed_stamp", be("claimed", **stamps("confirm", ASKED)),
            loose=True,
        ),
    ),
    (
        a_recovery,
        Stand(
            RECOVERY, "recovery_claimed_stamp", RETURNED,
            spare=frozenset(RETURNED) - {"confirm_by_id", "confirm_at", "status"}, loose=True,
        ),
    ),
    (
        a_recovery,
        Stand(
            RECOVERY, "recovery_returned_stamp", RETURNED,
            spare=frozenset({"confirm_by_id", "confirm_at", "status"}), loose=True,
        ),
    ),
    (
        a_recovery,
        Stand(
            RECOVERY, "recovery_dismissed_stamp", be("dismissed", **stamps("dismiss", ASKED)),
            loose=True,
        ),
    ),
    (
        a_rejection,
        Stand(
            REJECTION, "rejection_confirmed_stamp",
            be("confirmed", **stamps("confirm", other_than("reported_by_id", "sent_by_id"))),
            loose=True,
        ),
    ),
    (
        a_rejection,
        Stand(
            REJECTION, "rejection_dismissed_stamp", be("dismissed", **stamps("dismiss", ANYBODY)),
            loose=True,
        ),
    ),
    (
        an_entry,
        Stand(
            ENTRY, "system_entry_stamps", be("checked", **CHECK),
            {**REFUSE, **WITHDRAW, "answer": TOLD},
        ),
    ),
    (
        an_entry,
        Stand(
            ENTRY, "system_entry_stamps", be("refused", **REFUSE, answer=TOLD),
            {**CHECK, **WITHDRAW},
        ),
    ),
    (
        an_entry,
        Stand(
            ENTRY, "system_entry_stamps", be("withdrawn", **WITHDRAW),
            {**CHECK, **REFUSE, "answer": TOLD},
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "stand"), STANDS, ids=[f"{s.constraint}-{s.whole.get('status')}" for _, s in STANDS]
)
def test_each_part_is_asked_for_by_itself(
    all_ready: Aid, make: Callable[[Aid], Any], stand: Stand
) -> None:
    make(all_ready)
    try_each_part(stand)


def _refused(constraint: str, statement: str) -> None:
    with pytest.raises(IntegrityError, match=f'"{constraint}"'):
        run_sql(statement)


@pytest.mark.parametrize("by", ["reported_by_id", "sent_by_id"])
def test_a_whole_batch_is_not_called_sent_back_by_who_sent_it_or_said_so(
    all_ready: Aid, by: str
) -> None:
    a_rejection(all_ready)
    run_sql(f"UPDATE {REJECTION} SET {by} = {other_than('reported_by_id')}")
    told = f"status = 'confirmed', confirm_by_id = {by}, confirm_at = now()"
    _refused("rejection_second_person", f"UPDATE {REJECTION} SET {told}")


def test_a_status_of_no_other_table_stands_for_one(all_ready: Aid) -> None:
    """Stamps make an award revoked, and a bank's note a payment failed, in that status alone."""
    cases.sent(all_ready)
    told = ", ".join(f"{k} = {v}" for k, v in stamps("revoke", ANYBODY).items())
    _refused("award_revoke_stamp", f"UPDATE {AWARD} SET status = 'x', {told}")
    _refused("line_settled_stamp", f"UPDATE {LINE} SET status = 'paid', bank_note = 'x'")


def _inserted(row: Any, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        row.save(force_insert=True)


def test_money_of_nothing_is_neither_received_nor_paid_nor_booked(all_ready: Aid) -> None:
    known = cases.recorded(all_ready)
    known.pk, known.document_no, known.amount_fen = None, "示财教〔2026〕0号", 0
    _inserted(known, "fund_positive")
    cases.fund(all_ready)
    entry = LedgerEntry.objects.get()
    posting = LedgerPosting(school=entry.school, entry=entry, account="recovered", amount_fen=0)
    _inserted(posting, "posting_not_zero")
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    award = cases.award_of(all_ready.staffed.students[0])
    line = PaymentLine(
        school=all_ready.school, batch=cases.draft(all_ready), award=award, student=award.student,
        number="x", serial=1, name="x", class_name="x", bank="x", amount_fen=0,
        card_number=cases.card_number(),
    )  # fmt: skip
    _inserted(line, "line_positive")


def test_what_is_closed_was_settled_and_what_is_reversed_was_doubted(all_ready: Aid) -> None:
    """Rows that no update can make, written as new ones."""
    batch = cases.returned(all_ready)
    PaymentBatch.objects.filter(pk=batch.pk).update(
        status="closed", close_by=batch.settle_by, close_at=clock.now()
    )
    batch.refresh_from_db()
    batch.pk, batch.number, batch.settle_by, batch.settle_at = None, "x", None, None
    _inserted(batch, "batch_settled_stamp")
    made = cases.fund(all_ready)
    made.pk, made.document_no, made.status = None, "示财教〔2026〕0号", Fund.Status.REVERSED
    made.reverse_by, made.reverse_at = all_ready.staffed.reviewer.person, clock.now()
    _inserted(made, "fund_doubted_stamp")
