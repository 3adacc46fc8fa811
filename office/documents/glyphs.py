"""Which characters the product's fonts can't print, named before anything is printed (design §7).

Reads the font's `cmap` table itself: segments (format 4) and groups (format 12) of the OpenType
specification, the only two formats that map Unicode in the fonts shipped.
"""

import struct
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from pylopdf_fonts_zh_cn import sans_path, serif_path

# Control and format characters and variation selectors leave no mark on paper.
UNPRINTED = {"Cc", "Cf", "Zl", "Zp"}
VARIATIONS = {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}


def missing_glyphs(text: str) -> list[str]:
    """The characters of `text` that no font of the product has, each once, as they come."""
    known = printable()
    return [
        character
        for character in dict.fromkeys(text)
        # A compatibility form is set with the glyph of the character it stands for.
        if not known.issuperset(map(ord, unicodedata.normalize("NFC", character)))
        and ord(character) not in VARIATIONS
        and unicodedata.category(character) not in UNPRINTED
    ]


def printable() -> frozenset[int]:
    """The code points for which one of the fonts has a glyph."""
    return _printable(tuple(settings.RARE_FONTS))


def rare_fonts(folders: Iterable[str]) -> list[Path]:
    """The font files of the folders that a deployment named for the rarest characters."""
    return [
        file
        for folder in folders
        for file in sorted(Path(folder).glob("*.[to]tf"), key=lambda file: file.name)
    ]


@cache
def _printable(folders: tuple[str, ...]) -> frozenset[int]:
    paths = (sans_path(), serif_path(), *rare_fonts(folders))
    return frozenset(code for path in paths for code in _codes(path))


def _codes(font: Path) -> Iterator[int]:
    data = font.read_bytes()
    cmap = _table(data, b"cmap")
    (count,) = struct.unpack_from(">H", cmap, 2)
    offsets = {struct.unpack_from(">HHI", cmap, 4 + 8 * index)[2] for index in range(count)}
    for offset in offsets:
        (form,) = struct.unpack_from(">H", cmap, offset)
        if form == 4:
            yield from _segments(cmap[offset:])
        elif form == 12:
            yield from _groups(cmap[offset:])


def _table(data: bytes, name: bytes) -> bytes:
    (count,) = struct.unpack_from(">H", data, 4)
    for index in range(count):
        tag, _, offset, length = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        if tag == name:
            return data[offset : offset + length]
    raise ValueError(f"字体文件缺少 {name.decode()} 表，请重新安装字体包。")


def _segments(table: bytes) -> Iterator[int]:
    """Format 4: ranges of the basic plane; glyph 0 means that a character has none."""
    twice = struct.unpack_from(">H", table, 6)[0]
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{twice // 2}H", table, 14 + part * twice + (2 if part else 0))
        for part in range(4)
    )
    for index, (end, start) in enumerate(zip(ends, starts, strict=True)):
        place = 16 + 3 * twice + 2 * index + offsets[index]
        for code in range(start, end + 1):
            glyph = code
            if offsets[index]:
                (glyph,) = struct.unpack_from(">H", table, place + 2 * (code - start))
            if glyph and (glyph + deltas[index]) & 0xFFFF:
                yield code


def _groups(table: bytes) -> Iterable[int]:
    """Format 12: ranges of all planes."""
    (count,) = struct.unpack_from(">I", table, 12)
    for index in range(count):
        first, last, glyph = struct.unpack_from(">III", table, 16 + 12 * index)
        yield from range(first if glyph else first + 1, last + 1)
