"""Broken files of banks, returns and tables of cards, are read or refused in words."""

from datetime import date

import pytest

from disbursement import bank_files, card_files
from disbursement.bank_files import Payment
from office.spreadsheets.cells import Cell
from office.spreadsheets.writing import write_rows
from tests.cast import Cast
from tests.mutations import (
    SHORT,
    Kind,
    in_bytes,
    survive,
    survive_long,
    whole_first,
    workbooks,
)
from tests.office.workbooks import rebuilt

NUMBER = "FF-2026-1-001"
PAYMENTS = [
    Payment(n, f"{NUMBER}-{n:04d}", "张示远", "6200000000000000001", "示范银行", 115_000 + n)
    for n in range(1, 6)
]


def _answer(profile: str) -> bytes:
    failures = {f"{NUMBER}-0002": "账户已挂失"}
    return bank_files.answer(profile, NUMBER, PAYMENTS, failures=failures, on=date(2026, 11, 27))


def _by_hand() -> bytes:
    """A clerk's own table, amounts and days as numbers."""
    headers = ("付款编号", "户名", "金额", "结果", "原因", "日期")
    rows: list[list[Cell]] = [
        [p.number, p.name, p.amount_fen / 100, "成功", "", 46_353] for p in PAYMENTS
    ]
    return write_rows(None, headers, rows, text_columns=())


ANSWERS = {
    **workbooks(lambda: _answer("xlsx")),
    **{f"by hand, {name}": kind for name, kind in workbooks(_by_hand).items()},
    "txt": Kind(lambda: _answer("txt"), in_bytes, 2),
    "txt_gbk": Kind(lambda: _answer("txt_gbk"), in_bytes, 2),
}


def read(content: bytes) -> list[str]:
    """An answer of a bank; what is wrong in it is said against the batch."""
    bank_files.read_answer(content, "回盘")
    return []


def test_the_answers_to_break_are_whole() -> None:
    whole_first(ANSWERS, read)


@pytest.mark.parametrize("kind", ANSWERS)
def test_broken_answers_are_read_or_refused(kind: str) -> None:
    survive(kind, ANSWERS[kind], read, SHORT)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ANSWERS)
def test_many_broken_answers_are_read_or_refused(kind: str) -> None:
    survive_long(kind, ANSWERS[kind], read)


@pytest.mark.parametrize("amount", [b"<v>1E309</v>", b"<v>-1E309</v>", b"<v>NaN</v>"])
def test_an_amount_beyond_all_numbers_is_no_amount(amount: bytes) -> None:
    content = _by_hand()
    whole = bank_files.read_answer(content, "回盘").answers
    damaged = rebuilt(content, lambda _, part: part.replace(b"<v>1150.01</v>", amount))
    found = bank_files.read_answer(damaged, "回盘").answers
    assert [a.amount_fen for a in found] == [None, *(a.amount_fen for a in whole[1:])]


def test_an_amount_of_a_text_with_thousands_of_digits_is_none() -> None:
    content = _answer("txt").replace(b"1150.01", b"9" * 5_000)
    answers = bank_files.read_answer(content, "回盘").answers
    assert [a.amount_fen for a in answers] == [None, *(p.amount_fen for p in PAYMENTS[1:])]


@pytest.mark.parametrize("count", ["²", "9" * 5_000])
def test_a_count_that_is_none_is_no_total(count: str) -> None:
    content = _answer("txt").replace(b"|5|", f"|{count}|".encode(), 1)
    assert bank_files.read_answer(_answer("txt"), "回盘").totals is not None
    assert bank_files.read_answer(content, "回盘").totals is None


CARDS = workbooks(
    lambda: write_rows(
        None,
        ("学号", "姓名", "卡号", "开户行"),
        [(f"2026{n:04d}", "张示远", f"62000000000000{n:05d}", "示范银行") for n in range(5)],
    )
)


@pytest.mark.parametrize("kind", CARDS)
def test_broken_tables_of_cards_are_read_or_refused(cast: Cast, kind: str) -> None:
    def look(content: bytes) -> list[str]:
        card_files.read(content, "资助卡", cast.school)
        return []

    assert survive(kind, CARDS[kind], look, SHORT).read > 0
