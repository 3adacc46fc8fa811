"""Write a table as a workbook: the first sheet is exactly the printed form."""

import io
from collections.abc import Mapping

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from audit.refusal import refuse_if
from office.spreadsheets.writing import storable
from screening.annexes import wording
from screening.annexes.contents import Annex, Detail
from screening.annexes.reconciling import add_reconciling
from screening.models import Screening

FONT, SIZE, TITLE_SIZE = "宋体", 10.5, 16
THIN = Side(style="thin")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
COLUMNS = "ABCDEFGHIJKL"
WIDTHS = (6, 10, 21, 12, 12, 16, 11, 13, 11, 18, 22, 24)
HEIGHTS: Mapping[int, float] = {
    **dict.fromkeys((8, 9, 10, 11), 24),
    2: 30,
    3: 22,
    4: 44,
    5: 44,
    6: 40,
    7: 40,
}
FIRST_DETAIL = 12
AS_TEXT = "@"
A4 = 9


def written(annex: Annex, *, footer: str = "") -> bytes:
    """The workbook's bytes; `footer` is printed under every page (who took it out, and when).

    Raises `Refused` with everything that disagrees instead of printing a wrong table.
    """
    refuse_if(annex.why_wrong())
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet: Worksheet = book.create_sheet(annex.kind)
    _print_settings(sheet, footer)
    _head(sheet, annex)
    _coverage(sheet, annex)
    last = _details(sheet, annex)
    _note(sheet, annex, last + 1)
    add_reconciling(book, annex)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _print_settings(sheet: Worksheet, footer: str) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.6
    sheet.print_title_rows = "10:11"
    # "&" begins a code in a footer.
    sheet.oddFooter = HeaderFooterItem(
        left=_HeaderFooterPart(footer.replace("&", "&&") or None),
        right=_HeaderFooterPart("第&P页，共&N页"),
    )
    for column, width in zip(COLUMNS, WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    for row, height in HEIGHTS.items():
        sheet.row_dimensions[row].height = height


def put(
    sheet: Worksheet,
    place: str,
    value: str | int,
    *,
    border: Border | None = BOX,
    align: Alignment = CENTRED,
    font: Font | None = None,
) -> SheetCell:
    """Write one cell or merged range; words stay words, whatever sign they begin with."""
    if ":" in place:
        sheet.merge_cells(place)
    if border:
        for row in sheet[place] if ":" in place else ((sheet[place],),):
            for cell in row:
                cell.border = border
    first: SheetCell = sheet[place.split(":")[0]]
    first.value = storable(value) if isinstance(value, str) else value
    if isinstance(value, str):
        # A leading = would otherwise be kept as a formula.
        first.data_type = "s"
        first.number_format = AS_TEXT
    first.alignment = align
    first.font = font or Font(name=FONT, size=SIZE)
    return first


def _head(sheet: Worksheet, annex: Annex) -> None:
    numbers = annex.numbers
    put(sheet, "A1", annex.kind, border=None, align=LEFT)
    put(sheet, "A2:L2", wording.TITLE[annex.kind], border=None, font=_title_font())
    put(sheet, "A3:L3", wording.HOLDER[annex.kind] + annex.holder, border=None, align=LEFT)
    put(sheet, "A4:B5", wording.TOTAL)
    put(sheet, "C4:C5", numbers.total)
    put(sheet, "D4:D5", wording.OF_WHICH)
    for (place, text, value), count in zip(wording.CATEGORY_HEADS, numbers.cells, strict=True):
        put(sheet, place, text)
        put(sheet, value, count)


def _title_font() -> Font:
    return Font(name=FONT, size=TITLE_SIZE, bold=True)


def _coverage(sheet: Worksheet, annex: Annex) -> None:
    yes = annex.full_coverage == Screening.Answer.YES
    no = annex.full_coverage == Screening.Answer.NO
    put(sheet, "A6:D7", wording.COVERAGE[annex.kind])
    put(sheet, "E6:F6", f"{_box(yes)}是  ")
    put(sheet, "G6:H6", wording.COVERED)
    put(sheet, "I6:L6", annex.covered)
    put(sheet, "E7:F7", f"{_box(no)}否")
    put(sheet, "G7:H7", wording.COVERAGE_REASON)
    put(sheet, "I7:L7", annex.coverage_reason)
    found = bool(annex.details)
    put(sheet, "A8:L8", wording.FOUND.format(yes=_box(found), no=_box(not found)), align=LEFT)


def _box(ticked: bool) -> str:
    return wording.TICKED if ticked else wording.EMPTY


def _details(sheet: Worksheet, annex: Annex) -> int:
    put(sheet, "A9:L9", wording.DETAILS_TITLE)
    for column, text in wording.DETAIL_HEADS[annex.kind].items():
        put(sheet, f"{column}10:{column}11", text)
    put(sheet, "I10:J10", wording.RECEIVED)
    put(sheet, "I11", wording.RECEIVED_WHEN)
    put(sheet, "J11", wording.RECEIVED_WHAT)
    for n, detail in enumerate(annex.details, start=1):
        _detail(sheet, FIRST_DETAIL + n - 1, n, detail)
    count = max(len(annex.details), wording.FEWEST_DETAIL_ROWS)
    for row in range(FIRST_DETAIL + len(annex.details), FIRST_DETAIL + count):
        _empty_detail(sheet, row)
    return FIRST_DETAIL + count - 1


def _detail(sheet: Worksheet, row: int, serial: int, detail: Detail) -> None:
    received = bool(detail.history)
    values: dict[str, str | int] = {
        "A": serial,
        "B": detail.name,
        "C": detail.id_number,
        "D": detail.place,
        "E": detail.class_name,
        "F": detail.category,
        "G": detail.registered_poor,
        "H": f"{_box(received)}是 {_box(not received)}否",
        "I": "\n".join(month for month, _ in detail.history),
        "J": "\n".join(name for _, name in detail.history),
        "K": detail.reason,
        "L": detail.remedy,
    }
    for column, value in values.items():
        put(sheet, f"{column}{row}", value)
    sheet.row_dimensions[row].height = 15 * max(3, len(detail.history), _lines(detail))


def _lines(detail: Detail) -> int:
    longest = max(len(detail.reason) / 10, len(detail.measure) / 11 + 1, len(detail.category) / 7)
    return int(longest) + 1


def _empty_detail(sheet: Worksheet, row: int) -> None:
    for column in COLUMNS:
        put(sheet, f"{column}{row}", f"{_box(False)}是 {_box(False)}否" if column == "H" else "")
    sheet.row_dimensions[row].height = 30


def _note(sheet: Worksheet, annex: Annex, row: int) -> None:
    put(sheet, f"A{row}:L{row}", wording.NOTE[annex.kind], align=LEFT)
    sheet.row_dimensions[row].height = 36
