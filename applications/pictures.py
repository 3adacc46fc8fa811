"""What people send as papers: told by its bytes, never by its name, and made harmless.

Photographs are drawn anew as JPEG: place, camera and whatever else hung on the file is gone. Of a
PDF the pages are kept, written anew (`applications.pdfs`).
"""

import io
from dataclasses import dataclass

from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

from applications.pdfs import rewritten
from audit.refusal import Reason, Refused

FORMATS = ("JPEG", "PNG", "WEBP")
# Enough to read a line of an ID card photographed with some table around it.
LONGEST_SIDE = 2000
MOST_PIXELS = 60_000_000
QUALITY = 82
PDF_START = b"%PDF-"
WANTED = "照片（JPG、PNG、WebP）或PDF"


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
        return Paper(rewritten(content), "application/pdf", "pdf")
    return _picture(content)


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
