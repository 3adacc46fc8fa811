"""A few named examples of a difference, for the preview; sealed values masked."""

from itertools import islice
from typing import Any

from students.models import Student
from students.rules.roster.columns import LABELS, shown
from students.rules.roster.difference import Alteration, Difference
from students.rules.roster.known import PLAIN
from students.rules.roster.rows import Row

MOST = 30
CHOICES: dict[str, dict[str, str]] = {
    "sex": {str(value): str(label) for value, label in Student.Sex.choices},
    "household": {str(value): str(label) for value, label in Student.Household.choices},
    "id_kind": {str(value): str(label) for value, label in Student.IdKind.choices},
    "boarding": {str(value): str(label) for value, label in Student.Boarding.choices},
}


def samples_of(difference: Difference) -> dict[str, list[dict[str, Any]]]:
    """The first added, changed and left students with what would happen to each."""
    return {
        "added": [
            {
                "name": row.facts.name,
                "class": row.place.name,
                "cell": _cell(row),
                "sheet": row.table.name,
            }
            for row in islice(difference.added, MOST)
            if row.place
        ],
        "changed": [
            {
                "name": c.known.name,
                "class": c.known.school_class.name,
                "cell": _cell(c.row),
                "sheet": c.row.table.name,
                "fields": [field_of(c, name) for name in c.fields],
            }
            for c in islice(difference.changed, MOST)
        ],
        "left": [
            {"id": k.id, "name": k.name, "class": k.school_class.name}
            for k in islice(difference.left, MOST)
        ],
    }


def _cell(row: Row) -> str:
    return f"第{row.index + 1}行"


def field_of(change: Alteration, name: str) -> dict[str, str]:
    """One column that differs, in words: label, before (the roster), after (the file)."""
    known = change.known
    if name == "class_name":
        after = change.row.place.name if change.row.place else ""
        return {"label": LABELS[name], "before": known.school_class.name, "after": after}
    before: Any = ""
    if name in known.clear:
        before = known.clear[name]
    elif name in PLAIN:
        before = known.plain[PLAIN.index(name)]
    elif not name.endswith("_name"):
        slot, part = name.split("_", 1)
        before = getattr(change.guardian_of(slot), part, "")
    after = _words(name, getattr(change.row.facts, name))
    return {"label": LABELS[name], "before": _words(name, before), "after": after}


def _words(name: str, value: Any) -> str:
    """A value as people read it; a sealed one prints as its mask."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if name in CHOICES:
        return CHOICES[name].get(value, str(value))
    return shown(name, value) if isinstance(value, str) else str(value)
