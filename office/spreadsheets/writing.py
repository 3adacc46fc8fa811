"""Lists out, as .xlsx or CSV, in which nothing a person typed can become a formula (design §7)."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import Format, write_worksheet

from office.spreadsheets.cells import Cell, as_text

MOST_ROWS = 1_048_575
LONGEST_CELL = 32_767
AS_TEXT = "@"
# Excel in Chinese takes the full-width forms for formulas too.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What XML 1.0 can't hold; a workbook with one of these doesn't open.
NOT_IN_XML = dict.fromkeys(
    [*(code for code in range(0x20) if code not in (9, 10, 13)), 0xFFFE, 0xFFFF]
) | dict.fromkeys(range(0xD800, 0xE000), "�")


def safe_text(value: str) -> str:
    """The text for a CSV cell: with ' in front when a spreadsheet would take it for a formula."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def storable(value: str) -> str:
    """The text without what a workbook can't hold; every line ends with a line feed."""
    return value.replace("\r\n", "\n").replace("\r", "\n").translate(NOT_IN_XML)


def write_rows(
    target: Path | None,
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    sheet_name: str = "Sheet1",
    widths: Sequence[float] | None = None,
    text_columns: Collection[int] | None = None,
    number_formats: Mapping[int, str] | None = None,
) -> bytes:
    """Write one sheet row by row, holding one row at a time.

    `widths` are in characters. `text_columns` are the 0-based columns stored as text, so that ID
    and card numbers keep their digits; all unless told. `number_formats` are
    Excel's, such as #,##0.00, by column. Returns the file's bytes, or none when
    they went to `target`. Raises ValueError for headings that aren't unique, rows that don't fit
    them, more rows than a sheet holds, or a cell above 32,767 characters.
    """
    if len(set(headers)) != len(headers) or not headers:
        raise ValueError("表头不能为空，也不能重复。")
    formats = dict(number_formats or {})
    every = [column for column in range(len(headers)) if column not in formats]
    texts = set(every if text_columns is None else text_columns)
    formats.update(dict.fromkeys(texts, AS_TEXT))
    buffer = io.BytesIO()
    write_worksheet(
        _records(headers, rows, texts),
        str(target) if target else buffer,
        sheet_name=sheet_name,
        freeze_row=1,
        bold_headers=True,
        datetime_format="yyyy-mm-dd",
        column_widths=list(widths) if widths else None,
        column_formats={
            headers[column]: Format().set_num_format(code) for column, code in formats.items()
        },
    )
    return buffer.getvalue()


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The list as CSV in UTF-8 with a mark, which Excel needs to read Chinese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([safe_text(header) for header in headers])
    for row in rows:
        writer.writerow([safe_text(v) if isinstance(v, str) else as_text(v) for v in row])
    return text.getvalue().encode("utf-8-sig", "replace")


def _records(
    headers: Sequence[str], rows: Iterable[Sequence[Cell]], texts: Collection[int]
) -> Iterator[dict[str, Any]]:
    count = 0
    columns = [(header, column in texts) for column, header in enumerate(headers)]
    for row in rows:
        if len(row) != len(headers):
            raise ValueError(f"第 {count + 1} 行有 {len(row)} 格，表头有 {len(headers)} 格。")
        if count == MOST_ROWS:
            raise ValueError(f"一张表最多 {MOST_ROWS:,} 行，请分成几个文件。")
        count += 1
        # Most cells are words that need no look; a call for each would take half of the time.
        yield {
            header: value
            if value.__class__ is str and value.isprintable() and len(value) <= LONGEST_CELL
            else _stored(value, as_words)
            for (header, as_words), value in zip(columns, row, strict=True)
        }
    if not count:
        # The writer takes the headings from the first row.
        yield dict.fromkeys(headers, "")


def _stored(value: Cell, as_words: bool) -> str | float | date | datetime | None:
    if isinstance(value, str):
        if len(value) > LONGEST_CELL:
            raise ValueError(f"一格最多 {LONGEST_CELL:,} 个字，请缩短。")
        return value if value.isprintable() else storable(value)
    if value is None or (not as_words and isinstance(value, int | float | date)):
        return value
    return as_text(value)
