"""The differently headed sheets of a roster file, as its page shows them."""

from typing import Any

from students.models import RosterHeading, RosterImport
from students.rules.roster.columns import LABELS, REQUIRED
from students.rules.roster.headings import headings_of

# A workbook may have a hundred sheets; more forms than this make the page unwieldy.
MOST_KINDS = 12


def kinds_of(staged: RosterImport) -> list[dict[str, Any]]:
    """One for each way in which sheets are headed: its first sheet, and what it lacks.

    Those that lack a column that is needed come first, as long as there are more than are shown.
    """
    known = set(RosterHeading.objects.for_school(staged.school).values_list("heading", flat=True))
    kinds: dict[str, dict[str, Any]] = {}
    for index, sheet in enumerate(staged.layout):
        # Files staged before sheets told this have only their first one corrected.
        like = sheet.get("like", sheet["sheet"])
        if like not in kinds:
            kinds[like] = _kind(index, sheet, staged, known)
        kind = kinds[like]
        kind["sheets"].append(sheet["sheet"])
        kind["missing"] += [m for m in _missing(sheet) if m not in kind["missing"]]
    found = list(kinds.values())
    if len(found) > MOST_KINDS:
        found.sort(key=lambda kind: (not kind["missing"], kind["index"]))
    return found[:MOST_KINDS]


def _kind(
    index: int, sheet: dict[str, Any], staged: RosterImport, known: set[str]
) -> dict[str, Any]:
    corrected = sheet.get("like") in staged.columns or (index == 0 and bool(staged.columns))
    columns = zip(sheet["columns"], headings_of(sheet), strict=True)
    told = [column["index"] for column, heading in columns if heading in known]
    return {
        "index": index,
        "sheet": sheet,
        "sheets": [],
        "missing": [],
        "recognised": sum(1 for c in sheet["columns"] if c["field"]),
        "ignored": sum(1 for c in sheet["columns"] if not c["field"]),
        "told": told,
        "changed": corrected or bool(told),
    }


def _missing(sheet: dict[str, Any]) -> list[str]:
    fields = [column["field"] for column in sheet["columns"]]
    lacking = sheet.get("missing", [name for name in REQUIRED if name not in fields])
    return [LABELS[name] for name in lacking]
