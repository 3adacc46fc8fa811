"""What a head teacher's approval of the class's roster covers, and whether it still holds."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from students.models import SchoolClass, Student

EMPTY = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True)
class ClassRoster:
    """How many students a class has now, and the digest of who they are."""

    students: int
    digest: str


def rosters_of(classes: Iterable[SchoolClass]) -> dict[int, ClassRoster]:
    """The present roster of each class, in one query.

    The digest covers id, name, sex, boarding, household and class of everyone 在籍在校: when one
    of them changes, an approval given before is stale.
    """
    wanted = {c.pk: c.school_id for c in classes}
    found = {pk: hashlib.sha256() for pk in wanted}
    counts = dict.fromkeys(wanted, 0)
    rows = (
        Student.objects.present()
        .filter(school_id__in=set(wanted.values()), school_class_id__in=wanted)
        .order_by("school_class_id", "pk")
        .values_list("school_class_id", "pk", "name", "sex", "boarding", "household")
    )
    for row in rows:
        counts[row[0]] += 1
        found[row[0]].update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return {pk: ClassRoster(counts[pk], found[pk].hexdigest()) for pk in wanted}
