"""A PDF is kept as its pages alone; what is locked, broken or too large is refused."""

import io
import random
import zlib
from collections.abc import Callable

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

from applications import pdfs
from applications.pdfs import pages_alone, rewritten
from audit.refusal import Refused
from office.documents.typeset import pdf as typeset
from tests.applications.family import picture
from tests.applications.pdfs import (
    PLAIN,
    chained,
    filled,
    layered,
    loaded,
    locked,
    made,
    marked,
    stamped,
    with_picture,
)
from tests.office.test_documents import letter

# Words with which a reader starts something, or finds something that isn't the page.
STARTS = (
    "/JS",
    "/JavaScript",
    "/OpenAction",
    "/AA",
    "/A",
    "/Annots",
    "/EmbeddedFiles",
    "/EF",
    "/URI",
)


def texts(content: bytes) -> list[str]:
    """What every page says to whoever reads it."""
    found = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_bounded().strip() for page in found]


def whole(content: bytes) -> bytes:
    """All of a PDF, unpacked."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as opened:
        opened.save(
            out,
            qdf=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return out.getvalue()


def test_the_pages_are_as_they_were() -> None:
    assert texts(rewritten(made(pages=3))) == ["Page 1", "Page 2", "Page 3"]
    said = "　国家助学金每生每年2300元。"
    written = typeset("letter", letter("各位家长：", said))
    assert texts(rewritten(written)) == texts(written)


def test_a_page_is_cut_turned_and_blended_as_it_was() -> None:
    def laid(pdf: Pdf) -> None:
        page = pdf.pages[0].obj
        page.UserUnit = 2
        page.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB, I=True)
        # A scanner's program says it once for all pages.
        pdf.Root.Pages.CropBox, pdf.Root.Pages.Rotate = Array([10, 50, 210, 150]), 90

    sent = made(laid, pages=2)
    kept = rewritten(sent)
    before, after = (pypdfium2.PdfDocument(one) for one in (sent, kept))
    assert [page.get_size() for page in after] == [page.get_size() for page in before]
    assert after[0].get_size() != pypdfium2.PdfDocument(PLAIN)[0].get_size()
    for one, other in zip(before, after, strict=True):
        assert other.render().to_pil().tobytes() == one.render().to_pil().tobytes()
    with pikepdf.open(io.BytesIO(kept)) as opened:
        first, second = (page.obj for page in opened.pages)
        assert (int(first.UserUnit), str(first.Group.S)) == (2, "/Transparency")
        assert bool(first.Group.I)
        assert "/UserUnit" not in second
        for page in (first, second):
            assert [int(n) for n in page.CropBox] == [10, 50, 210, 150]
            assert int(page.Rotate) == 90


def test_one_file_sent_twice_is_one_paper() -> None:
    sent = made(loaded)
    assert rewritten(sent) == rewritten(sent)


def test_what_hangs_on_it_stays_behind() -> None:
    sent = made(loaded)
    assert whole(sent).count(b"Secret") > 8
    kept = rewritten(sent)
    assert b"Secret" not in whole(kept)
    with pikepdf.open(io.BytesIO(kept)) as opened:
        assert set(opened.Root.keys()) == {"/Type", "/Pages"}
        assert opened.docinfo == Dictionary()
        for thing in opened.objects:
            if isinstance(thing, Dictionary | Stream):
                assert not set(STARTS) & set(thing.keys())
                assert not (isinstance(thing, Stream) and "/F" in thing)
    assert texts(kept) == ["Page 1"]


def test_what_is_stamped_or_filled_in_belongs_to_the_page() -> None:
    assert "Seal" in texts(rewritten(made(stamped)))[0]
    # A form's values may be there without being drawn.
    assert "Answer" in texts(rewritten(made(filled)))[0]


def test_what_no_reader_shows_is_no_part_of_the_page() -> None:
    def hidden(pdf: Pdf) -> None:
        stamped(pdf)
        pdf.pages[0].obj.Annots[0].F = 2

    assert "Seal" not in texts(rewritten(made(hidden)))[0]


def test_what_a_layer_hides_is_not_drawn_over_the_page() -> None:
    sent = made(layered)
    before, after = (pypdfium2.PdfDocument(one)[0].render() for one in (sent, rewritten(sent)))
    assert before.to_pil().tobytes() == after.to_pil().tobytes()
    assert before.to_pil().tobytes() == pypdfium2.PdfDocument(PLAIN)[0].render().to_pil().tobytes()


def test_a_picture_that_no_page_draws_stays_behind() -> None:
    def undrawn(pdf: Pdf) -> None:
        with_picture(picture("JPEG"))(pdf)
        pdf.pages[0].obj.Contents = Stream(pdf, b"q Q")

    assert b"/DCTDecode" not in rewritten(made(undrawn))


def test_a_photograph_in_it_loses_its_notes_and_no_point() -> None:
    jpeg = picture("JPEG") + b"SecretBehind"
    assert b"SecretCam" in jpeg
    kept = rewritten(made(with_picture(jpeg)))
    assert b"Secret" not in whole(kept)
    assert _pixels(kept) == Image.open(io.BytesIO(jpeg)).convert("RGB").tobytes()


def test_a_photograph_in_several_scans_is_whole() -> None:
    drawn = Image.effect_noise((120, 80), 60).convert("RGB")
    exif = drawn.getexif()
    exif[0x010F] = "SecretCam"
    out = io.BytesIO()
    drawn.save(out, "JPEG", progressive=True, exif=exif, comment=b"SecretNote", quality=70)
    kept = rewritten(made(with_picture(out.getvalue())))
    assert b"Secret" not in whole(kept)
    assert _pixels(kept) == Image.open(io.BytesIO(out.getvalue())).tobytes()


def test_a_photograph_packed_twice_loses_its_notes_too() -> None:
    def twice(pdf: Pdf) -> None:
        with_picture(picture("JPEG"))(pdf)
        image = pdf.pages[0].obj.Resources.XObject.Im1
        raw = zlib.compress(image.read_raw_bytes())
        image.write(raw, filter=Array([Name.FlateDecode, Name.DCTDecode]))

    kept = rewritten(made(twice))
    assert b"Secret" not in whole(kept)
    assert len(_pixels(kept)) == len(Image.open(io.BytesIO(picture("JPEG"))).tobytes())


def _pixels(content: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as opened:
        image = opened.pages[0].obj.Resources.XObject.Im1
        assert isinstance(image, Stream)
        return pikepdf.PdfImage(image).as_pil_image().tobytes()


def test_what_forbids_only_printing_is_kept_for_all_to_read() -> None:
    kept = rewritten(locked(reading=False))
    with pikepdf.open(io.BytesIO(kept)) as opened:
        assert not opened.is_encrypted
    assert texts(kept) == ["Page 1"]


def _bomb(pdf: Pdf) -> None:
    """Content that unpacks to sixty million bytes, within a name tree of packed objects."""
    pdf.pages[0].obj.Contents = Stream(
        pdf,
        zlib.compress(bytes(60_000_000)),
        Filter=[Name.FlateDecode, Name.DCTDecode],
        Type=Name.XObject,
        Subtype=Name.Image,
    )


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (lambda: locked(reading=True), "PDF加了密码"),
        (lambda: PLAIN[: len(PLAIN) // 2], "打不开或不完整"),
        (lambda: b"%PDF-1.4 cut off", "打不开或不完整"),
        (
            lambda: b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
            "打不开",
        ),
        (lambda: made(pages=0), "打不开或不完整"),
        (lambda: made(pages=pdfs.MOST_PAGES + 1), "PDF超过100页"),
        (lambda: made(_bomb), "打不开或不完整"),
    ],
)
def test_what_is_no_paper_is_turned_away(sent: Callable[[], bytes], told: str) -> None:
    with pytest.raises(Refused, match=told) as refused:
        rewritten(sent())
    assert all(reason.mend for reason in refused.value.reasons)


def test_packed_objects_have_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    many = made(pages=40, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert len(texts(pages_alone(many))) == 40
    monkeypatch.setattr(pdfs, "MOST_PACKED", 0)
    with pytest.raises(Refused, match="PDF展开后过大"):
        pages_alone(many)


def test_what_fills_the_stack_ends_its_own_process_alone() -> None:
    with pytest.raises(Refused, match="PDF内容过于复杂"):
        rewritten(chained(100_000))


@pytest.mark.parametrize(
    ("limit", "allowed", "sent"),
    [
        ("MOST_SECONDS", 1, lambda: made(marked(20_000))),
        ("PATIENCE", 0.001, lambda: PLAIN),
        ("MOST_MEMORY", 1, lambda: PLAIN + b"%" * 10_000_000 + b"\n%%EOF\n"),
    ],
)
def test_one_file_takes_no_more_than_it_may(
    limit: str, allowed: float, sent: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdfs, limit, allowed)
    with pytest.raises(Refused, match="PDF内容过于复杂"):
        rewritten(sent())


def test_no_bytes_break_it() -> None:
    """Either pages or a refusal, whatever was changed in it."""
    chance, ended = random.Random(1), {"kept": 0, "refused": 0}
    samples = (
        PLAIN,
        made(loaded),
        made(stamped),
        made(layered),
        made(with_picture(picture("JPEG"))),
        made(pages=9),
    )
    for _ in range(400):
        sent = bytearray(chance.choice(samples))
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(sent))
            sent[at : at + chance.choice((0, 1, 1, 1, 7))] = chance.choice(
                (b"", b"/", b"<<", b">>", b"0 R", b"[", b"999999999", chance.randbytes(3))
            )
        try:
            pages_alone(bytes(sent))
        except Refused:
            ended["refused"] += 1
        else:
            ended["kept"] += 1
    assert min(ended.values()) > 40, ended
