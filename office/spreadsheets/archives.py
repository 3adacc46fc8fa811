"""The zip archive of an .xlsx, looked through before anything else opens it.

A reader allocates the rectangle from the first to the last filled cell and inflates what the
archive holds, so a small hostile or careless file can ask for gigabytes. This pass reads every
part once, in pieces, and costs about a quarter of the real reading.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from office.spreadsheets.extents import Extent, Measure
from office.spreadsheets.refusals import DAMAGED, PASSWORD, Unreadable
from office.spreadsheets.sniffing import SAVE_AS_XLSX

MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 200
# A small part may compress better than this without harm.
RATIO_FROM = 1024 * 1024
MAX_PARTS = 5000
PIECE = 4 * 1024 * 1024
SLICE = 64 * 1024
# Readers set memory aside for as many entries as a part says it has.
PROMISED = re.compile(rb"ount\s*=\s*[\"']([^\"']*)")
MOST_PROMISED = 10_000_000
# Readers build every merged range; a list of 100,000 people merged by class has thousands.
MERGED = b"mergeCell"
MOST_MERGED = 200_000
DOCTYPES = (b"<!DOCTYPE", b"<!ENTITY")
OTHER_PACKAGES = (
    ("word/document.xml", "这是 Word 文档，不是表格。"),
    ("ppt/presentation.xml", "这是演示文稿，不是表格。"),
    ("xl/workbook.bin", "这是 .xlsb 二进制工作簿。"),
    ("content.xml", "这是 .ods 表格。"),
)


def examine(content: bytes, *, max_columns: int) -> list[Extent]:
    """How far the filled cells of each worksheet reach; raises Unreadable for a harmful archive.

    Harmful are: not a workbook, a password, more than 300 MB unpacked, a part compressed more than
    200-fold, sizes and counts that lie, a document type or entities (XXE).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable(*DAMAGED) from error
    _check_directory(parts)
    extents = []
    merged = 0
    for part in parts:
        measure = Measure(max_columns)
        for piece in pieces_of(content, part):
            _check_piece(piece)
            merged += piece.count(MERGED)
            if merged > MOST_MERGED:
                raise Unreadable("合并的单元格过多。", "请取消合并，再重新上传。")
            measure.look_at(piece)
        if measure.suspicious:
            measure.look_closely(_inflated(content, part))
        if measure.extent.rows:
            extents.append(measure.extent)
    return extents


def pieces_of(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """One part of an archive that has been examined, in pieces that split no tag."""
    return _overlapping(_inflated(content, part))


def _check_piece(piece: bytes) -> None:
    # A single byte is found many times faster than the words.
    if b"!" in piece and any(mark in piece for mark in DOCTYPES):
        raise Unreadable("文件内部含有不允许的定义（DTD）。", SAVE_AS_XLSX)
    for promise in PROMISED.findall(piece) if b"ount" in piece else ():
        if not promise.isdigit() or int(promise[:12]) > MOST_PROMISED:
            raise Unreadable(*DAMAGED)


def _check_directory(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.replace("\\", "/").lower() for part in parts]
    if "xl/workbook.xml" not in names:
        for marker, reason in OTHER_PACKAGES:
            if marker in names:
                raise Unreadable(reason, SAVE_AS_XLSX)
        raise Unreadable("这是压缩包，不是 Excel 表格。", "请先解压，再上传里面的表格。")
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(*PASSWORD)
    if len(set(names)) != len(names) or len(names) > MAX_PARTS:
        raise Unreadable(*DAMAGED)
    large = (part for part in parts if part.file_size > RATIO_FROM)
    bomb = any(part.file_size > MAX_RATIO * max(1, part.compress_size) for part in large)
    if bomb or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Unreadable(
            "文件解压后过大。", "请删除空白但带格式的行和列，或把数据复制到新表格，再上传。"
        )


def _inflated(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part's bytes in pieces; raises Unreadable unless they are as many as the archive says.

    zipfile itself stops at the promised size, whereas other readers go on to the real end.
    """
    packed = _packed(content, part)
    if part.compress_type == zipfile.ZIP_STORED:
        if len(packed) != part.file_size:
            raise Unreadable(*DAMAGED)
        yield bytes(packed)
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise Unreadable(*DAMAGED)
    unpacker = zlib.decompressobj(-15)
    total = 0
    for piece in _unpacked(unpacker, packed):
        total += len(piece)
        if total > part.file_size:
            raise Unreadable(*DAMAGED)
        yield piece
    if total != part.file_size or not unpacker.eof:
        raise Unreadable(*DAMAGED)


def _packed(content: bytes, part: zipfile.ZipInfo) -> memoryview:
    header = content[part.header_offset : part.header_offset + 30]
    if len(header) != 30 or not header.startswith(b"PK\x03\x04"):
        raise Unreadable(*DAMAGED)
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    start = part.header_offset + 30 + name_length + extra_length
    return memoryview(content)[start : start + part.compress_size]


def _unpacked(unpacker: "zlib._Decompress", packed: memoryview) -> Iterator[bytes]:
    """Pieces of about 4 MB, however strongly a slice was compressed."""
    pieces: list[bytes] = []
    size = 0
    for start in range(0, len(packed), SLICE):
        waiting: bytes | memoryview = packed[start : start + SLICE]
        while len(waiting) and not unpacker.eof:
            try:
                piece = unpacker.decompress(waiting, PIECE)
            except zlib.error as error:
                raise Unreadable(*DAMAGED) from error
            waiting = unpacker.unconsumed_tail
            pieces.append(piece)
            size += len(piece)
            if size >= PIECE:
                yield b"".join(pieces)
                pieces, size = [], 0
    yield b"".join(pieces)


def _overlapping(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut only where a tag begins, so that no tag is split between two pieces."""
    rest = b""
    for piece in pieces:
        buffer = rest + piece
        cut = buffer.rfind(b"<", max(0, len(buffer) - 4096))
        rest = buffer[cut:] if cut > 0 else b""
        yield buffer[:cut] if cut > 0 else buffer
    if rest:
        yield rest
