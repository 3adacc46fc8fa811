"""Whose name a department's list writes otherwise than the school's roster."""

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Value

from schools import clock
from schools.models import School
from students.models import (
    DepartmentList,
    NameCheck,
    NameDifference,
    SpecialGroupTag,
    Student,
    live_tag,
)
from students.queue import questions_waiting

ASKED, DIFFERING = "asked", "differing"
CHECKED = Exists(
    NameCheck.objects.filter(
        school_id=OuterRef("school_id"),
        student_id=OuterRef("student_id"),
        rostered=OuterRef("rostered"),
        written=OuterRef("written"),
        status=NameCheck.Status.HOLDS,
    )
)


def names_differing(school: School) -> QuerySet[NameDifference]:
    """Whose name a list writes otherwise, while his tag holds and the roster's name is the same.

    Whom somebody checked is left out, until list or roster write yet another name.
    """
    return _differing(school).filter(~CHECKED)


def people_to_look_at(school: School) -> tuple[int, int]:
    """How many people of lists the school is asked about, and whose names are to be checked.

    One person may be either of two students, and one student stand on several lists. In one query:
    the desk asks whenever it is opened.
    """
    asked = _counted(questions_waiting(school), "listed_blind", ASKED)
    found = dict(asked.union(_counted(names_differing(school), "student", DIFFERING), all=True))
    return found.get(ASKED, 0), found.get(DIFFERING, 0)


def _counted(rows: QuerySet[Any], what: str, kind: str) -> QuerySet[Any, tuple[str, int]]:
    counted = rows.order_by().values("school_id").annotate(n=Count(what, distinct=True))
    found: QuerySet[Any, tuple[str, int]] = counted.annotate(kind=Value(kind)).values_list(
        "kind", "n"
    )
    return found


def names_checked(school: School) -> list[tuple[NameDifference, NameCheck]]:
    """Whom somebody checked, with who and when; the same writing on several lists once."""
    found = list(_differing(school).filter(CHECKED))
    checks = NameCheck.objects.for_school(school).filter(
        status=NameCheck.Status.HOLDS, student_id__in={row.student_id for row in found}
    )
    by_name = {
        (check.student_id, check.rostered, check.written): check
        for check in checks.select_related("checked_by")
    }
    # The newest list comes last, and stands for those before it.
    told = {by_name[row.student_id, row.rostered, row.written]: row for row in reversed(found)}
    return [(row, check) for check, row in sorted(told.items(), key=lambda one: -one[0].pk)]


def count_checked(listed: DepartmentList) -> int:
    """Of the names that a list writes otherwise, how many the schools have checked."""
    return NameDifference.objects.filter(CHECKED, source_list_id=listed.pk).count()


def _differing(school: School) -> QuerySet[NameDifference]:
    tagged = SpecialGroupTag.objects.filter(
        live_tag(clock.today()),
        school_id=OuterRef("school_id"),
        student_id=OuterRef("student_id"),
        group_id=OuterRef("group_id"),
    )
    rows: QuerySet[NameDifference] = (
        NameDifference.objects.for_school(school)
        .filter(Exists(tagged), student__name_key=F("rostered"))
        .exclude(student__status=Student.Status.LEFT)
        .select_related("student__school_class", "group")
        .order_by("student__pinyin", "student_id", "group__order", "-issued_on", "-pk")
    )
    return rows
