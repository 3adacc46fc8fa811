"""Whose name a department's list writes otherwise than the school's roster."""

from django.db.models import Exists, F, OuterRef, QuerySet

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
