"""A batch of payments: frozen, written for the bank, settled by the bank's answer.

Ours are the product's actions whole, with checklist, locks, fingerprint, ledger and audit line.
"""

import io
import os
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

import openpyxl
from python_calamine import CalamineWorkbook
from rustpy_xlsxwriter import Format, write_worksheet

from bench import ground
from bench.payees import ROWS, World, acting, undone, world
from disbursement import actions, bank_files, content
from disbursement.models import AidCard, Award, PaymentLine
from disbursement.queue import awards_due
from tests.disbursement.cases import PAY_DAY

# A peer that takes minutes is measured on a part.
LOOP_ROWS = min(ROWS, int(os.environ.get("BENCH_LOOP_ROWS", "2000")))
BULK_ROWS = min(ROWS, int(os.environ.get("BENCH_BULK_ROWS", "10000")))
TABLES = ("disbursement_paymentline", "disbursement_paymentbatch", "disbursement_award")
# Every so many-th payment comes back.
FAILING = 50
FREEZE = """
INSERT INTO disbursement_paymentline (school_id, batch_id, award_id, student_id, number, serial,
  name, class_name, bank, card_number, amount_fen, status{more})
SELECT a.school_id, %(batch)s, a.id, a.student_id, %(number)s || '-' || row_number() OVER w,
  row_number() OVER w, c.holder, k.name, c.bank, c.number, a.amount_fen, 'pending'{values}
FROM disbursement_award a
JOIN students_student s ON s.school_id = a.school_id AND s.id = a.student_id
JOIN students_schoolclass k ON k.school_id = s.school_id AND k.id = s.school_class_id
JOIN disbursement_aidcard c
  ON c.school_id = s.school_id AND c.student_id = s.id AND c.status = 'active'
WHERE a.school_id = %(school)s AND a.programme_id = %(programme)s AND a.term_id = %(term)s
  AND a.status = 'granted'
WINDOW w AS (ORDER BY k.grade, k.number, s.pinyin, a.id)
"""
SETTLE = """
UPDATE disbursement_paymentline l
SET status = CASE told.result WHEN '成功' THEN 'paid' ELSE 'failed' END,
  settled_on = CASE told.result WHEN '成功' THEN told.on::date END, bank_note = told.note
FROM told WHERE l.school_id = %(school)s AND l.number = told.number
"""


def freeze() -> None:
    """The product's action."""

    def act(its: World) -> int:
        return int(actions.freeze(batch=its.batch, by=its.by).line_count)

    undone(act, "draft", ROWS)


def freeze_loop(rows: int) -> Callable[[], None]:
    """A card looked up and a line saved for each of the first awards; only the card is checked."""

    def act(its: World) -> int:
        awards = awards_due(its.batch)[:rows]
        return sum(1 for n, award in enumerate(awards, 1) if _frozen_one(its, n, award))

    return lambda: undone(act, "draft", rows)


def _frozen_one(its: World, serial: int, award: Award) -> bool:
    card = AidCard.objects.filter(
        school_id=award.school_id, student_id=award.student_id, status="active"
    ).first()
    if card is None or card.checked_by_id is None:
        return False
    line = PaymentLine(
        school_id=award.school_id,
        batch=its.batch,
        award=award,
        student=award.student,
        number=f"{its.batch.number}-{serial:04d}",
        serial=serial,
        name=card.holder,
        class_name=award.student.school_class.name,
        bank=card.bank,
        amount_fen=award.amount_fen,
    )
    line.card_number = card.number.reveal()
    line.save()
    return True


def _as_owner(statement: str, its: World, **facts: object) -> int:
    """One statement, with what the database checks at the end."""
    with ground.owner(keep=False) as cursor:
        return _run(cursor, statement, its, **facts)


def _run(cursor: Any, statement: str, its: World, **facts: object) -> int:
    cursor.execute("SELECT set_config('aid.scope', %s, true)", [str(its.school.pk)])
    cursor.execute(statement, {"school": its.school.pk, **facts})
    found = int(cursor.rowcount)
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return found


def freeze_least() -> None:
    """INSERT … SELECT as the owner: nothing checked, nothing locked, the seals copied."""
    its = world("draft")
    more, values = ground.required(PaymentLine, FREEZE[: FREEZE.index("SELECT")])
    found = _as_owner(
        FREEZE.format(more=more, values=values),
        its,
        batch=its.batch.pk,
        number=its.batch.number,
        programme=its.batch.programme_id,
        term=its.batch.term_id,
    )
    if found != ROWS:
        raise AssertionError(found)


@lru_cache(maxsize=1)
def _payments() -> list[bank_files.Payment]:
    """The lines as the bank gets them, in memory."""
    its = world("approved")
    with acting(its):
        return content.payments(content.lines_of(its.batch))


def bank_file() -> None:
    """The product's file: cells made safe, the total, the same bytes each time."""
    bank_files.write("xlsx", "FF-2026-1-001", _payments())


def bank_file_openpyxl() -> None:
    """The same cells by what most projects use."""
    _by_openpyxl(_payments())


def _by_openpyxl(payments: Iterable[bank_files.Payment]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(bank_files.HEADERS)
    for payment in payments:
        sheet.append(_cells(payment))
    book.save(io.BytesIO())


def _cells(p: bank_files.Payment) -> tuple[str | float, ...]:
    return (str(p.serial), p.number, p.name, p.card, p.bank, p.amount_fen / 100)


@lru_cache(maxsize=1)
def _records() -> list[dict[str, Any]]:
    return [dict(zip(bank_files.HEADERS, _cells(p), strict=True)) for p in _payments()]


def bank_file_least() -> None:
    """The library that writes our workbooks, given its records."""
    _by_writer(iter(_records()))


def _by_writer(records: Iterator[dict[str, Any]]) -> None:
    text, amount = Format().set_num_format("@"), Format().set_num_format("0.00")
    write_worksheet(
        records,
        io.BytesIO(),
        sheet_name="代发明细",
        column_formats={
            header: amount if header == "金额" else text for header in bank_files.HEADERS
        },
    )


def send() -> None:
    """The product's action: the whole checklist anew, the fingerprint, the file, the ledger."""

    def act(its: World) -> int:
        actions.send(batch=its.batch, by=its.by)
        return ROWS

    undone(act, "approved", ROWS)


def send_openpyxl() -> None:
    """The lines one by one from the database into openpyxl, without any check."""

    def act(its: World) -> int:
        lines = PaymentLine.objects.filter(school_id=its.school.pk, batch=its.batch)
        _by_openpyxl(content.payments(lines.order_by("serial").iterator()))
        return ROWS

    undone(act, "approved", ROWS)


def send_least() -> None:
    """Columns of the lines, their cards opened, straight to the writer: nothing checked."""

    def act(its: World) -> int:
        field = PaymentLine._meta.get_field("card_number")
        opened = field.opener(its.school.pk)
        lines = PaymentLine.objects.filter(school_id=its.school.pk, batch=its.batch)
        rows = lines.order_by("serial").values_list(
            "serial", "number", "name", "card_number", "bank", "amount_fen"
        )
        _by_writer(
            dict(
                zip(
                    bank_files.HEADERS,
                    (str(serial), number, name, opened(card), bank, fen / 100),
                    strict=True,
                )
            )
            for serial, number, name, card, bank, fen in rows
        )
        return ROWS

    undone(act, "approved", ROWS)


@lru_cache(maxsize=3)
def answer(rows: int) -> bytes:
    """What the bank sends back for the first so many lines."""
    return ground.kept(f"answer-{rows}", lambda: _answer(rows))


def _answer(rows: int) -> bytes:
    its = world("sent")
    with acting(its):
        payments = content.payments(content.lines_of(its.batch)[:rows])
    failures = {p.number: "账户未激活" for p in payments if p.serial % FAILING == 0}
    return bank_files.answer("xlsx", its.batch.number, payments, failures=failures, on=PAY_DAY)


def settle() -> None:
    """The product's action."""

    def act(its: World) -> int:
        found = actions.apply_return(
            batch=its.batch, content=answer(ROWS), filename="回盘.xlsx", by=its.by
        )
        return int(found.paid_count + found.failed_count)

    undone(act, "sent", ROWS)


def _told(rows: int) -> Iterator[tuple[str, str, str]]:
    """Number, result and note by openpyxl."""
    book = openpyxl.load_workbook(io.BytesIO(answer(rows)), read_only=True)
    for row in book.worksheets[0].iter_rows(min_row=2, max_row=rows + 1, values_only=True):
        yield str(row[1]), str(row[6]), str(row[7] or "")


def _settled(line: PaymentLine, result: str, note: str) -> PaymentLine:
    line.bank_note = note
    line.status = "paid" if result == "成功" else "failed"
    line.settled_on = PAY_DAY if result == "成功" else None
    return line


FIELDS = ["status", "settled_on", "bank_note"]


def settle_loop(rows: int) -> Callable[[], None]:
    """openpyxl, and for each row a query and a save; nothing is compared."""

    def act(its: World) -> int:
        found = 0
        for number, result, note in _told(rows):
            line = PaymentLine.objects.get(school_id=its.school.pk, number=number)
            _settled(line, result, note).save(update_fields=FIELDS)
            found += 1
        return found

    return lambda: undone(act, "sent", rows)


def settle_bulk(rows: int) -> Callable[[], None]:
    """openpyxl, the lines in a dictionary, `bulk_update` by 500; nothing is compared."""

    def act(its: World) -> int:
        lines = PaymentLine.objects.filter(school_id=its.school.pk, batch=its.batch)
        known = {line.number: line for line in lines[:rows]}
        found = [_settled(known[number], result, note) for number, result, note in _told(rows)]
        return int(PaymentLine.objects.bulk_update(found, FIELDS, batch_size=500))

    return lambda: undone(act, "sent", rows)


def settle_least() -> None:
    """The parser alone, COPY, one UPDATE … FROM as the owner: nothing compared, nothing booked."""
    its = world("sent")
    table = CalamineWorkbook.from_filelike(io.BytesIO(answer(ROWS))).get_sheet_by_index(0)
    lines = "".join(f"{row[1]}\t{row[6]}\t{row[7]}\t{row[8]}\n" for row in table.to_python()[1:-1])
    with ground.owner(keep=False) as cursor:
        cursor.execute(
            'CREATE TEMP TABLE told (number text, result text, note text, "on" text) ON COMMIT DROP'
        )
        cursor.copy_expert("COPY told FROM STDIN", io.StringIO(lines))
        found = _run(cursor, SETTLE, its)
    if found != ROWS:
        raise AssertionError(found)
