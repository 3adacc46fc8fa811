"""Files damaged at random, for readers of whatever schools, departments and banks send.

`FUZZ_FILES` sets how many damaged files of each kind are tried; the long run sets thousands.
"""

import os
import random
import resource
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from audit.refusal import Refused
from office.spreadsheets.refusals import Unreadable

SHORT = int(os.environ.get("FUZZ_FILES", "200"))
LONG = int(os.environ.get("FUZZ_FILES", "5000"))
# KiB, and seconds of the processor, so that a busy machine proves nothing.
MOST_GROWTH = 64 * 1024
MOST_SECONDS = 5
SHEET = "xl/worksheets/sheet1.xml"
PIECES = (
    b"<c", b"</c>", b"<v>", b't="e"', b't="s"', b't="inlineStr"', b'r="XFD1048576"', b'hidden="1"',
    b"&amp;", b"&#x0;", b"<row", b"</row>", b"\x00", b"\xff\xfe", b"999999999", b"-1",
    b"1E309", b"'",
)  # fmt: skip
Mutation = Callable[[bytes, random.Random], bytes]


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
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        chosen = chance.choice([SHEET, *names])
        for name in names:
            part = old.read(name)
            if name == chosen:
                part = in_bytes(part, chance) if part else b"x"
            if name != chosen or chance.random() < 0.95:
                new.writestr(name, part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@dataclass(frozen=True)
class Kind:
    """A whole file, how it is damaged, and how often beside the others."""

    make: Callable[[], bytes]
    mutate: Mutation
    weight: float = 1


def workbooks(make: Callable[[], bytes]) -> dict[str, Kind]:
    """A workbook damaged from outside and inside."""
    return {"workbook": Kind(make, in_bytes), "parts": Kind(make, in_parts, 2)}


def texts(make: Callable[[str], bytes]) -> dict[str, Kind]:
    """A text file in the two encodings that are sent."""
    return {
        "utf8": Kind(lambda: make("utf-8"), in_bytes, 2),
        "gbk": Kind(lambda: make("gbk"), in_bytes, 2),
    }


@dataclass
class Survived:
    """How many files were tried and understood at least in part; processor seconds of the worst."""

    tried: int = 0
    read: int = 0
    slowest: float = 0


# What a reader says of a file that it understands at least in part: reasons, none for a sound one.
Reading = Callable[[bytes], list[str]]


def survive(name: str, kind: Kind, read: Reading, tries: int) -> Survived:
    """Read damaged files: each is read, or refused in words; nothing else may happen."""
    whole, told = kind.make(), Survived()
    for seed in range(max(2, int(tries * kind.weight))):
        content = kind.mutate(whole, random.Random(f"{name}{seed}"))
        begun = time.process_time()
        try:
            said = read(content)
            told.read += 1
        except Unreadable as refused:
            said = [refused.reason, refused.mend]
        except Refused as refused:
            said = [f"{reason.mend}。" for reason in refused.reasons if reason.text]
        told.slowest = max(told.slowest, time.process_time() - begun)
        told.tried += 1
        assert all(word.endswith("。") and word != "。" for word in said), (seed, said)
    return told


def survive_long(name: str, kind: Kind, read: Reading) -> None:
    """Thousands: what a file takes is given back, and none costs more than its size explains."""
    survive(name, kind, read, 100)
    before = peak()
    told = survive(name, kind, read, LONG)
    assert told.read > 0
    assert peak() - before < MOST_GROWTH
    assert told.slowest < MOST_SECONDS


def whole_first(kinds: Mapping[str, Kind], read: Reading) -> None:
    """The files to be damaged are sound."""
    for name, kind in kinds.items():
        assert read(kind.make()) == [], name


def peak() -> int:
    """The most memory that this process held at once, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
