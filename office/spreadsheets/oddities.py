"""What the reader of workbooks does not tell: formulas that failed, and rows that are hidden.

It leaves a cell with #N/A empty, which would then pass for a cell that nobody filled in.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as Tree
from xml.parsers import expat

from office.spreadsheets.archives import pieces_of
from office.spreadsheets.extents import REFERENCE, column_number

ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)
HIDDEN_ROW = re.compile(rb"<row [^>]*hidden=\"(?:1|true)\"")
FAILED_CELL = b't="e"'
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
MOST = 10_000


@dataclass(slots=True)
class Oddities:
    """0-based places in one sheet: failed formulas with what Excel shows, and hidden rows."""

    failed: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)


def oddities_of(content: bytes) -> Mapping[str, Oddities]:
    """By the sheets' names, for an .xlsx that has been examined; a sheet without any is left out.

    What can't be followed in a strange package is not told, and no reason to refuse it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {info.filename: info for info in archive.infolist()}
            parts = _parts(archive, names)
        return {
            sheet: found
            for sheet, part in parts.items()
            if (found := _walked(content, names[part])) is not None
        }
    # The libraries raise whatever a malformed part makes them stumble over.
    except Exception:
        return {}


def _parts(archive: zipfile.ZipFile, names: Mapping[str, object]) -> dict[str, str]:
    """Sheet's name → part, by way of the workbook's relations."""
    # Document types and entities were refused when the archive was examined.
    book = Tree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    relations = Tree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {r.get("Id"): (r.get("Target") or "").lstrip("/") for r in relations}
    found = {}
    for sheet in book.iter():
        if not sheet.tag.endswith("}sheet"):
            continue
        target = targets.get(sheet.get(RELATION), "")
        part = target if target.startswith("xl/") else f"xl/{target}"
        if part in names:
            found[sheet.get("name") or ""] = part
    return found


def _walked(content: bytes, part: zipfile.ZipInfo) -> Oddities | None:
    """Nearly every sheet is settled by one search of its bytes."""
    if not any(
        FAILED_CELL in piece or (b"hidden=" in piece and HIDDEN_ROW.search(piece))
        for piece in pieces_of(content, part)
    ):
        return None
    walk = _Walk()
    walk.through(pieces_of(content, part))
    return walk.found


class _Walk:
    """Notes failed cells and hidden rows while a sheet is parsed."""

    def __init__(self) -> None:
        self.found = Oddities()
        self.row = -1
        self.failing: tuple[int, int] | None = None
        self.text: list[str] | None = None

    def through(self, pieces: Iterator[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        for piece in pieces:
            parser.Parse(piece, False)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "row":
            given = attributes.get("r", "")
            self.row = int(given) - 1 if given.isdecimal() else self.row + 1
            if attributes.get("hidden") in ("1", "true") and len(self.found.hidden) < MOST:
                self.found.hidden.add(self.row)
        elif local == "c" and attributes.get("t") == "e":
            place = REFERENCE.fullmatch(attributes.get("r", "").upper())
            if place and len(self.found.failed) < MOST:
                self.failing = (int(place.group(2)) - 1, column_number(place.group(1)) - 1)
        elif local == "v" and self.failing is not None:
            self.text = []

    def characters(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "v" and self.failing is not None and self.text is not None:
            self.found.failed[self.failing] = "".join(self.text)[:16] or "#N/A"
            self.text = None
        elif local == "c":
            self.failing = None
