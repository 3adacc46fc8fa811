"""What a head teacher's approval of the class's roster covers, and whether it still holds."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from students.models import SchoolClass, Student

EMPTY = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True)
class ClassRoster:
    """How many students a class has now, and the digest of who they are."""

    students: int
    digest: str
    # id, name, sex, boarding, household of each student.
    roll: list[list[Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Difference:
    """One student whom the head teacher has not approved as he is now."""

    name: str
    what: str
    student_id: int


def rosters_of(classes: Iterable[SchoolClass]) -> dict[int, ClassRoster]:
    """The present roster of each class, in one query.

    The digest covers id, name, sex, boarding, household and class of everyone 在籍在校: when one
    of them changes, an approval given before is stale.
    """
    wanted = {c.pk: c.school_id for c in classes}
    found = {pk: hashlib.sha256() for pk in wanted}
    rolls: dict[int, list[list[Any]]] = {pk: [] for pk in wanted}
    rows = (
        Student.objects.present()
        .filter(school_id__in=set(wanted.values()), school_class_id__in=wanted)
        .order_by("school_class_id", "pk")
        .values_list("school_class_id", "pk", "name", "sex", "boarding", "household")
    )
    for row in rows:
        rolls[row[0]].append(list(row[1:]))
        found[row[0]].update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return {pk: ClassRoster(len(rolls[pk]), found[pk].hexdigest(), rolls[pk]) for pk in wanted}


FACTS = (
    ("性别", dict(Student.Sex.choices)),
    ("就读方式", dict(Student.Boarding.choices)),
    ("户口", dict(Student.Household.choices)),
)


def changed_since(
    before: Sequence[Sequence[Any]],
    now: Sequence[Sequence[Any]],
    whereabouts: Mapping[int, str],
) -> list[Difference]:
    """What is other than in the roll approved last; `whereabouts` says where the missing are."""
    old = {row[0]: row for row in before}
    new = {row[0]: row for row in now}
    found = [Difference(row[1], "新到班里", pk) for pk, row in new.items() if pk not in old]
    found += [
        Difference(row[1], whereabouts.get(pk, "已不在班里"), pk)
        for pk, row in old.items()
        if pk not in new
    ]
    for pk in new.keys() & old.keys():
        if told := _told(old[pk], new[pk]):
            found.append(Difference(new[pk][1], told, pk))
    return sorted(found, key=lambda d: (d.what, d.student_id))


def _told(old: Sequence[Any], new: Sequence[Any]) -> str:
    parts = [f"姓名：{old[1]} → {new[1]}"] if old[1] != new[1] else []
    for (label, words), was, is_now in zip(FACTS, old[2:], new[2:], strict=True):
        if was != is_now:
            parts.append(f"{label}：{words.get(was, '未填')} → {words.get(is_now, '未填')}")
    return "，".join(parts)
