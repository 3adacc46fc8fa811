"""Files to and from the bank: a pure function of the frozen lines, the same bytes every time.

Profiles: `xlsx` (a table whose cells are text, amounts aside) and `txt`/`txt_gbk` (fields between
bars, a first line with count and sum). The bank sends the same rows back with its result.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import NamedTuple, NoReturn

from office import bulk
from office.files import XLSX
from office.spreadsheets.cells import Cell, as_date, as_text
from office.spreadsheets.delimited import decode
from office.spreadsheets.headers import Header, find_header, normalised
from office.spreadsheets.reading import read_sheets
from office.spreadsheets.refusals import Unreadable
from office.spreadsheets.writing import NOT_IN_XML, write_rows

PROFILES = {
    "xlsx": "Excel表格（.xlsx）",
    "txt": "文本（竖线分隔，UTF-8）",
    "txt_gbk": "文本（竖线分隔，GBK）",
}
ENCODINGS = {"txt": "utf-8", "txt_gbk": "gbk"}
MEDIA = {
    "xlsx": XLSX,
    "txt": "text/plain",
    "txt_gbk": "text/plain",
}
HEADERS = ("序号", "付款编号", "户名", "卡号", "开户行", "金额")
ANSWER = ("处理结果", "原因", "到账日期")
BAR = "|"
TOTAL = "合计"
TOTALS = ("合计", "总计")
SUBTOTAL = "小计"
SUMS = (*TOTALS, SUBTOTAL)
# 20261120102311: day and time of the booking.
STAMP = re.compile(r"(\d{8})\d{6}")
# A workbook tells when it was made; without this two files of the same lines would differ.
MADE = re.compile(rb"<dcterms:(created|modified)([^>]*)>[^<]*<")
SAME_MOMENT = rb"<dcterms:\1\2>2000-01-01T00:00:00Z<"
TELLS_WHEN = "docProps/core.xml"
EPOCH = (1980, 1, 1, 0, 0, 0)
COUNT = re.compile(r"[0-9]{1,9}")
# No amount of a bank is as large; numbers from here on have lost their fen.
MOST_YUAN = 10**13

KNOWN: Mapping[str, Sequence[str]] = {
    "number": ("付款编号", "业务编号", "付款流水号", "客户流水号"),
    "name": ("户名", "收款人", "姓名"),
    "amount": ("金额", "金额（元）", "交易金额"),
    "result": ("处理结果", "结果", "状态", "交易状态", "交易结果"),
    "note": ("原因", "失败原因", "银行说明", "说明", "备注", "摘要"),
    "date": ("到账日期", "入账日期", "交易日期"),
}
PAID_WORDS = frozenset({"成功", "已到账", "到账", "已入账", "交易成功", "付款成功", "success", "s"})
FAILED_WORDS = frozenset(
    {"失败", "退汇", "已退汇", "退票", "交易失败", "付款失败", "不成功", "fail", "failed", "f"}
)


class Payment(NamedTuple):
    """One line as the bank gets it; `amount_fen` in fen."""

    serial: int
    number: str
    name: str
    card: str
    bank: str
    amount_fen: int

    def __repr__(self) -> str:
        """Without name and card: what fails is printed with its values."""
        return f"<Payment {self.number}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a payment is not pickled: caches and queues would keep its card in clear")


@dataclass(frozen=True, slots=True)
class Totals:
    """Control totals of a file."""

    count: int
    fen: int


class Answer(NamedTuple):
    """One row of the bank's file. `paid` is None when its result can't be understood.

    `on` is the day that it tells, `said_on` how it does; no day can be read of some.
    """

    row: int
    number: str
    amount_fen: int | None
    paid: bool | None
    result: str
    note: str
    on: date | None
    said_on: str = ""


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """What a bank's file says, with its own control totals where it has any."""

    answers: list[Answer]
    totals: Totals | None


def totals_of(payments: Iterable[Payment]) -> Totals:
    """Count and sum of lines."""
    amounts = [p.amount_fen for p in payments]
    return Totals(len(amounts), sum(amounts))


def unwritable(profile: str, payments: Iterable[Payment]) -> list[str]:
    """Which names and banks the profile can't hold, said before any file is made."""
    found = []
    for payment in payments:
        for label, text in (("户名", payment.name), ("开户行", payment.bank)):
            if bad := _unwritable_characters(profile, text):
                found.append(
                    f"第{payment.serial}笔{label}“{text}”里的“{bad}”写不进{PROFILES[profile]}"
                )
    return found


@bulk.uncollected()
def write(profile: str, batch_number: str, payments: Sequence[Payment]) -> bytes:
    """The bank file. The same lines give the same bytes."""
    if profile == "xlsx":
        total = _total_row(payments, len(HEADERS))
        return _table(HEADERS, chain(map(_row, payments), [total]))
    lines = [_first_line(batch_number, totals_of(payments))]
    lines += [BAR.join(_text_row(p)) for p in payments]
    return ("\r\n".join(lines) + "\r\n").encode(ENCODINGS[profile])


def answer(
    profile: str,
    batch_number: str,
    payments: Sequence[Payment],
    *,
    failures: Mapping[str, str],
    on: date,
) -> bytes:
    """What a bank would send back: the same rows, `failures` by payment number with the reason."""
    results = [
        ("失败", failures[p.number], "") if p.number in failures else ("成功", "", on.isoformat())
        for p in payments
    ]
    if profile == "xlsx":
        rows = [[*_row(p), *result] for p, result in zip(payments, results, strict=True)]
        headers = (*HEADERS, *ANSWER)
        return _table(headers, [*rows, _total_row(payments, len(headers))])
    lines = [_first_line(batch_number, totals_of(payments))]
    lines += [
        BAR.join((*_text_row(p), *result)) for p, result in zip(payments, results, strict=True)
    ]
    return ("\r\n".join(lines) + "\r\n").encode(ENCODINGS[profile])


def read_back(profile: str, content: bytes) -> Totals:
    """Count and sum of a bank file that we wrote, read from its bytes."""
    rows = _rows(profile, content)
    header = find_header(rows, KNOWN)
    if header is None:
        return Totals(0, 0)
    column = header.columns
    found = [
        _fen(row[column["amount"]])
        for row in rows[header.row_index + 1 :]
        if as_text(row[column["number"]])
    ]
    return Totals(len(found), sum(fen or 0 for fen in found))


def read_answer(content: bytes, filename: str) -> AnswerFile:
    """The bank's file, in whichever profile. Raises `Unreadable` when it can't be one."""
    profile = "xlsx" if content[:2] == b"PK" or BAR.encode() not in content[:4096] else "txt"
    rows = _rows(profile, content, filename)
    header = find_header(rows, KNOWN)
    absent = {"number": "付款编号", "amount": "金额", "result": "处理结果"}
    if header is not None:
        absent = {f: label for f, label in absent.items() if f not in header.columns}
    if header is None or absent:
        raise Unreadable(
            f"回盘文件里没有“{'”“'.join(absent.values())}”这一列。",
            "请使用银行对本批次的回盘文件，不要删改表头，再上传。",
        )
    if profile == "xlsx":
        return _answers(rows, header, None, first=header.row_index + 2)
    # Our own headings stand above the rows of a text file.
    totals = _first_totals(rows[0]) if header.row_index else None
    return _answers(rows, header, totals, first=header.row_index + 1)


def _answers(
    rows: list[list[Cell]], header: Header, totals: Totals | None, *, first: int
) -> AnswerFile:
    """The rows below the header; `first` is what people call the first of them."""
    answers, parts = [], list[Totals | None]()
    telling = _result_columns(header) or [header.columns["result"]]
    # A file tells few words and few days, on many rows; they are forgotten with it.
    paid_of, day_of = lru_cache(1024)(_paid), lru_cache(1024, typed=True)(_day)
    numbers, amounts = header.columns["number"], header.columns["amount"]
    days, notes = header.columns.get("date", -1), header.columns.get("note", -1)
    for index in range(header.row_index + 1, len(rows)):
        row = rows[index]
        texts = [as_text(cell) for cell in row]
        width = len(texts)
        amount = row[amounts] if amounts < width else ""
        if any(text.startswith(SUMS) for text in texts):
            if any(text.startswith(TOTALS) for text in texts):
                totals = totals or _total_of_row(texts, amount)
            else:
                parts.append(_total_of_row(texts, amount))
        elif numbers < width and (number := texts[numbers]):
            said_on = texts[days].strip("-—/ ") if 0 <= days < width else ""
            results = tuple([texts[c] for c in telling if c < width and texts[c]])
            answers.append(
                Answer(
                    first + index - header.row_index - 1,
                    number,
                    _fen(amount),
                    paid_of(results),
                    "，".join(results),
                    texts[notes] if 0 <= notes < width else "",
                    day_of(said_on, row[days]) if said_on else None,
                    said_on,
                )
            )
    # A single 小计 at the end is the whole; several are pages of it.
    return AnswerFile(answers, totals or (parts[0] if len(parts) == 1 else None))


def _result_columns(header: Header) -> list[int]:
    """Every column that tells a result: that a file was taken says not that the money arrived."""
    words = {normalised(word) for word in KNOWN["result"]}
    return [c for c, label in enumerate(header.labels) if normalised(label) in words]


def _paid(results: tuple[str, ...]) -> bool | None:
    said = {
        True if word in PAID_WORDS else False if word in FAILED_WORDS else None
        for word in (result.casefold() for result in results)
    }
    return said.pop() if len(said) == 1 else None


def _day(said_on: str, cell: Cell) -> date | None:
    stamp = STAMP.fullmatch(said_on)
    try:
        return as_date(stamp.group(1) if stamp else cell)
    except ValueError:
        return None


def _rows(profile: str, content: bytes, filename: str = "") -> list[list[Cell]]:
    if profile == "xlsx":
        return read_sheets(content, filename or "bank.xlsx").sheets[0].rows
    lines = [line for line in decode(content).splitlines() if line.strip()]
    if not lines:
        raise Unreadable("文件是空的。", "请重新从银行下载回盘文件，再上传。")
    rows: list[list[Cell]] = [list(line.split(BAR)) for line in lines]
    width = max(len(row) for row in rows)
    # A text file carries no headings; its columns are those of the profile.
    headings: list[Cell] = list((*HEADERS, *ANSWER)[:width])
    top = 1 if len(rows[0]) < len(HEADERS) else 0
    return [*rows[:top], headings, *rows[top:]]


def _first_line(batch_number: str, totals: Totals) -> str:
    return BAR.join((batch_number, str(totals.count), _yuan(totals.fen)))


def _first_totals(row: Sequence[Cell]) -> Totals | None:
    fen = _fen(row[2]) if len(row) >= 3 else None
    count = as_text(row[1]) if len(row) >= 2 else ""
    return Totals(int(count), fen) if COUNT.fullmatch(count) and fen is not None else None


def _total_of_row(texts: Sequence[str], amount: Cell) -> Totals | None:
    counts = [re.fullmatch(r"([0-9]{1,9})笔", text) for text in texts]
    fen = _fen(amount)
    count = next((int(found.group(1)) for found in counts if found), None)
    return Totals(count, fen) if count is not None and fen is not None else None


def _row(payment: Payment) -> list[Cell]:
    p = payment
    return [str(p.serial), p.number, p.name, p.card, p.bank, p.amount_fen / 100]


def _total_row(payments: Sequence[Payment], width: int) -> list[Cell]:
    totals = totals_of(payments)
    row: list[Cell] = [TOTAL, "", f"{totals.count}笔", "", "", totals.fen / 100]
    row += [""] * (width - len(row))
    return row


def _text_row(payment: Payment) -> tuple[str, ...]:
    p = payment
    return (str(p.serial), p.number, p.name, p.card, p.bank, _yuan(p.amount_fen))


def _table(headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    content = write_rows(
        None,
        headers,
        rows,
        sheet_name="代发明细",
        widths=[6, 22, 12, 24, 24, 14, 10, 24, 12][: len(headers)],
        number_formats={5: "0.00"},
    )
    return _timeless(content)


def _timeless(workbook: bytes) -> bytes:
    """The same parts, packed as they are, but for the one that tells when they were made."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        parts = sorted(source.infolist(), key=attrgetter("header_offset"))
        ends = [*(part.header_offset for part in parts[1:]), source.start_dir]
        for part, end in zip(parts, ends, strict=True):
            if part.filename == TELLS_WHEN:
                entry = zipfile.ZipInfo(part.filename, EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(entry, MADE.sub(SAME_MOMENT, source.read(part)))
            else:
                # Unpacking and packing anew would cost as much as writing the table did.
                packed = workbook[part.header_offset : end]
                part.header_offset = out.tell()
                out.write(packed)
                target.filelist.append(part)
                target.start_dir = out.tell()
    return out.getvalue()


def _unwritable_characters(profile: str, text: str) -> str:
    if profile == "xlsx":
        return "" if text.isprintable() else "".join(c for c in text if ord(c) in NOT_IN_XML)
    encoding = ENCODINGS[profile]
    return "".join(c for c in text if c in (BAR, "\r", "\n") or not _fits(c, encoding))


def _fits(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _fen(value: Cell) -> int | None:
    """Fen from 1150, 1150.0, "1,150.00" or "1150.00元"; None when it is no amount."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not -MOST_YUAN < value < MOST_YUAN:
            return None
        fen = round(value * 100)
        return fen if abs(value * 100 - fen) < 1e-6 * max(1, abs(fen)) else None
    found = re.fullmatch(r"¥?([0-9][0-9,]{,15})(?:\.([0-9]{1,2}))?元?", as_text(value))
    if found is None:
        return None
    return int(found.group(1).replace(",", "")) * 100 + int((found.group(2) or "0").ljust(2, "0"))
