"""A few named examples of a difference, for the preview; sealed values masked."""

from itertools import islice
from typing import Any

from students.models import Student
from students.rules.roster.cells import Row
from students.rules.roster.columns import LABELS, shown
from students.rules.roster.difference import Alteration, Difference

MOST = 30
CHOICES: dict[str, dict[str, str]] = {
    "sex": {str(value): str(label) for value, label in Student.Sex.choices},
    "household": {str(value): str(label) for value, label in Student.Household.choices},
    "boarding": {str(value): str(label) for value, label in Student.Boarding.choices},
}


def samples_of(difference: Difference) -> dict[str, list[dict[str, Any]]]:
    """The first added, changed and left students with what would happen to each."""
    return {
        "added": [
            {"name": a.row.values["name"], "class": a.place.name, "cell": _cell(a.row)}
            for a in islice(difference.added, MOST)
        ],
        "changed": [
            {
                "name": c.student.name,
                "class": c.student.school_class.name,
                "cell": _cell(c.row),
                "fields": [_field(c, name) for name in c.fields],
            }
            for c in islice(difference.changed, MOST)
        ],
        "left": [
            {"id": s.pk, "name": s.name, "class": s.school_class.name}
            for s in islice(difference.left, MOST)
        ],
    }


def _cell(row: Row) -> str:
    return f"第{row.index + 1}行"


def _field(change: Alteration, name: str) -> dict[str, str]:
    before = ""
    if name == "class_name":
        before, after = change.student.school_class.name, change.place.name
    else:
        after = _words(name, change.row.values.get(name))
        if name.startswith("guardian"):
            known = change.guardian
            before = str(getattr(known, name.removeprefix("guardian_"))) if known else ""
        else:
            before = _words(name, getattr(change.student, name))
    return {"label": LABELS[name], "before": before, "after": after}


def _words(name: str, value: Any) -> str:
    """A value as people read it; a sealed one prints as its mask."""
    if value in (None, ""):
        return ""
    if name in CHOICES:
        return CHOICES[name].get(value, str(value))
    return shown(name, value) if isinstance(value, str) else str(value)
