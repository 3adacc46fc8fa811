"""The bank's answer is written by one statement: each line gets its own row, or nobody any."""

from collections.abc import Sequence
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.refusal import Refused
from disbursement import actions, bank_files, content, ledger
from disbursement.models import BankReturn, LedgerEntry, PaymentBatch, PaymentLine
from office import bulk
from office.spreadsheets.writing import write_rows
from tests.disbursement import cases
from tests.disbursement.cases import PAY_DAY, Aid

HEADERS = ("付款编号", "金额", "处理结果", "原因", "到账日期")
NOTES = ['户名"不符"', "a\\b\\", "{NULL,}", "NULL", "',--", "\\x41"]


def _sent(its: Aid, students: int) -> PaymentBatch:
    for someone in cases.add_students(its.staffed, students):
        cases.ready(its, someone)
    return cases.sent(its)


def _apply(its: Aid, batch: PaymentBatch, rows: Sequence[Sequence[str]]) -> BankReturn:
    return actions.apply_return(
        batch=batch,
        content=write_rows(None, HEADERS, rows),
        filename="回盘.xlsx",
        by=its.staffed.finance,
    )


def _row(line: PaymentLine, result: str = "成功", note: str = "", on: str = "") -> list[str]:
    return [line.number, f"{line.amount_fen / 100:.2f}", result, note, on]


def test_each_line_gets_its_own_row_in_whatever_order_they_come(its: Aid) -> None:
    batch = _sent(its, 6)
    lines = content.lines_of(batch)
    rows = [
        _row(line, "失败" if n % 2 else "成功", note, f"2026-11-{10 + n}")
        for n, (line, note) in enumerate(zip(lines, NOTES, strict=True))
    ]
    found = _apply(its, batch, [rows[n] for n in (4, 0, 5, 2, 1, 3)])
    assert (found.paid_count, found.failed_count) == (3, 3)
    assert (found.paid_fen, found.failed_fen) == (3 * cases.AMOUNT, 3 * cases.AMOUNT)
    assert [(ln.status, ln.settled_on, ln.bank_note) for ln in content.lines_of(batch)] == [
        ("failed", None, note) if n % 2 else ("paid", date(2026, 11, 10 + n), note)
        for n, note in enumerate(NOTES)
    ]
    assert ledger.disagreements(its.school) == []
    cases.commit()


@pytest.mark.parametrize(("result", "booked"), [("成功", "paid"), ("失败", "failed")])
def test_a_part_may_be_empty(all_ready: Aid, result: str, booked: str) -> None:
    batch = cases.sent(all_ready)
    _apply(all_ready, batch, [_row(line, result) for line in content.lines_of(batch)])
    days = {line.settled_on for line in content.lines_of(batch)}
    assert days == ({PAY_DAY} if booked == "paid" else {None})
    causes = LedgerEntry.objects.filter(kind__in=("paid", "failed")).values_list("kind", flat=True)
    assert list(causes) == [booked]
    assert ledger.disagreements(all_ready.school) == []
    cases.commit()


def test_what_no_database_takes_is_no_part_of_a_note(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    payments = content.payments(content.lines_of(batch))

    def told(note: str) -> bytes:
        failures = {payments[0].number: note}
        return bank_files.answer("txt", batch.number, payments, failures=failures, on=PAY_DAY)

    by = all_ready.staffed.finance
    with pytest.raises(Refused, match="文字编码"):
        actions.apply_return(batch=batch, content=told("户名\x00"), filename="回盘.txt", by=by)
    actions.apply_return(
        batch=batch, content=told("户名\u200b不符\u202e"), filename="回盘.txt", by=by
    )
    assert content.lines_of(batch)[0].bank_note == "户名不符"


@pytest.mark.parametrize("changed", [2, 4])
def test_other_than_all_lines_settled_is_none_settled(
    all_ready: Aid, monkeypatch: pytest.MonkeyPatch, changed: int
) -> None:
    batch = cases.sent(all_ready)
    rows = [_row(line) for line in content.lines_of(batch)]
    alter = bulk.alter
    monkeypatch.setattr(bulk, "alter", lambda *told: alter(*told) and changed)
    with pytest.raises(Refused, match=f"3笔明细只登记上{changed}笔"):
        _apply(all_ready, batch, rows)
    assert {line.status for line in content.lines_of(batch)} == {"pending"}
    batch.refresh_from_db()
    assert batch.status == "sent"
    assert not BankReturn.objects.exists()
    assert not LedgerEntry.objects.filter(kind="paid").exists()


def test_lines_of_another_batch_are_not_touched(all_ready: Aid) -> None:
    first = cases.returned(all_ready, {2: "户名不符"})
    before = [(ln.pk, ln.status, ln.bank_note) for ln in content.lines_of(first)]
    again = actions.follow_up(batch=first, by=all_ready.staffed.operator)
    cases.pay(all_ready, again)
    assert [(ln.pk, ln.status, ln.bank_note) for ln in content.lines_of(first)] == before


def test_as_many_queries_for_thirty_lines_as_for_one(its: Aid) -> None:
    asked = []
    for students in (1, 30):
        batch = _sent(its, students)
        rows = [_row(line) for line in content.lines_of(batch)]
        with CaptureQueriesContext(connection) as seen:
            _apply(its, batch, rows)
        asked.append(len(seen))
    assert asked[0] == asked[1] <= 32
