"""What a file really is, by its content; its name isn't believed (design §7)."""

from enum import Enum

from office.spreadsheets.refusals import PASSWORD, Unreadable

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# How the files end that are taken, as an upload names them; .xlsm is an .xlsx with macros.
ENDINGS = (".xlsx", ".xls", ".et", ".csv")
ACCEPTED = (*ENDINGS, ".xlsm")
SAVE_AS_XLSX = "请用 Excel 或 WPS 打开后另存为 .xlsx，再上传。"
TYPE_IN_TABLE = "请把内容录入 Excel 表格（.xlsx）后上传。"
OTHER_TYPES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "这是 PDF 文件，不是表格。", TYPE_IN_TABLE),
    (b"\x89PNG", "这是图片，不是表格。", TYPE_IN_TABLE),
    (b"\xff\xd8\xff", "这是图片，不是表格。", TYPE_IN_TABLE),
    (b"GIF8", "这是图片，不是表格。", TYPE_IN_TABLE),
    (b"BM", "这是图片，不是表格。", TYPE_IN_TABLE),
    (b"RIFF", "这是图片或音视频，不是表格。", TYPE_IN_TABLE),
    (b"II*\x00", "这是图片，不是表格。", TYPE_IN_TABLE),
    (b"MM\x00*", "这是图片，不是表格。", TYPE_IN_TABLE),
    (b"{\\rtf", "这是文字文档，不是表格。", TYPE_IN_TABLE),
    (b"Rar!", "这是压缩包，不是表格。", "请先解压，再上传里面的表格。"),
    (b"7z\xbc\xaf", "这是压缩包，不是表格。", "请先解压，再上传里面的表格。"),
    (b"\x1f\x8b", "这是压缩包，不是表格。", "请先解压，再上传里面的表格。"),
)


class Kind(Enum):
    """The three ways in which a table can arrive."""

    XLSX = "xlsx"
    XLS = "xls"
    TEXT = "csv"


def sniff(content: bytes) -> Kind:
    """The kind of table in `content`; raises Unreadable for anything that can't be a table."""
    if not content.strip(b"\x00 \t\r\n"):
        raise Unreadable("文件是空的。", "请确认表格已保存，再重新上传。")
    if content.startswith(ZIP):
        return Kind.XLSX
    if content.startswith(EMPTY_ZIP):
        raise Unreadable("压缩包是空的。", "请上传 Excel 表格（.xlsx）。")
    if content.startswith(COMPOUND):
        return _compound(content)
    for magic, reason, mend in OTHER_TYPES:
        # Two letters such as BM may also begin a text.
        if content.startswith(magic) and (len(magic) > 2 or b"\x00" in content[:64]):
            raise Unreadable(reason, mend)
    return _text(content)


def _compound(content: bytes) -> Kind:
    """Old Excel and Word files, and Excel files with a password, share one container."""
    if _has_stream(content, "EncryptedPackage"):
        raise Unreadable(*PASSWORD)
    if _has_stream(content, "WordDocument"):
        raise Unreadable("这是 Word 文档，不是表格。", TYPE_IN_TABLE)
    if _has_stream(content, "PowerPoint Document"):
        raise Unreadable("这是演示文稿，不是表格。", TYPE_IN_TABLE)
    if not (_has_stream(content, "Workbook") or _has_stream(content, "Book")):
        raise Unreadable("这个文件不是 Excel 表格，或已损坏。", SAVE_AS_XLSX)
    return Kind.XLS


def _has_stream(content: bytes, name: str) -> bool:
    """Whether the container's directory names a stream; its entries are 128 bytes each, aligned.

    The entry holds the name in UTF-16, zero-padded, and the name's size in bytes at offset 64.
    """
    wanted = name.encode("utf-16-le") + b"\x00\x00"
    at = content.find(wanted)
    while at != -1:
        size = int.from_bytes(content[at + 64 : at + 66], "little")
        if at % 128 == 0 and size == len(wanted):
            return True
        at = content.find(wanted, at + 1)
    return False


def _text(content: bytes) -> Kind:
    head = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head")):
        raise Unreadable("这是网页格式的文件，不是真正的 Excel 表格。", SAVE_AS_XLSX)
    if head.startswith(b"<"):
        raise Unreadable("这是 XML 文件，不是真正的 Excel 表格。", SAVE_AS_XLSX)
    if b"\x00" in content and not content.startswith(UTF16_MARKS):
        raise Unreadable("认不出这个文件的类型。", "请上传 Excel 表格（.xlsx、.xls）或 CSV 文件。")
    return Kind.TEXT
