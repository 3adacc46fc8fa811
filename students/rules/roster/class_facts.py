"""What rows tell of their class (专业, 系部, 涉农), held against it and against each other."""

from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter
from typing import Any

from schools.models import Stage
from students.models import SchoolClass
from students.rules.roster.columns import LABELS
from students.rules.roster.places import Place
from students.rules.roster.rows import Row

TOLD = ("major", "department", "agri_major")
TOLD_BY = attrgetter(*TOLD)
NOTHING_TOLD = (None,) * len(TOLD)


def facts_of(rows: Iterable[Row]) -> dict[Place, dict[str, Any]]:
    """What each new class is to be opened with: what its first row that tells it says."""
    found: dict[Place, dict[str, Any]] = {}
    for row in rows:
        if isinstance(row.place, Place):
            facts = found.setdefault(row.place, {})
            for name in TOLD:
                if (value := getattr(row.facts, name)) is not None:
                    facts.setdefault(name, value)
    return found


def doubt_classes(rows: Iterable[Row]) -> None:
    """Warn, once for each class and value, where a row says otherwise than its class."""
    first: dict[tuple[int, tuple[Any, ...]], Row] = {}
    for row in rows:
        if (told := TOLD_BY(row.facts)) != NOTHING_TOLD:
            first.setdefault((id(row.place), told), row)
    new = facts_of(first.values())
    warned: set[tuple[int, str, object]] = set()
    for (place, told), row in first.items():
        held = _held(row.place, new)
        for name, value in zip(TOLD, told, strict=True):
            key = (place, name, value)
            if value is None or name not in held or value == held[name] or key in warned:
                continue
            warned.add(key)
            row.doubtful(name, _said(name, held[name], value, isinstance(row.place, Place)))


def doubt_stages(rows: Iterable[Row], stages: Collection[str]) -> None:
    """Warn, once for each stage, where a new class is of one that the school has no class of."""
    warned = set(stages)
    for row in rows:
        place = row.place
        if isinstance(place, Place) and place.stage not in warned:
            warned.add(place.stage)
            row.doubtful(
                "class_name",
                f"本校还没有{Stage(place.stage).label}的班，会新开“{place.name}”，请核对年级。",
            )


def _held(
    place: SchoolClass | Place | None, new: Mapping[Place, Mapping[str, Any]]
) -> Mapping[str, Any]:
    if isinstance(place, SchoolClass):
        return {name: getattr(place, name) for name in TOLD}
    return new.get(place, {}) if place else {}


def _said(name: str, held: object, value: object, is_new: bool) -> str:
    label, before, after = LABELS[name], _word(held), _word(value)
    if is_new:
        return f"同一个新班前面的行写的{label}是{before}，这一行是{after}；按前面的登记，请核对。"
    return f"班级的{label}是{before}，名册里是{after}；请到“班级”中更正。"


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "“是”" if value else "“否”"
    return f"“{value}”" if value else "空的"
