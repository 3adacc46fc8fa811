"""Papers are told by their bytes, made small and harmless, or turned away with the reason."""

import io
import random
import zlib

import pytest
from django.conf import settings
from PIL import Image

from applications.pictures import LONGEST_SIDE, paper_from
from audit.refusal import Refused
from office.documents.typeset import pdf
from tests.applications.family import picture
from tests.office.test_documents import letter

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def packed(objects: bytes, how: bytes = b"/Filter/FlateDecode") -> bytes:
    """A PDF whose objects are packed into a stream."""
    head = b"2 0 obj<<" + how + b"/N 1/First 4/Type/ObjStm>>stream\n"
    return PDF.replace(b"trailer", head + objects + b"\nendstream\nendobj\ntrailer")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_is_drawn_anew_and_loses_what_hung_on_it(kind: str) -> None:
    paper = paper_from(picture(kind))
    assert (paper.media_type, paper.suffix) == ("image/jpeg", "jpg")
    kept = Image.open(io.BytesIO(paper.content))
    assert dict(kept.getexif()) == {}
    assert b"SecretCam" not in paper.content


def test_what_lies_behind_the_picture_is_gone() -> None:
    paper = paper_from(picture() + b"<script>alert(1)</script>PK\x03\x04")
    assert b"script" not in paper.content


def test_a_photograph_stands_upright_and_is_made_smaller() -> None:
    image = Image.new("RGB", (3000, 1500), "white")
    exif = image.getexif()
    exif[0x0112] = 6
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    kept = Image.open(io.BytesIO(paper_from(out.getvalue()).content))
    assert kept.size == (LONGEST_SIDE // 2, LONGEST_SIDE)


def test_what_is_transparent_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    kept = Image.open(io.BytesIO(paper_from(out.getvalue()).content))
    assert kept.getpixel((10, 10)) == (255, 255, 255)


def test_a_pdf_is_one_whatever_it_is_called() -> None:
    assert paper_from(PDF).media_type == "application/pdf"
    assert paper_from(PDF).content == PDF
    written = pdf("letter", letter("各位家长：", "　国家助学金每生每年2300元。"))
    assert paper_from(packed(zlib.compress(b"<</S/GoTo>>"))).suffix == "pdf"
    assert paper_from(written).content == written


def test_a_large_scan_is_no_program_by_chance() -> None:
    """Five megabytes of a picture hold the three signs of /JS every third time."""
    scan = next(
        noise
        for seed in range(60)
        if (noise := random.Random(seed).randbytes(5_000_000)).count(b"/JS")
    )
    assert paper_from(PDF.replace(b"trailer", scan + b"trailer")).suffix == "pdf"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "空的"),
        (b"GIF89a" + bytes(40), "不是照片或PDF"),
        (b"MZ\x90\x00" + bytes(80), "不是照片或PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是照片或PDF"),
        (b"%PDF-1.4 cut off", "不完整"),
        (PDF.replace(b"/Type", b"/OpenAction<</S/JavaScript>>/Type"), "程序"),
        (PDF.replace(b"/Type", b"/EmbeddedFile/Type"), "程序"),
        (PDF.replace(b"/Root", b"/Encrypt 2 0 R/Root"), "密码"),
        (PDF.replace(b"/Type", b"/OpenAction<</S/J#61vaScript>>/Type"), "程序"),
        (PDF.replace(b"/Type", b"/A<</S/Rendition/#4aS (app.alert)>>/Type"), "程序"),
        (PDF.replace(b"/Type", b"/A<</S/Rendition/JS 12 0 R>>/Type"), "程序"),
        (packed(zlib.compress(b"<</S/JavaScript>>")), "程序"),
        (packed(zlib.compress(b"<</S/JavaScript>>"), b"/Filter[/FlateDecode]"), "程序"),
        (packed(b"<</S/Nothing>>"), "打不开的部分"),
        (packed(b"800B6050220D0C8501>", b"/Filter/LZWDecode"), "打不开的部分"),
        (packed(zlib.compress(bytes(60_000_000))), "打不开的部分"),
    ],
)
def test_what_is_no_paper_is_turned_away(content: bytes, told: str) -> None:
    with pytest.raises(Refused, match=told):
        paper_from(content)


def test_a_picture_cut_off_in_the_middle_is_turned_away() -> None:
    whole = picture("PNG", (400, 400))
    with pytest.raises(Refused, match="照片打不开"):
        paper_from(whole[: len(whole) // 2])


def test_too_many_bytes_and_too_many_points_are_turned_away() -> None:
    with pytest.raises(Refused, match="超过20MB"):
        paper_from(b"\xff\xd8\xff" + bytes(settings.UPLOAD_LIMIT))
    # A small file that would fill the memory: one colour, 64 million points.
    out = io.BytesIO()
    Image.new("1", (8000, 8000)).save(out, "PNG")
    with pytest.raises(Refused, match="照片太大"):
        paper_from(out.getvalue())
