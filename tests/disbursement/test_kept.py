"""What the database keeps of money as it was said: every column and every way, one by one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection

from disbursement import actions, upkeep
from disbursement.models import Fund, PaymentBatch, PaymentLine, SystemEntry
from office.models import StoredFile
from schools import clock
from schools.scope import acting_for
from tests.disbursement import cases
from tests.disbursement.cases import Aid, commit, run_sql
from tests.kept import columns, kept, refusal, undone, ways

BATCHES, LINES = "disbursement_paymentbatch", "disbursement_paymentline"
FUNDS, ENTRIES = "disbursement_fund", "disbursement_systementry"

# --- funds


def doubted(its: Aid) -> Fund:
    return actions.doubt_fund(fund=cases.fund(its), reason="文号有误", by=its.staffed.finance)


FUND_STATES: dict[str, tuple[Callable[[Aid], Fund], set[str]]] = {
    "recorded": (cases.recorded, {"confirmed", "discarded"}),
    "confirmed": (cases.fund, {"doubted"}),
    "doubted": (doubted, {"confirmed", "reversed"}),
    "discarded": (
        lambda its: actions.discard_fund(
            fund=cases.recorded(its), reason="文号有误", by=its.staffed.finance
        ),
        set(),
    ),
    "reversed": (
        lambda its: actions.reverse_fund(fund=doubted(its), by=its.staffed.leader),
        set(),
    ),
}
# What a step writes along with the status.
FUND_STEPS = {
    ("recorded", "confirmed"): {"confirm_at", "confirm_by_id"},
    ("recorded", "discarded"): {"discard_at", "discard_by_id", "back_reason"},
    ("confirmed", "doubted"): {"doubt_at", "doubt_by_id", "back_reason"},
    ("doubted", "confirmed"): set(),
    ("doubted", "reversed"): {"reverse_at", "reverse_by_id"},
}


@pytest.mark.parametrize("state", FUND_STATES)
def test_a_fund_goes_its_ways_alone(its: Aid, state: str) -> None:
    make, onward = FUND_STATES[state]
    fund = make(its)
    assert fund.status == state
    assert ways(FUNDS, fund.pk, FUND_STATES, "can not go") == onward | {state}
    everything = set(columns(FUNDS)) - {"status"}
    assert kept(FUNDS, fund.pk, "keeps what it is") == everything
    for to in onward:
        along = kept(FUNDS, fund.pk, "keeps what it is", f", status = '{to}'")
        assert everything - along == FUND_STEPS[state, to], to
    assert f"fund {fund.pk} stays" in refusal("DELETE FROM disbursement_fund")


# --- batches


def closed(its: Aid) -> PaymentBatch:
    batch = cases.returned(its)
    return actions.close(batch=batch, by=its.staffed.operator)


SAID = {
    "school_id", "number", "programme_id", "term_id", "follows_id", "drafted_by_id", "drafted_at",
}  # fmt: skip
FROZEN = {
    "line_count", "total_fen", "content_hash", "held", "freeze_by_id", "freeze_at", "instalment",
    "late_document", "award_mark",
}  # fmt: skip
APPROVED = {"approved_hash", "approve_by_id", "approve_at"}
SENT = {"bank_file_id", "profile", "send_by_id", "send_at"}
STEPS = {
    "ordinal", "discard_at", "discard_by_id", "settle_at", "settle_by_id", "close_at",
    "close_by_id",
}  # fmt: skip
BATCH_STATES: dict[str, tuple[Callable[[Aid], PaymentBatch], set[str], set[str]]] = {
    "draft": (cases.draft, {"frozen", "discarded"}, set()),
    "discarded": (
        lambda its: actions.discard(batch=cases.draft(its), by=its.staffed.finance),
        set(),
        FROZEN | APPROVED | SENT,
    ),
    "frozen": (cases.frozen, {"draft", "approved"}, FROZEN),
    "approved": (cases.approved, {"draft", "sent"}, FROZEN | APPROVED),
    "sent": (cases.sent, {"approved", "returned"}, FROZEN | APPROVED | SENT),
    "returned": (cases.returned, {"closed"}, FROZEN | APPROVED | SENT),
    "closed": (closed, set(), FROZEN | APPROVED | SENT),
}


@pytest.mark.parametrize("state", BATCH_STATES)
def test_a_batch_goes_its_ways_and_keeps_what_was_said(all_ready: Aid, state: str) -> None:
    make, onward, frozen = BATCH_STATES[state]
    batch = make(all_ready)
    assert batch.status == state
    assert ways(BATCHES, batch.pk, BATCH_STATES, "can not go") == onward | {state}
    assert kept(BATCHES, batch.pk, "keeps what it is") == SAID
    assert kept(BATCHES, batch.pk, "is frozen") == frozen
    assert kept(BATCHES, batch.pk, "keeps who took its steps") == STEPS
    deletion = "DELETE FROM disbursement_paymentbatch WHERE id = %s"
    assert f"batch {batch.pk} stays" in refusal(deletion, batch.pk)


@pytest.mark.parametrize(
    ("make", "to", "frozen"),
    [
        # On the step itself its own stamps are written, those before it stay.
        (cases.frozen, "approved", FROZEN),
        (cases.approved, "sent", FROZEN | APPROVED),
        (cases.sent, "returned", FROZEN | APPROVED | SENT),
        # Refused by the bank, the file goes; who approved what stays.
        (cases.sent, "approved", FROZEN | APPROVED),
        (cases.frozen, "draft", set()),
        (cases.approved, "draft", set()),
    ],
)
def test_no_step_takes_what_was_said_along(
    all_ready: Aid, make: Callable[[Aid], PaymentBatch], to: str, frozen: set[str]
) -> None:
    batch = make(all_ready)
    along = f", status = '{to}'"
    assert kept(BATCHES, batch.pk, "is frozen", along) == frozen
    assert kept(BATCHES, batch.pk, "keeps what it is", along) == SAID


@pytest.mark.parametrize(
    ("make", "to", "stamps"),
    [
        (cases.draft, "discarded", {"discard_at", "discard_by_id"}),
        (cases.draft, "frozen", set()),
        (cases.frozen, "approved", set()),
        (cases.approved, "sent", set()),
        (cases.sent, "returned", {"settle_at", "settle_by_id"}),
        (cases.returned, "closed", {"close_at", "close_by_id"}),
    ],
)
def test_a_stamp_comes_with_its_own_step(
    all_ready: Aid, make: Callable[[Aid], PaymentBatch], to: str, stamps: set[str]
) -> None:
    batch = make(all_ready)
    said = kept(BATCHES, batch.pk, "keeps who took its steps", f", status = '{to}'")
    assert STEPS - said == stamps


# --- a refused file


def refused_by_the_bank(its: Aid) -> PaymentBatch:
    """Sent, and two persons said that the bank refused the file; the batch itself still sent."""
    batch = cases.sent(its)
    run_sql(
        "INSERT INTO disbursement_bankrejection (school_id, batch_id, file_id, sent_by_id,"
        " sent_at, profile, reason, dismiss_reason, status, reported_by_id, reported_at,"
        " confirm_by_id, confirm_at) SELECT school_id, id, bank_file_id, send_by_id, send_at,"
        " profile, '格式', '', 'confirmed', send_by_id, now(), approve_by_id, now()"
        " FROM disbursement_paymentbatch WHERE id = %s",
        batch.pk,
    )
    return batch


BACK = "UPDATE disbursement_paymentbatch SET status = 'approved' WHERE id = %s"


def test_only_the_refusal_of_this_very_file_takes_a_batch_back(all_ready: Aid) -> None:
    batch = refused_by_the_bank(all_ready)
    without = BACK.replace("'approved'", "'approved', bank_file_id = NULL, send_by_id = NULL")
    assert refusal(without, batch.pk) == ""
    for change in (
        "status = 'reported', confirm_by_id = NULL, confirm_at = NULL",
        "status = 'dismissed', dismiss_by_id = confirm_by_id, dismiss_at = now()",
    ):
        with undone():
            run_sql(f"UPDATE disbursement_bankrejection SET {change}")
            assert "was not refused by the bank" in refusal(BACK, batch.pk)
    assert refusal(BACK, batch.pk) == ""


def test_the_refusal_of_another_file_or_batch_takes_none_back(all_ready: Aid) -> None:
    batch = refused_by_the_bank(all_ready)
    other = cases.aid(all_ready.staffed, cases.programme("other"))
    beside = cases.draft(other)
    with undone():
        run_sql("UPDATE disbursement_bankrejection SET batch_id = %s", beside.pk)
        assert "was not refused by the bank" in refusal(BACK, batch.pk)
    with undone():
        file = StoredFile.objects.get()
        file.pk, file.path = None, "another"
        file.save(force_insert=True)
        run_sql("UPDATE disbursement_bankrejection SET file_id = %s", file.pk)
        assert "was not refused by the bank" in refusal(BACK, batch.pk)


def test_a_batch_of_which_a_line_was_answered_is_not_taken_back(all_ready: Aid) -> None:
    batch = refused_by_the_bank(all_ready)
    line = PaymentLine.objects.filter(batch=batch).earliest("pk")
    PaymentLine.objects.filter(pk=line.pk).update(status="paid", settled_on=clock.today())
    with pytest.raises(DatabaseError, match="do not fit its status"):
        commit(lambda: run_sql(BACK, batch.pk))


def test_a_batch_is_not_returned_while_one_line_has_no_answer(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    lines = PaymentLine.objects.filter(batch=batch)
    answered = "status = 'returned', settle_at = now(), settle_by_id = send_by_id"
    returned = f"UPDATE {BATCHES} SET {answered} WHERE id = %s"
    for line in lines.order_by("pk")[1:]:
        PaymentLine.objects.filter(pk=line.pk).update(status="paid", settled_on=clock.today())
    with pytest.raises(DatabaseError, match="do not fit its status"):
        commit(lambda: run_sql(returned, batch.pk))
    lines.filter(status="pending").update(status="failed", bank_note="户名不符")
    commit(lambda: run_sql(returned, batch.pk))


# --- lines

ANSWER = {"status", "bank_note", "settled_on"}
ADDED = (
    "INSERT INTO disbursement_paymentline SELECT (jsonb_populate_record(l, jsonb_build_object("
    "'id', 99, 'number', 'x', 'serial', 99, 'status', 'failed', 'bank_note', 'x', 'award_id',"
    " l.award_id))).* FROM disbursement_paymentline l WHERE batch_id = %s LIMIT 1"
)


@pytest.mark.parametrize("state", BATCH_STATES)
def test_lines_are_written_in_a_draft_and_answered_while_sent(all_ready: Aid, state: str) -> None:
    batch = cases.sent(all_ready) if state == "draft" else BATCH_STATES[state][0](all_ready)
    if state in ("draft", "discarded"):
        return
    line = PaymentLine.objects.filter(batch=batch).earliest("pk")
    everything = set(columns(LINES)) - {"status"}
    meant = everything - ANSWER if state == "sent" else everything
    assert kept(LINES, line.pk, "is frozen") == meant
    settled = f"UPDATE {LINES} SET status = 'failed', bank_note = 'x' WHERE id = %s"
    assert ("is frozen" in refusal(settled, line.pk)) is (state != "sent")
    assert "are frozen" in refusal(f"DELETE FROM {LINES} WHERE id = %s", line.pk)
    assert "are frozen" in refusal(ADDED, batch.pk)


def test_an_answered_line_of_a_sent_batch_is_answered(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    first, second, _ = PaymentLine.objects.filter(batch=batch).order_by("pk")
    PaymentLine.objects.filter(pk=first.pk).update(status="failed", bank_note="户名不符")
    assert kept(LINES, first.pk, "is frozen") == set(columns(LINES)) - {"status"}
    for status in ("pending", "paid"):
        told = refusal(f"UPDATE {LINES} SET status = %s WHERE id = %s", status, first.pk)
        assert "is frozen" in told
    assert kept(LINES, second.pk, "is frozen") == set(columns(LINES)) - ANSWER


def test_a_line_stays_in_its_batch_and_is_ruled_by_it(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    other = cases.aid(all_ready.staffed, cases.programme("other"))
    cases.case(other, all_ready.staffed.students[0])
    beside = cases.sent(other)
    assert beside.line_count == 1
    line = PaymentLine.objects.get(batch=batch, serial=3)
    moved = f"UPDATE {LINES} SET batch_id = %s WHERE id = %s"
    assert "is frozen" in refusal(moved, beside.pk, line.pk)
    third = cases.draft(cases.aid(all_ready.staffed, cases.programme("third")))
    assert third.status == "draft"
    assert "are frozen" in refusal(f"DELETE FROM {LINES} WHERE id = %s", line.pk)
    assert "are frozen" in refusal(ADDED, batch.pk)


def drafted_line(its: Aid, **facts: Any) -> PaymentBatch:
    """A draft with one line, as nothing but raw SQL leaves it."""
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    batch = cases.draft(its)
    someone = its.staffed.students[0]
    PaymentLine.objects.create(
        school=its.school, batch=batch, award=cases.award_of(someone), student=someone,
        number="x", serial=1, name=someone.name, class_name="x", bank="x",
        card_number="6200000000000000001", amount_fen=cases.AMOUNT, **facts,
    )  # fmt: skip
    PaymentBatch.objects.filter(pk=batch.pk).update(line_count=1, total_fen=cases.AMOUNT)
    return batch


FREEZE = (
    "UPDATE disbursement_paymentbatch SET status = 'frozen', line_count = {}, total_fen = {},"
    " content_hash = 'x', freeze_at = now(), freeze_by_id = drafted_by_id WHERE id = %s"
)


def test_a_line_leaves_a_draft_but_is_not_changed_in_it(all_ready: Aid) -> None:
    batch = drafted_line(all_ready)
    line = PaymentLine.objects.get(batch=batch)
    assert kept(LINES, line.pk, "is frozen") == set(columns(LINES)) - {"status"}
    with undone():
        PaymentLine.objects.filter(pk=line.pk).delete()
        assert not PaymentLine.objects.exists()


@pytest.mark.parametrize(
    ("count", "total", "said"),
    [
        (1, cases.AMOUNT, None),
        (2, cases.AMOUNT, "does not add up"),
        (1, cases.AMOUNT + 1, "does not add up"),
        (1, cases.AMOUNT - 1, "does not add up"),
    ],
)
def test_count_and_total_are_those_of_the_lines(
    all_ready: Aid, count: int, total: int, said: str | None
) -> None:
    cases.fund(all_ready)
    batch = drafted_line(all_ready)
    # Another batch's lines are its own.
    other = cases.aid(all_ready.staffed, cases.programme("other"))
    beside = cases.draft(other)
    assert beside.pk != batch.pk

    def freeze() -> None:
        run_sql(FREEZE.format(count, total), batch.pk)

    if said is None:
        commit(freeze)
        return
    with pytest.raises(DatabaseError, match=said):
        commit(freeze)


def test_nothing_is_frozen_that_was_answered(all_ready: Aid) -> None:
    cases.fund(all_ready)
    batch = drafted_line(all_ready, status="failed", bank_note="x")
    with pytest.raises(DatabaseError, match="do not fit its status"):
        commit(lambda: run_sql(FREEZE.format(1, cases.AMOUNT), batch.pk))


def test_batches_are_added_up_for_the_rows_school_when_nobody_acts(all_ready: Aid) -> None:
    cases.frozen(all_ready)
    with acting_for(None), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT current_setting('aid.scope')")
        assert cursor.fetchone()[0] == ""
    assert PaymentBatch.objects.count() == 1


# --- what was entered into the national system

ENTRY_ANSWERS = {
    "check_by_id", "check_at", "refuse_by_id", "refuse_at", "answer", "withdraw_by_id",
    "withdraw_at",
}  # fmt: skip


def test_an_entry_keeps_what_was_entered(all_ready: Aid) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    (duty,) = upkeep.duties(all_ready.school, all_ready.term)
    entry = actions.note_entered(
        school=all_ready.school, programme=all_ready.programme, term=all_ready.term,
        month=duty.month, shown=duty.mark, by=all_ready.staffed.operator,
    )  # fmt: skip
    everything = set(columns(ENTRIES)) - {"status"}
    assert kept(ENTRIES, entry.pk, "stands") == everything - ENTRY_ANSWERS
    deletion = f"DELETE FROM {ENTRIES} WHERE id = %s"
    assert "stands" in refusal(deletion, entry.pk)
    answers: dict[str, Callable[[SystemEntry], SystemEntry]] = {
        "checked": lambda e: actions.check_entry(entry=e, by=all_ready.staffed.reviewer),
        "refused": lambda e: actions.refuse_entry(
            entry=e, answer="少一人", by=all_ready.staffed.reviewer
        ),
        "withdrawn": lambda e: actions.withdraw_entry(entry=e, by=all_ready.staffed.operator),
    }
    for status, answer in answers.items():
        with undone():
            assert answer(entry).status == status
            assert kept(ENTRIES, entry.pk, "stands") == everything
            assert ways(ENTRIES, entry.pk, answers, "stands") == set()
            assert "stands" in refusal(deletion, entry.pk)
