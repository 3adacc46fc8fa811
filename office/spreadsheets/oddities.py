"""What the reader of workbooks does not tell: formulas that failed, and rows that are hidden.

It leaves a cell with #N/A empty, which would then pass for a cell that nobody filled in; and one
whose formula a program wrote without reckoning it, as programs other than Excel and WPS do.
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
# What stands for a result that no program has saved.
UNSAVED = "（公式没有保存结果）"
# A formula that gives an empty text has that type, and its result is saved.
UNSAVED_CELL = re.compile(
    rb'<c (?![^>]*\bt="str")[^>]*>\s*<f(?:\s[^>]*)?(?:/>|(?<!/)>[^<]*</f>)\s*'
    rb"(?:<v\s*/>|<v>\s*</v>|</c>)"
)
HIDDEN_ROW = re.compile(rb"<row [^>]*hidden=\"(?:1|true)\"")
FAILED_CELL = b't="e"'
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
MOST = 10_000
LONGEST_CELL = 16 * 1024


@dataclass(slots=True)
class Oddities:
    """0-based places in one sheet: formulas without a result, and hidden rows.

    A formula that failed has what Excel shows, one that nobody has reckoned `UNSAVED`.
    """

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
    if not _is_odd(pieces_of(content, part)):
        return None
    walk = _Walk()
    walk.through(pieces_of(content, part))
    return walk.found


def _is_odd(pieces: Iterator[bytes]) -> bool:
    last = b""
    for piece in pieces:
        if FAILED_CELL in piece or (b"hidden=" in piece and HIDDEN_ROW.search(piece)):
            return True
        # A cell has several tags, between which the pieces may be cut.
        if (b"<f" in piece or b"<f" in last) and UNSAVED_CELL.search(last + piece):
            return True
        last = (last + piece[-LONGEST_CELL:])[-LONGEST_CELL:]
    return False


class _Walk:
    """Notes failed and unreckoned cells and hidden rows while a sheet is parsed."""

    def __init__(self) -> None:
        self.found = Oddities()
        self.row = -1
        self.place: tuple[int, int] | None = None
        self.type = ""
        self.formula = False
        self.text: list[str] | None = None
        self.result = ""

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
        elif local == "c":
            place = REFERENCE.fullmatch(attributes.get("r", "").upper())
            self.place = place and (int(place.group(2)) - 1, column_number(place.group(1)) - 1)
            self.type, self.formula, self.result = attributes.get("t", ""), False, ""
        elif local == "f":
            self.formula = True
        elif local == "v":
            self.text = []

    def characters(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "v" and self.text is not None:
            self.result, self.text = "".join(self.text), None
        elif local == "c" and self.place and len(self.found.failed) < MOST:
            if self.type == "e":
                self.found.failed[self.place] = self.result[:16] or "#N/A"
            elif self.formula and self.type != "str" and not self.result.strip():
                self.found.failed[self.place] = UNSAVED
