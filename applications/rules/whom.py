"""Whom a programme is for, in the words of a letter: from its data alone."""

from collections.abc import Collection, Mapping

from applications.models import Programme
from applications.models.programmes import TRAITS

OTHERWISE = {"scholarship": "品学兼优的学生", "waiver": "符合免学费条件的学生"}
RECOGNISED = "家庭经济困难"
# Several groups that end alike share the ending: 脱贫、边缘易致贫家庭学生.
ENDING = "家庭学生"


def whom(programme: Programme, names: Mapping[str, str], open_codes: Collection[str]) -> str:
    """For whom it is.

    `names`: special groups by code, in their order; `open_codes`: those that need no grade.
    """
    told = _groups(programme, names, open_codes) if programme.only_groups else _open(programme)
    if programme.day_groups:
        told += f"，其中非寄宿生限{_listed(programme.day_groups, programme, names)}"
    return f"{programme.in_years}{told}" if programme.years else told


def _open(programme: Programme) -> str:
    if not programme.needs_recognition:
        return OTHERWISE.get(programme.kind, "符合条件的学生")
    traits = [TRAITS[trait] for trait in TRAITS if trait in programme.open_to]
    return "、".join([*traits, f"{RECOGNISED}学生"])


def _groups(programme: Programme, names: Mapping[str, str], open_codes: Collection[str]) -> str:
    asked = programme.needs_recognition
    free = [c for c in programme.only_groups if not asked or c in open_codes]
    graded = [c for c in programme.only_groups if c not in free]
    parts = [_listed(free, programme, names)] if free else []
    if graded:
        parts.append(f"{RECOGNISED}的{_listed(graded, programme, names)}")
    return "、".join(parts)


def _listed(codes: Collection[str], programme: Programme, names: Mapping[str, str]) -> str:
    told = [
        f"农村{name}" if code in programme.rural_groups else name
        for code, name in names.items()
        if code in codes
    ]
    alike = [name.removesuffix(ENDING) for name in told if name.endswith(ENDING)]
    others = [name for name in told if not name.endswith(ENDING)]
    return "、".join([*(["、".join(alike) + ENDING] if alike else []), *others])
