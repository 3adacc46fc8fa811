"""Papers are told by their bytes, made small and harmless, or turned away with the reason."""

import io

import pytest
from django.conf import settings
from PIL import Image

from applications.pictures import LONGEST_SIDE, paper_from
from audit.refusal import Refused
from tests.applications.family import picture
from tests.applications.pdfs import PLAIN, locked


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
    paper = paper_from(PLAIN)
    assert (paper.media_type, paper.suffix) == ("application/pdf", "pdf")
    assert paper.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "空的"),
        (b"GIF89a" + bytes(40), "不是照片或PDF"),
        (b"MZ\x90\x00" + bytes(80), "不是照片或PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是照片或PDF"),
        (b"%PDF-1.4 cut off", "PDF打不开或不完整"),
        (locked(reading=True), "PDF加了密码"),
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
