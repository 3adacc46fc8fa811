"""What people send as papers: told by its bytes, never by its name, and made harmless.

Photographs are drawn anew as JPEG: place, camera and whatever else hung on the file is gone. A PDF
stays as it is, so one that carries programs or other files is turned away.
"""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

from audit.refusal import Reason, Refused

FORMATS = ("JPEG", "PNG", "WEBP")
# Enough to read a line of an ID card photographed with some table around it.
LONGEST_SIDE = 2000
MOST_PIXELS = 60_000_000
QUALITY = 82
PDF_START, PDF_END = b"%PDF-", b"%%EOF"


def _named(*words: str) -> str:
    """A pattern of these names; a PDF may write any letter of one as # and its code."""
    spelled = ("".join(f"(?:{c}|#(?i:{ord(c):02x}))" for c in word) for word in words)
    return f"/(?:{'|'.join(spelled)})"


ACTIVE = ("JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "XFA")
# In a large scan the three signs of /JS turn up by chance; a program behind them does not.
PDF_ACTIVE = re.compile(
    f"{_named(*ACTIVE)}(?![A-Za-z0-9])"
    rf"|{_named('JS')}\s*(?:[(<]|[0-9]+\s+[0-9]+\s+R)".encode()
)
PDF_LOCKED = re.compile(f"{_named('Encrypt')}(?![A-Za-z0-9])".encode())
# Objects packed into a stream, so that a look at the bytes alone would miss them.
PDF_PACKED = re.compile(f"{_named('ObjStm')}(?![A-Za-z0-9])".encode())
PDF_STREAM = re.compile(rb"stream\r?\n")
PDF_DEFLATED = re.compile(rb"/Filter\s*\[?\s*/FlateDecode\b")
MOST_UNPACKED = 50_000_000
WANTED = "照片（JPG、PNG、WebP）或PDF"
UNSEEN = Reason("PDF里有打不开的部分", "请重新导出，或改为拍照")


@dataclass(frozen=True, slots=True)
class Paper:
    """Bytes that may be kept and shown, and what they are."""

    content: bytes
    media_type: str
    suffix: str


def paper_from(content: bytes) -> Paper:
    """The paper in these bytes. Raises `Refused` for what is too large, broken or no paper."""
    if len(content) > settings.UPLOAD_LIMIT:
        most = settings.UPLOAD_LIMIT // (1024 * 1024)
        raise Refused([Reason(f"文件超过{most}MB", "用手机重新拍一张，或把PDF拆小")])
    if not content:
        raise Refused([Reason("文件是空的", f"请重新选择{WANTED}")])
    if content.startswith(PDF_START):
        return _pdf(content)
    return _picture(content)


def _pdf(content: bytes) -> Paper:
    if PDF_END not in content[-2048:]:
        raise Refused([Reason("PDF不完整", "请重新导出，或改为拍照")])
    if PDF_LOCKED.search(content):
        raise Refused([Reason("PDF加了密码", "去掉密码，或改为拍照")])
    if any(PDF_ACTIVE.search(part) for part in (content, *_unpacked(content))):
        raise Refused([Reason("PDF里带有程序或其他文件", "请改为拍照")])
    return Paper(content, "application/pdf", "pdf")


def _unpacked(content: bytes) -> Iterator[bytes]:
    """What the object streams hold. Raises `Refused` for one that nobody can look into."""
    left = MOST_UNPACKED
    for packed in PDF_PACKED.finditer(content):
        begin = PDF_STREAM.search(content, packed.end())
        head = content[content.rfind(b"obj", 0, packed.start()) : begin.start() if begin else None]
        if begin is None or not PDF_DEFLATED.search(head) or b"/DecodeParms" in head:
            raise Refused([UNSEEN])
        end = content.find(b"endstream", begin.end())
        try:
            found = zlib.decompressobj().decompress(content[begin.end() : end], left)
        except zlib.error as error:
            raise Refused([UNSEEN]) from error
        left -= len(found)
        if left <= 0:
            raise Refused([UNSEEN])
        yield found


def _picture(content: bytes) -> Paper:
    try:
        opened = Image.open(io.BytesIO(content), formats=FORMATS)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise Refused([Reason("这不是照片或PDF", f"请上传{WANTED}")]) from error
    with opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Refused([Reason("照片太大", "把相机的分辨率调小，或截图后再上传")])
        try:
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return Paper(_drawn(upright), "image/jpeg", "jpg")
        except (OSError, ValueError, SyntaxError) as error:
            raise Refused([Reason("照片打不开", "请重新拍一张")]) from error


def _drawn(picture: Image.Image) -> bytes:
    # Transparent parts become paper-white; a new picture takes over nothing but the colours.
    clear = picture.convert("RGBA")
    plain = Image.new("RGB", clear.size, "white")
    plain.paste(clear, mask=clear.getchannel("A"))
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
