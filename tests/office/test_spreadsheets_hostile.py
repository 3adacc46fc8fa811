"""Files made to mislead: cells far out, broken XML, bombs, sizes that lie, any bytes."""

import io
import re
import zipfile
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from office.spreadsheets.reading import Unreadable, read_sheets
from tests.office.workbooks import ROWS, SHEET, rebuilt, refusal, with_sheet, xlsx

FAR_CELLS = [
    b'<c r="XFD1048576"><v>1</v></c>',
    b'<c r="XFD1048576" ' + b" " * 6000 + b"><v>1</v></c>",
    b"<c r='XFD1048576'><v>1</v></c>",
    b'<c\nr="XFD1048576"><v>1</v></c>',
    b'<c t="n" r="XFD1048576"><v>1</v></c>',
    b'<c r="xfd1048576"><v>1</v></c>',
    b'<x:c r="XFD1048576"><v>1</v></x:c>',
    b'<c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c>',
    b"<row r='1048576'><c><v>1</v></c></row>",
    b'<c r="GR99999"><v>1</v></c>',
    b'<c r="1A"><v>1</v></c><c/>',
    # Of two references the reader believed the second, and asked for half a terabyte.
    b'<c r="A3" r="XFD1048576"><v>1</v></c>',
    b'<c r="A3"r="XFD1048576"><v>1</v></c>',
    b'<c r="A3" t="n"\nr = \'XFD1048576\'><v>1</v></c>',
]


@pytest.mark.parametrize("cell", FAR_CELLS)
def test_a_filled_cell_far_out_is_refused_before_reading(cell: bytes) -> None:
    content = with_sheet(lambda data: data.replace(b"</sheetData>", cell + b"</sheetData>"))
    assert re.search("行|格子|列|损坏", refusal(content))


def test_cells_without_references_are_counted() -> None:
    row = b"<row>" + b"<c/>" * 300 + b"<c><v>1</v></c></row>"
    content = with_sheet(lambda data: data.replace(b"</sheetData>", row + b"</sheetData>"))
    assert "列" in refusal(content)


def test_unusual_but_harmless_xml_is_read() -> None:
    content = with_sheet(lambda data: data.replace(b'<c r="', b'<c  r="'))
    assert read_sheets(content, "a.xlsx").sheets[0].rows == ROWS


def test_broken_xml_with_cells_is_refused() -> None:
    content = with_sheet(lambda data: data.replace(b"</row>", b"<c ></rov>", 1))
    assert "损坏" in refusal(content)


@pytest.mark.parametrize("promise", [b"4294967295", b"&#52;294967295", b"-1"])
def test_counts_that_lie_are_refused(promise: bytes) -> None:
    strings = b'<sst uniqueCount="' + promise + b'"><si><t>x</t></si></sst>'
    content = rebuilt(xlsx(ROWS), lambda _, data: data, **{"xl/sharedStrings.xml": strings})
    assert "损坏" in refusal(content)


def test_an_unknown_encoding_is_refused() -> None:
    content = with_sheet(
        lambda data: (
            b'<?xml version="1.0" encoding="UTFB8"?>'
            + data.partition(b"?>")[2].replace(b'<c r="', b'<c  r="')
        )
    )
    assert "损坏" in refusal(content)


def test_document_types_and_entities_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    content = with_sheet(lambda data: data.replace(b"<worksheet", bomb + b"<worksheet", 1))
    assert "DTD" in refusal(content)


def test_zip_bombs_are_refused_by_the_directory() -> None:
    strings = b"<sst>" + b" " * 50_000_000 + b"</sst>"
    assert "解压后过大" in refusal(rebuilt(xlsx(ROWS), lambda _, data: data, huge=strings))


def test_a_large_total_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("office.spreadsheets.archives.MAX_UNPACKED", 1000)
    assert "解压后过大" in refusal(xlsx(ROWS))


def test_sizes_that_lie_are_refused() -> None:
    content = bytearray(rebuilt(xlsx(ROWS), lambda _, data: data, huge=b" " * 100_000))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert "已损坏" in refusal(bytes(content))


def test_an_encrypted_archive_is_a_password() -> None:
    content = bytearray(xlsx(ROWS))
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    assert "密码" in refusal(bytes(content))


def test_twice_the_same_part_is_refused() -> None:
    buffer = io.BytesIO(xlsx(ROWS))
    with (
        zipfile.ZipFile(buffer, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        archive.writestr(SHEET, b"<x/>")
    assert "已损坏" in refusal(buffer.getvalue())


SAMPLE = xlsx([*ROWS, ["李四", 5, date(2009, 9, 1), None]] * 5)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), max_size=8))
def test_a_damaged_workbook_is_read_or_refused(flips: list[tuple[int, int]]) -> None:
    content = bytearray(SAMPLE)
    for place, value in flips:
        content[place] = value
    with suppress(Unreadable):
        assert read_sheets(bytes(content), "a.xlsx").sheets


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(Unreadable):
        assert read_sheets(content, "a.csv").sheets
