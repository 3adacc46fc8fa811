"""Bank files: the same bytes, the same totals, and every way in which a bank's file is read."""

import io
import time
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disbursement import bank_files
from disbursement.bank_files import Payment, Totals
from office.spreadsheets.cells import Cell
from office.spreadsheets.refusals import Unreadable
from office.spreadsheets.writing import write_rows

PAYMENTS = [
    Payment(n, f"FF-2026-1-001-{n:04d}", name, f"62{n:017d}", "示范银行", 115_000 + n)
    for n, name in enumerate(("张示远", "李样宁", "王·例清"), 1)
]
TOTALS = Totals(3, 345_006)
PROFILES = list(bank_files.PROFILES)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_same_lines_give_the_same_bytes(profile: str) -> None:
    first = bank_files.write(profile, "FF-2026-1-001", PAYMENTS)
    # The writer's clock counts seconds.
    time.sleep(2.1)
    assert bank_files.write(profile, "FF-2026-1-001", PAYMENTS) == first
    assert bank_files.read_back(profile, first) == TOTALS


def test_without_the_mend_a_workbook_tells_when_it_was_made() -> None:
    rows = [["1"]]
    first = write_rows(None, ["序号"], rows)
    time.sleep(2.1)
    assert write_rows(None, ["序号"], rows) != first


def test_a_workbook_keeps_every_digit_and_adds_up() -> None:
    content = bank_files.write("xlsx", "FF-2026-1-001", PAYMENTS)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == bank_files.HEADERS
    assert rows[1][3] == "6200000000000000001"
    assert isinstance(rows[1][5], int | float)
    assert rows[-1][0] == "合计"
    assert rows[-1][5] == pytest.approx(3450.06)
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_a_text_file_begins_with_count_and_sum() -> None:
    text = bank_files.write("txt_gbk", "FF-2026-1-001", PAYMENTS).decode("gbk")
    assert text.splitlines()[:2] == [
        "FF-2026-1-001|3|3450.06",
        "1|FF-2026-1-001-0001|张示远|6200000000000000001|示范银行|1150.01",
    ]


def test_characters_that_a_profile_can_not_hold_are_named() -> None:
    odd = [Payment(7, "n", "张𬭊", "1", "示范|银行", 1)]
    assert bank_files.unwritable("xlsx", odd) == []
    assert bank_files.unwritable("txt", odd) == [
        "第7笔开户行“示范|银行”里的“|”写不进文本（竖线分隔，UTF-8）"
    ]
    gbk = bank_files.unwritable("txt_gbk", odd)
    assert gbk[0] == "第7笔户名“张𬭊”里的“𬭊”写不进文本（竖线分隔，GBK）"
    assert len(gbk) == 2


@pytest.mark.parametrize("profile", PROFILES)
def test_the_banks_answer_is_read_back(profile: str) -> None:
    content = bank_files.answer(
        profile,
        "FF-2026-1-001",
        PAYMENTS,
        failures={"FF-2026-1-001-0002": "账户已挂失"},
        on=date(2026, 11, 27),
    )
    read = bank_files.read_answer(content, "回盘")
    assert read.totals == TOTALS
    assert [a.paid for a in read.answers] == [True, False, True]
    assert read.answers[1].note == "账户已挂失"
    assert read.answers[0].on == date(2026, 11, 27)
    # The line that people see when they open the file.
    assert [a.row for a in read.answers] == [2, 3, 4]


def test_a_total_row_under_the_payment_numbers_is_not_a_payment() -> None:
    rows = [["FF-1", "张示远", "1,150.01", "成功", ""], ["合计", "1笔", "1150.01", "", ""]]
    content = write_rows(None, ("付款编号", "户名", "金额", "结果", "原因"), rows)
    read = bank_files.read_answer(content, "回盘.xlsx")
    assert [a.number for a in read.answers] == ["FF-1"]
    assert read.totals == Totals(1, 115_001)


@pytest.mark.parametrize(
    ("state", "result", "paid", "told"),
    [
        ("成功", "成功", True, "成功，成功"),
        ("", "成功", True, "成功"),
        ("失败", "", False, "失败"),
        # The bank took the order, and the money came back.
        ("成功", "退汇", None, "成功，退汇"),
        ("成功", "已冲正", None, "成功，已冲正"),
        ("", "", None, ""),
    ],
)
def test_two_columns_of_results_must_say_the_same(
    state: str, result: str, paid: bool | None, told: str
) -> None:
    rows = [["FF-1", "1150.01", state, result]]
    content = write_rows(None, ("付款编号", "金额", "状态", "处理结果"), rows)
    (answer,) = bank_files.read_answer(content, "回盘.xlsx").answers
    assert (answer.paid, answer.result) == (paid, told)


@pytest.mark.parametrize(
    ("words", "paid"),
    [
        ("成功 已到账 到账 已入账 交易成功 付款成功 success SUCCESS s S", True),
        ("失败 退汇 已退汇 退票 交易失败 付款失败 不成功 fail Failed F", False),
        # Taken, under way, in part: nobody knows yet whether it arrived.
        ("已受理 处理中 待处理 部分成功 成功后退汇 未到账 未成功 正常 0 1", None),
    ],
)
def test_each_word_of_a_bank_means_one_thing(words: str, paid: bool | None) -> None:
    rows = [[f"FF-{word}", "1.00", word] for word in words.split()]
    content = write_rows(None, ("付款编号", "金额", "处理结果"), rows)
    read = bank_files.read_answer(content, "回盘.xlsx")
    assert {a.number: a.paid for a in read.answers} == {row[0]: paid for row in rows}


def test_an_amount_is_read_to_the_fen_or_not_at_all() -> None:
    """1150.5 is 50 fen; half a fen and a word are no amount."""
    amounts: list[tuple[Cell, int | None]] = [
        ("1150.5", 115_050),
        ("1150.05", 115_005),
        (1150.5, 115_050),
        ("¥1,150元", 115_000),
        (1150.004, None),
        ("1150.004", None),
        ("-1150.00", None),
        ("壹仟", None),
    ]
    rows: list[list[Cell]] = [[f"FF-{n}", amount, "成功"] for n, (amount, _) in enumerate(amounts)]
    headers = ("付款编号", "金额", "处理结果")
    content = write_rows(None, headers, rows, number_formats={1: "0.000"})
    read = bank_files.read_answer(content, "回盘.xlsx")
    assert [a.amount_fen for a in read.answers] == [fen for _, fen in amounts]


def test_a_text_file_without_its_first_line_is_read_too() -> None:
    content = "1|FF-1|张示远|62|示范银行|1150.00|失败|户名不符|\r\n".encode()
    read = bank_files.read_answer(content, "回盘.txt")
    assert read.totals is None
    assert (read.answers[0].number, read.answers[0].paid, read.answers[0].row) == ("FF-1", False, 1)


def test_a_file_that_is_no_answer_says_what_is_missing() -> None:
    with pytest.raises(Unreadable, match="没有“付款编号”“处理结果”这一列"):
        bank_files.read_answer(write_rows(None, ("户名", "金额"), [["张示远", "1"]]), "x.xlsx")
    with pytest.raises(Unreadable):
        bank_files.read_answer(b"|||", "x.txt")


@given(st.integers(1, 10**12))
def test_every_amount_survives_the_way_there_and_back(fen: int) -> None:
    payment = [Payment(1, "FF-1", "张示远", "62", "示范银行", fen)]
    for profile in PROFILES:
        content = bank_files.answer(profile, "FF", payment, failures={}, on=date(2026, 1, 1))
        assert bank_files.read_answer(content, "x").answers[0].amount_fen == fen
