"""What the reader of .xls does not tell: formulas that failed, and rows that are hidden.

The records are walked one after the other; nothing is built of them but the places found.
"""

import io
import struct
from collections.abc import Iterator, Mapping

from xlrd.compdoc import CompDoc

from office.spreadsheets.oddities import MOST, Oddities

LOCK, END, FORMULA, PLACE_OF_SHEET, TRUTH_OR_ERROR, ROW = 0x2F, 0x0A, 0x06, 0x85, 0x205, 0x208
FAILED = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
HIDDEN = 0x20
# A formula's result that is no number ends so; its first byte says what it is.
NO_NUMBER, AN_ERROR = b"\xff\xff", 2
WORKSHEET = 0


def oddities_of_xls(content: bytes) -> Mapping[str, Oddities]:
    """By the sheets' names; what can't be followed is not told, and no reason to refuse a file."""
    try:
        stream = _stream(content)
        return {name: _walked(stream, at) for name, at in _sheets(stream)}
    # The library raises whatever a damaged file makes it stumble over.
    except Exception:
        return {}


def locked(content: bytes) -> bool:
    """Whether a password or a protected structure makes all that follows unreadable.

    The reader takes such a file for damaged, or reads what is no text.
    """
    try:
        return any(kind == LOCK for kind, _ in _records(_stream(content), 0))
    # As above.
    except Exception:
        return False


def _stream(content: bytes) -> bytes:
    document = CompDoc(content, logfile=io.StringIO())
    for name in ("Workbook", "Book"):
        memory, base, size = document.locate_named_stream(name)
        if memory:
            return bytes(memory[base : base + size])
    return b""


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Each record's kind and body, from a place on to the end of its sheet."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == END:
            return
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    """Name and place of each worksheet."""
    for kind, body in _records(stream, 0):
        if kind != PLACE_OF_SHEET or len(body) < 8 or body[5] != WORKSHEET:
            continue
        (at,) = struct.unpack_from("<I", body)
        wide = body[7] & 1
        name = body[8 : 8 + body[6] * (2 if wide else 1)]
        yield name.decode("utf-16-le" if wide else "latin-1"), at


def _walked(stream: bytes, at: int) -> Oddities:
    found = Oddities()
    for kind, body in _records(stream, at):
        if kind == ROW and len(body) >= 16:
            row, flags = struct.unpack_from("<H10xB", body)
            if flags & HIDDEN and len(found.hidden) < MOST:
                found.hidden.add(row)
        elif kind in (FORMULA, TRUTH_OR_ERROR) and (code := _failure(kind, body)) is not None:
            place = struct.unpack_from("<HH", body)
            if code in FAILED and len(found.failed) < MOST:
                found.failed[place] = FAILED[code]
    return found


def _failure(kind: int, body: bytes) -> int | None:
    """The code of the error that the cell shows; None when it shows something else."""
    if kind == TRUTH_OR_ERROR:
        return body[6] if len(body) >= 8 and body[7] == 1 else None
    failed = len(body) >= 14 and body[12:14] == NO_NUMBER and body[6] == AN_ERROR
    return body[8] if failed else None
