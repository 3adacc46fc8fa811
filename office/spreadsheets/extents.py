"""How far the filled cells of a worksheet reach, found without building any cell.

Sheets as Excel, WPS and the usual libraries write them, with `r` first in each cell, are settled
by one search. Only others, and those that reach far out, are looked at closely.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat

from office.spreadsheets.cells import column_name
from office.spreadsheets.refusals import DAMAGED, Unreadable

# Where a cell stands, said once: of two references readers may believe the other one. The rest of
# the tag is gone through without a way back, which takes half the time.
ONCE = r"(?=[\s/>])(?![^>r]*+(?:(?:(?<![\s\"'])r|r(?!\s*=))[^>r]*+)*+r)"
IRREGULAR = re.compile(rf'<c(?! r="[A-Z]{{1,3}}[0-9]{{1,7}}"{ONCE}|[A-Za-z:])'.encode())
PREFIXED = re.compile(rb":c[\s/>]")
# A cell that isn't empty: something other than its own end follows its tag.
FILLED = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>(?=[^<]|<[^/])')
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# Readers take cells only from inside this element.
CELLS_ELEMENT = b"sheetData"
LONGEST_TAG = 64 * 1024
# Below this many columns even the most rows that are looked at fit into memory.
HARMLESS_COLUMNS = 60
MOST_ELEMENTS = 6_000_000


@dataclass(slots=True)
class Extent:
    """Numbers of rows and columns up to the last filled cell, 0 when nothing is filled."""

    rows: int = 0
    columns: int = 0

    def reach(self, row: int, column: int) -> None:
        """Take in the filled cell with 1-based `row` and `column`."""
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)


class Measure:
    """Looks at one part of the archive in pieces, first quickly, then closely if need be."""

    def __init__(self, max_columns: int) -> None:
        self.extent = Extent()
        self.irregular = False
        self.far = False
        self._unusual = _unusual(min(HARMLESS_COLUMNS, max_columns))

    @property
    def suspicious(self) -> bool:
        """Whether the quick look couldn't rule out a huge sheet."""
        return self.irregular or self.far

    def look_at(self, piece: bytes) -> None:
        """Note whether the piece holds cells in an unusual form or cells far out."""
        if self.irregular:
            return
        # A single byte is found many times faster than the pattern.
        self.irregular = b":" in piece and PREFIXED.search(piece) is not None
        if self.far or self._unusual.search(piece):
            self.far = True
            self.irregular = self.irregular or IRREGULAR.search(piece) is not None

    def look_closely(self, pieces: Iterable[bytes]) -> None:
        """Find the exact reach; raises Unreadable when the sheet's XML is damaged or endless."""
        if self.irregular:
            _Walk(self.extent).through(pieces)
            return
        rest = b""
        for piece in pieces:
            buffer = rest + piece
            for letters, row in FILLED.findall(buffer):
                self.extent.reach(int(row), column_number(letters.decode()))
            # The last cell again: its tag or what follows it may not have been complete.
            rest = buffer[max(0, buffer.rfind(b"<c ", 0, -2)) :]
            if len(rest) > LONGEST_TAG + len(piece):
                raise Unreadable(*DAMAGED)


def column_number(letters: str) -> int:
    """The 1-based number of a column: `A` is 1, `XFD` 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _unusual(columns: int) -> re.Pattern[bytes]:
    """Finds a cell in an unusual form, right of `columns` (at most 702) or below row 100,020."""
    last = column_name(columns - 1)
    if len(last) == 1:
        usual = f"[A-{last}]"
    else:
        first, second = last[0], last[1]
        before = f"[A-{chr(ord(first) - 1)}][A-Z]|" if first > "A" else ""
        usual = f"[A-Z]|{before}{first}[A-{second}]"
    near = f'<c(?! r="(?:{usual})(?:[0-9]{{1,5}}|1000[01][0-9]|100020)"{ONCE}|[A-Za-z:])'
    return re.compile(near.encode())


class _Walk:
    """Counts cells with an XML parser, as readers place them when they carry no reference."""

    def __init__(self, extent: Extent) -> None:
        self.extent = extent
        self.row = self.column = self.elements = 0
        self.in_cell = False

    def through(self, pieces: Iterable[bytes]) -> None:
        """Parse the part; one that isn't XML, such as a picture, has no cells."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        broken = holds_cells = False
        tail = b""
        for piece in pieces:
            holds_cells = holds_cells or CELLS_ELEMENT in tail + piece
            tail = piece[-len(CELLS_ELEMENT) :]
            try:
                if not broken:
                    parser.Parse(piece, False)
            # An unknown encoding is a LookupError or ValueError.
            except (expat.ExpatError, LookupError, ValueError):
                broken = True
        if broken and holds_cells:
            raise Unreadable(*DAMAGED)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise Unreadable("表格中的格子过多。", "请删除空白但带格式的行和列，再重新上传。")
        local = name.rpartition(":")[2]
        if local == "row":
            given = attributes.get("r", "")
            self.row = int(given) if given.isdecimal() else self.row + 1
            self.column = 0
        elif local == "c":
            self.begin_cell(attributes.get("r", ""))
        elif self.in_cell:
            self.extent.reach(self.row, self.column)

    def begin_cell(self, reference: str) -> None:
        self.in_cell = True
        found = REFERENCE.fullmatch(reference.upper())
        if found:
            self.column, self.row = column_number(found.group(1)), int(found.group(2))
        elif reference:
            raise Unreadable(*DAMAGED)
        else:
            self.column += 1

    def end(self, name: str) -> None:
        if name.rpartition(":")[2] == "c":
            self.in_cell = False
