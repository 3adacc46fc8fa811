"""PDFs that people send as papers, written anew: their pages, and nothing that hangs on them.

Programs, attached files, links, who made it with what: none is taken over.
What was filled into a form or stamped on a page becomes part of the page.

A file that was made to may take hours, gigabytes or the process itself (a chain of a hundred
thousand objects ends in a full stack): each is read by a process of its own, which may use little.
"""

import io
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream, StreamDecodeLevel

from audit.refusal import Reason, Refused

END_OF_FILE = b"%%EOF"
MOST_PAGES = 100
# No file may make us unpack more: so much in one stream, so many streams of packed objects.
MOST_UNPACKED = 16_000_000
MOST_PACKED = 64
# What one file may take: seconds of one processor, and by the clock; bytes.
MOST_SECONDS, PATIENCE = 15, 90
MOST_MEMORY = 1_500_000_000
# What a page is drawn from; whatever else stands on it stays behind.
DRAWN = {
    "/Type",
    "/Resources",
    "/MediaBox",
    "/CropBox",
    "/Rotate",
    "/UserUnit",
    "/Group",
    "/Contents",
}
# Notes and ways out that any object within a page may carry.
HANGING = ("/Metadata", "/PieceInfo", "/LastModified", "/AF", "/AA", "/A", "/JS", "/OPI", "/Ref")
# A stream may say that its bytes lie in another file.
OUTSIDE = ("/F", "/FFilter", "/FDecodeParms")
BROKEN = Reason("PDF打不开或不完整", "请重新导出，或改为拍照")
LOCKED = Reason("PDF加了密码", "去掉密码，或改为拍照")
TOO_LONG = Reason(f"PDF超过{MOST_PAGES}页", "只上传需要的那几页")
TOO_LARGE = Reason("PDF展开后过大", "请重新导出，或改为拍照")
TOO_INTRICATE = Reason("PDF内容过于复杂，没有打开", "请重新导出，或改为拍照")
# Told by the process that reads, as its exit code from here on.
TOLD, FIRST = (BROKEN, LOCKED, TOO_LONG, TOO_LARGE), 64
# In a JPEG: the next segment, wherever a scan ends (RST and stuffed zeros belong to the scan).
MARK = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
END = 0xD9
NOTES = {*range(0xE0, 0xF0), 0xFE}
# JFIF, the colour profile and Adobe's word about colours belong to the drawing.
COLOURS = {0xE0, 0xE2, 0xEE}

pikepdf.settings.set_qpdf_limits(
    flate_max_memory=MOST_UNPACKED,
    run_length_max_memory=MOST_UNPACKED,
    png_max_memory=MOST_UNPACKED,
    tiff_max_memory=MOST_UNPACKED,
    dct_max_memory=4 * MOST_UNPACKED,
    dct_max_progressive_scans=50,
)


def rewritten(content: bytes) -> bytes:
    """As `pages_alone`, by a process of its own; `Refused` also when that one fails."""
    reader = [sys.executable, "-m", "applications.pdfs", str(MOST_SECONDS), str(MOST_MEMORY)]
    try:
        ended = subprocess.run(
            reader,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[1],
            # It needs none of the secrets.
            env={},
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused([TOO_INTRICATE]) from error
    if ended.returncode == 0:
        return ended.stdout
    told = dict(enumerate(TOLD, FIRST))
    raise Refused([told.get(ended.returncode, TOO_INTRICATE)])


def _read(seconds: str, memory: str) -> int:
    """The process that reads: a PDF comes in, its pages go out, or a code says why not."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    # Nothing of what was in it stays behind on the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sys.stdout.buffer.write(pages_alone(sys.stdin.buffer.read()))
    except Refused as refused:
        return FIRST + TOLD.index(refused.reasons[0])
    return 0


def pages_alone(content: bytes) -> bytes:
    """The pages of this PDF in a new one. Raises `Refused` for what is locked, broken or too large.

    Readable to all, so also a PDF that only forbade printing or changing is taken.
    """
    # Of a file cut off in the middle some pages could be saved; nobody would miss the others.
    if END_OF_FILE not in content[-2048:]:
        raise Refused([BROKEN])
    out = io.BytesIO()
    try:
        with Pdf.open(io.BytesIO(content)) as sent, Pdf.new() as kept:
            _refuse_the_large(sent)
            sent.generate_appearance_streams()
            sent.flatten_annotations("screen")
            for page in sent.pages:
                _only_drawn(page)
                kept.pages.append(page)
            _hide_layers(sent, kept)
            kept.remove_unreferenced_resources()
            for thing in kept.objects:
                _bare(thing)
            # One file sent twice is one paper.
            kept.save(out, stream_decode_level=StreamDecodeLevel.none, deterministic_id=True)
    except pikepdf.PasswordError as error:
        raise Refused([LOCKED]) from error
    except (pikepdf.PdfError, ArithmeticError, RuntimeError, ValueError) as error:
        raise Refused([BROKEN]) from error
    return out.getvalue()


def _refuse_the_large(sent: Pdf) -> None:
    if not sent.pages:
        raise Refused([BROKEN])
    if len(sent.pages) > MOST_PAGES:
        raise Refused([TOO_LONG])
    places = sent.get_xref_table().values()
    if len({place.obj_stream_number for place in places if place.type == 2}) > MOST_PACKED:
        raise Refused([TOO_LARGE])


def _hide_layers(sent: Pdf, kept: Pdf) -> None:
    """What was hidden stays so: a layer of which nobody says so is drawn over the page."""
    told = sent.Root.get("/OCProperties")
    usual = told.get("/D") if isinstance(told, Dictionary) else None
    if isinstance(told, Dictionary) and isinstance(usual, Dictionary):
        state = {k: usual[k] for k in ("/BaseState", "/ON", "/OFF") if k in usual}
        layers = Dictionary(OCGs=told.get("/OCGs", Array()), D=Dictionary(state))
        kept.Root.OCProperties = kept.copy_foreign(sent.make_indirect(layers))


def _only_drawn(page: Page) -> None:
    for key in set(page.obj.keys()) - DRAWN:
        # The page's place in the tree is the library's.
        if key != "/Parent":
            del page.obj[key]


def _bare(thing: Object) -> None:
    """Takes off one object, and what stands written out within it, all that isn't drawn."""
    left = [thing]
    while left:
        one = left.pop()
        if isinstance(one, Array):
            left += [inner for inner in one if _within(inner)]
        elif isinstance(one, Dictionary | Stream):
            for key in (*HANGING, *(OUTSIDE if isinstance(one, Stream) else ())):
                if key in one:
                    del one[key]
            left += [inner for _, inner in one.items() if _within(inner)]
    if isinstance(thing, Stream):
        _without_notes(thing)


def _within(thing: object) -> bool:
    """Whether this is written out within its object; what is referred to is looked at by itself."""
    return isinstance(thing, Array | Dictionary) and not thing.is_indirect


def _without_notes(stream: Stream) -> None:
    """Rids an embedded photograph of place, camera and thumbnail."""
    filters, parms = stream.get("/Filter"), stream.get("/DecodeParms")
    names = [str(one) for one in filters] if isinstance(filters, Array) else [str(filters)]
    if names == ["/DCTDecode"]:
        bare = b"".join(_drawing(stream.read_raw_bytes()))
        kept = parms if isinstance(parms, Array | Dictionary) else None
        stream.write(bare, filter=Name.DCTDecode, decode_parms=kept)
    elif "/DCTDecode" in names:
        # Packed once more, which hardly any program does: kept as its points.
        stream.write(stream.read_bytes(StreamDecodeLevel.all))


def _drawing(jpeg: bytes) -> Iterator[bytes]:
    """The parts of a JPEG that draw it: tables, scans, colours; no notes, nothing after its end."""
    yield jpeg[:2]
    at = 2
    while (mark := MARK.search(jpeg, at)) is not None:
        code, begin = jpeg[mark.end() - 1], mark.end() - 2
        if at < begin and at > 2:
            # What was drawn by the scan before.
            yield jpeg[at:begin]
        if code == END:
            yield jpeg[begin : begin + 2]
            return
        at = begin + 2 + int.from_bytes(jpeg[begin + 2 : begin + 4])
        if code in COLOURS or code not in NOTES:
            yield jpeg[begin:at]
    yield jpeg[at:]


if __name__ == "__main__":
    sys.exit(_read(*sys.argv[1:]))
