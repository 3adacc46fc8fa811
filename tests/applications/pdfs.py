"""PDFs for tests: plain ones, and ones with everything on them that no paper needs."""

import io
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image


def made(
    change: Callable[[Pdf], None] = lambda pdf: None, *, pages: int = 1, **save: object
) -> bytes:
    """A PDF with that many pages, changed before it is saved."""
    out = io.BytesIO()
    with Pdf.new() as pdf:
        for n in range(pages):
            page = pdf.add_blank_page(page_size=(300, 200))
            page.obj.Resources = Dictionary(
                Font=Dictionary(
                    F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
                )
            )
            page.obj.Contents = Stream(pdf, f"BT /F1 18 Tf 20 100 Td (Page {n + 1}) Tj ET".encode())
        change(pdf)
        pdf.save(out, **save)  # type: ignore[arg-type]
    return out.getvalue()


PLAIN = made()


def with_picture(jpeg: bytes) -> Callable[[Pdf], None]:
    """Draws a photograph on the first page."""

    def change(pdf: Pdf) -> None:
        with Image.open(io.BytesIO(jpeg)) as opened:
            width, height = opened.size
        picture = Stream(
            pdf,
            jpeg,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=width,
            Height=height,
            ColorSpace=Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=Name.DCTDecode,
        )
        page = pdf.pages[0].obj
        page.Resources.XObject = Dictionary(Im1=picture)
        page.Contents = Stream(pdf, b"q 300 0 0 200 0 0 cm /Im1 Do Q")

    return change


def script() -> Dictionary:
    """An action that runs a program."""
    return Dictionary(S=Name.JavaScript, JS="app.alert('SecretProgram')")


def loaded(pdf: Pdf) -> None:
    """Everything that hangs on a PDF: programs, files, links, notes."""
    page = pdf.pages[0].obj
    pdf.attachments["SecretFile.exe"] = b"MZ SecretBytes"
    pdf.Root.OpenAction = script()
    pdf.Root.AA = Dictionary(WC=script())
    pdf.Root.Names.JavaScript = Dictionary(Names=Array(["a", script()]))
    pdf.docinfo["/Author"] = "SecretAuthor"
    with pdf.open_metadata() as notes:
        notes["dc:creator"] = ["SecretAuthor"]
    page.AA = Dictionary(O=script())
    page.PieceInfo = Dictionary(Some=Dictionary(Private="SecretNote"))
    page.Metadata = Stream(pdf, b"<x>SecretPlace</x>")
    for key in ("AF", "A", "AA", "JS", "Metadata", "PieceInfo", "OPI", "Ref"):
        # On an object, and on one that is written out within an array within it.
        inner = Dictionary({f"/{key}": Dictionary(Note="SecretNote")})
        page.Resources.Font.F1[f"/{key}"] = Dictionary(Note="SecretNote")
        page.Resources.Font.F1[f"/Within{key}"] = Array([inner])
    page.Contents.F = "http://elsewhere.example/SecretPlace"
    link = Dictionary(S=Name.URI, URI="http://elsewhere.example/SecretPlace")
    page.Annots = pdf.make_indirect(
        Array(
            [
                Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 50, 50], A=link),
                Dictionary(
                    Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 20, 20], Contents="SecretNote"
                ),
            ]
        )
    )


def stamped(pdf: Pdf) -> None:
    """A stamp lies on the first page as a note of its own."""
    seal = Stream(
        pdf,
        b"BT /F1 12 Tf 0 0 Td (Seal) Tj ET",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=[0, 0, 60, 20],
        Resources=pdf.pages[0].obj.Resources,
    )
    stamp = Dictionary(
        Type=Name.Annot, Subtype=Name.Stamp, Rect=[200, 20, 260, 40], F=4, AP=Dictionary(N=seal)
    )
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(stamp)])


def layered(pdf: Pdf) -> None:
    """A layer that no viewer shows unless somebody asks for it."""
    page = pdf.pages[0].obj
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Layer"))
    page.Resources.Properties = Dictionary(MC0=layer)
    drawn = page.Contents.read_bytes()
    page.Contents = Stream(pdf, drawn + b" /OC /MC0 BDC 0 0 300 200 re f EMC")
    pdf.Root.OCProperties = Dictionary(
        OCGs=Array([layer]), D=Dictionary(OFF=Array([layer]), Name="SecretNote")
    )


def filled(pdf: Pdf) -> None:
    """A form in which somebody typed; no program has drawn it yet."""
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T="name",
            V="Answer",
            DA="/F1 12 Tf 0 g",
            F=4,
            Rect=[20, 20, 200, 50],
        )
    )
    pdf.pages[0].obj.Annots = Array([field])
    fonts = Dictionary(Font=pdf.pages[0].obj.Resources.Font)
    pdf.Root.AcroForm = Dictionary(NeedAppearances=True, Fields=Array([field]), DR=fonts)


def marked(many: int) -> Callable[[Pdf], None]:
    """So many stamps on one page, for each of which a name is sought among the others."""

    def change(pdf: Pdf) -> None:
        stamped(pdf)
        stamp = pdf.pages[0].obj.Annots[0]
        pdf.pages[0].obj.Annots = Array([Dictionary(dict(stamp.items())) for _ in range(many)])

    return change


def chained(many: int) -> bytes:
    """Each object refers to the next one, so deep that a reader that follows them has no room."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</X 4 0 R>>>>",
        *(b"[%d 0 R]" % (n + 5) for n in range(many)),
        b"[]",
    ]
    body, places = bytearray(b"%PDF-1.7\n"), []
    for n, one in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (n, one)
    size, at = len(objects) + 1, len(body)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, b"".join(places))
    return b"%s%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (body, table, size, at)


def locked(*, reading: bool) -> bytes:
    """Encrypted: for reading too, or only against printing and changing."""
    return made(encryption=pikepdf.Encryption(user="pass" if reading else "", owner="owner"))
