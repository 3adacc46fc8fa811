"""Special groups: who of the students stands on which list, and what the groups are called."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import QuerySet

from students.models import SpecialGroup, SpecialGroupTag, live_tag


def listed_groups(
    school_id: int, students: Collection[int] | QuerySet[Any], day: date
) -> dict[int, set[str]]:
    """Per student the codes of the departments' lists they stand on; one query."""
    rows = SpecialGroupTag.objects.filter(
        live_tag(day), school_id=school_id, student_id__in=students
    ).values_list("student_id", "group__code")
    found: dict[int, set[str]] = {}
    for student_id, code in rows:
        found.setdefault(student_id, set()).add(code)
    return found


def group_names(codes: Collection[str]) -> list[str]:
    """Special groups by code, as they are called, in their order."""
    if not codes:
        return []
    rows = SpecialGroup.objects.filter(code__in=codes).order_by("order", "pk")
    return list(rows.values_list("name", flat=True))


def group_codes() -> dict[str, str]:
    """The codes of the special groups by their names, in the order of the form."""
    return dict(SpecialGroup.objects.order_by("pk").values_list("name", "code"))
