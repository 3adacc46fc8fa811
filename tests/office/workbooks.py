"""Workbooks made and damaged for the tests of reading."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest

from office.spreadsheets.reading import Unreadable, read_sheets

SHEET = "xl/worksheets/sheet1.xml"
ROWS = [["姓名", "身份证号"], ["王𠮷", "11010519491231002X"]]


def xlsx(rows: Sequence[Sequence[Any]], *more: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for index, table in enumerate((rows, *more)):
        sheet = book.worksheets[0] if index == 0 else book.create_sheet()
        for row in table:
            sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rebuilt(content: bytes, change: Callable[[str, bytes], bytes], **added: bytes) -> bytes:
    """The workbook with each part passed through `change` and parts added."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, data in added.items():
            new.writestr(name, data)
    return buffer.getvalue()


def with_sheet(change: Callable[[bytes], bytes]) -> bytes:
    return rebuilt(xlsx(ROWS), lambda name, data: change(data) if name == SHEET else data)


def compound(*streams: str) -> bytes:
    """An OLE container's header and directory, enough to be recognised."""
    directory = b""
    for name in ("Root Entry", *streams):
        raw = name.encode("utf-16-le") + b"\x00\x00"
        directory += raw.ljust(64, b"\x00") + len(raw).to_bytes(2, "little") + b"\x01" * 62
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\x01") + directory


def refusal(content: bytes, **limits: int) -> str:
    with pytest.raises(Unreadable) as caught:
        read_sheets(content, "名册.xlsx", **limits)
    assert caught.value.mend.endswith("。")
    return str(caught.value)
