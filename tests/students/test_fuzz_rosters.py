"""Broken files of every kind are read or refused with a reason and a mend; nothing else happens.

`FUZZ_FILES` sets how many mutations of each file are tried; the long run sets it to thousands.
"""

import io
import os
import random
import resource
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
import xlwt

from office.spreadsheets.cells import Cell
from office.spreadsheets.reading import Unreadable
from students.rules.roster.reading import read_roster
from tests.students.rosters import HEADERS, roster, row
from tests.students.test_rules_roster import school_classes

SHORT = int(os.environ.get("FUZZ_FILES", "200"))
LONG = int(os.environ.get("FUZZ_FILES", "5000"))
MOST_GROWTH = 64 * 1024
# Of the processor, so that a busy machine proves nothing.
MOST_SECONDS = 5
SHEET = "xl/worksheets/sheet1.xml"
PIECES = (
    b"<c", b"</c>", b"<v>", b't="e"', b't="s"', b't="inlineStr"', b'r="XFD1048576"', b'hidden="1"',
    b"&amp;", b"&#x0;", b"<row", b"</row>", b"\x00", b"\xff\xfe", b"999999999", b"-1",
    b"1E309", b"'",
)  # fmt: skip


def xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名册")
    rows: list[list[Cell]] = [list(HEADERS), *(row(i) for i in range(5))]
    for r, cells in enumerate(rows):
        for c, value in enumerate(cells):
            sheet.write(r, c, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv(encoding: str) -> bytes:
    lines = [HEADERS, *([str(cell) for cell in row(i)] for i in range(20))]
    return "\r\n".join(",".join(line) for line in lines).encode(encoding)


def in_bytes(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut, doubled."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 64)]
            case 2:
                data[at:at] = data[at : at + chance.randint(1, 256)]
            case 3:
                data[at:at] = chance.choice(PIECES)
        if not data:
            return b""
    return bytes(data)


def in_parts(content: bytes, chance: random.Random) -> bytes:
    """The parts of a workbook changed inside an archive that is whole."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        chosen = chance.choice([SHEET, *names])
        for name in names:
            part = old.read(name)
            if name == chosen:
                part = in_bytes(part, chance) if part else b"x"
            if name != chosen or chance.random() < 0.95:
                new.writestr(name, part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


KINDS: dict[str, tuple[Callable[[], bytes], Callable[[bytes, random.Random], bytes], float]] = {
    "workbook": (lambda: roster(5), in_bytes, 1),
    "parts": (lambda: roster(5), in_parts, 2),
    "utf8": (lambda: csv("utf-8"), in_bytes, 2),
    "gbk": (lambda: csv("gbk"), in_bytes, 2),
    # Each is read in a child process of its own.
    "xls": (xls, in_bytes, 0.1),
}


def reasons(content: bytes) -> list[str] | Unreadable:
    """What is wrong in the cells of a file, or why it can't be read."""
    try:
        found = read_roster(content, "名册", classes=school_classes(), today=date(2026, 9, 1))
    except Unreadable as refused:
        return refused
    return [problem.reason for problem in found.problems]


@dataclass
class Survived:
    """How many files were tried and understood at least in part; processor seconds of the worst."""

    tried: int = 0
    read: int = 0
    slowest: float = 0


def survive(kind: str, tries: int, *, first: int = 0) -> Survived:
    """Read mutated files, those of the seeds from `first` on."""
    make, mutate, weight = KINDS[kind]
    whole = make()
    told = Survived()
    for seed in range(first, first + max(2, int(tries * weight))):
        content = mutate(whole, random.Random(f"{kind}{seed}"))
        begun = time.process_time()
        said = reasons(content)
        told.slowest = max(told.slowest, time.process_time() - begun)
        told.tried += 1
        told.read += not isinstance(said, Unreadable)
        words = [said.reason, said.mend] if isinstance(said, Unreadable) else said
        assert all(word.endswith("。") for word in words), (seed, words)
    return told


def peak() -> int:
    """The most memory that this process held at once, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("kind", KINDS)
def test_broken_files_are_read_or_refused(kind: str) -> None:
    whole = KINDS[kind][0]()
    reading = read_roster(whole, "名册", classes=school_classes(), today=date(2026, 9, 1))
    assert reading.good, "the file to break is whole"
    survive(kind, SHORT)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_many_broken_files_are_read_or_refused(kind: str) -> None:
    survive(kind, 100)
    before = peak()
    told = survive(kind, LONG)
    assert told.read > 0
    # What a file takes is given back, and none costs more than its size explains.
    assert peak() - before < MOST_GROWTH
    assert told.slowest < MOST_SECONDS
