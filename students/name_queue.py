"""Whose name a department's list writes otherwise than the school's roster."""

from django.db.models import Exists, F, OuterRef, QuerySet

from schools import clock
from schools.models import School
from students.models import NameDifference, SpecialGroupTag, Student, live_tag


def names_differing(school: School) -> QuerySet[NameDifference]:
    """Whose name a list writes otherwise, while his tag holds and the roster's name is the same."""
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
