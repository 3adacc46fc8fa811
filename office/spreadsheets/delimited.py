"""CSV as schools save it: UTF-8 with or without a mark, GBK, Excel's Unicode text; , ; or tab."""

import csv
import io
import re
from itertools import islice

from office.spreadsheets.cells import Cell
from office.spreadsheets.refusals import HEADING_ROWS, Unreadable

SEPARATORS = ",;\t"
# How spreadsheets keep digits as text in a CSV: ="110105…".
KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
# How programs write a workbook's whole numbers; one of more digits may have lost its last.
SHORT_NUMBER = re.compile(r"[0-9]{1,11}\.0")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
QUOTED = re.compile(r'"[^"]*"')


def read_delimited(content: bytes, *, max_rows: int, max_columns: int) -> list[list[Cell]]:
    """The rows of a CSV file, all cells text; raises Unreadable when it isn't one or is too big."""
    text = decode(content)
    first, _, rest = text.partition("\n")
    hint = re.fullmatch(r"sep=(.)\s*", first)
    separator = hint.group(1) if hint else separator_of(text)
    body = rest if hint else text
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator)
    rows: list[list[Cell]] = []
    beyond = before = started = 0
    try:
        for row in reader:
            before, started = reader.line_num, before + 1
            if len(row) > max_columns:
                raise Unreadable(
                    f"第 {reader.line_num} 行有 {len(row):,} 列，超过 {max_columns} 列。",
                    "请只保留需要的列，再重新上传。",
                )
            if len(rows) < max_rows + HEADING_ROWS:
                rows.append([_unwrapped(value) for value in row])
            elif any(value.strip() for value in row):
                beyond = reader.line_num
    except csv.Error as error:
        raise Unreadable(
            f"第 {reader.line_num} 行的引号不成对，或一格内容太长。",
            "请用 Excel 另存为 .xlsx 再上传。",
        ) from error
    if before > started and _unclosed(body, started, separator):
        raise Unreadable(
            f"第 {started} 行有一个引号没有配对，后面的内容都被当成了一格。",
            "请删去这一行多余的引号，或用 Excel 另存为 .xlsx 再上传。",
        )
    if beyond:
        raise too_many_rows(beyond, max_rows)
    return rows


def _unclosed(body: str, line: int, separator: str) -> bool:
    """Whether a quote stays open to the end: it closes there by itself, over all it swallowed."""
    lines = islice(io.StringIO(body, newline=""), line - 1, None)
    try:
        for _ in csv.reader(lines, delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def too_many_rows(rows: int, limit: int) -> Unreadable:
    """The refusal of a table that is too long, with its length."""
    return Unreadable(
        f"表格有 {rows:,} 行，除去表头超过一次最多 {limit:,} 行。",
        f"请拆成 {-(-rows // limit)} 个文件分别上传；如果后面是空白行，请删除后保存。",
    )


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with a mark, or GBK/GB18030; else raises Unreadable."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not CONTROL.search(text):
            return text
    raise Unreadable("认不出这个文件的文字编码。", "请用 Excel 打开后另存为 .xlsx，再上传。")


def separator_of(text: str) -> str:
    """The separator that splits the first lines most evenly; a comma when there is none."""
    lines = [QUOTED.sub("", line) for line in text[:20_000].splitlines()[:20] if line.strip()]

    def evenness(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines]
        usual = max(counts, key=lambda count: (counts.count(count), count), default=0)
        return (counts.count(usual), sum(counts)) if usual else (0, 0)

    return max(SEPARATORS, key=evenness)


def _unwrapped(value: str) -> str:
    if value.endswith(".0") and SHORT_NUMBER.fullmatch(value):
        return value[:-2]
    kept = KEPT_AS_TEXT.fullmatch(value)
    return kept.group(1) if kept else value
