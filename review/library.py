"""认定库: the grades in force of a year, and who has not applied for the next."""

from django.db.models import Exists, OuterRef, QuerySet

from applications.models import DIFFICULT, Application, Round
from review.models import Recognition
from schools.models import School
from students.models import Student


def recognitions(school: School, year: int) -> QuerySet[Recognition]:
    """认定库 of a year: the grades in force, by class and pinyin."""
    found: QuerySet[Recognition] = (
        Recognition.objects.filter(school_id=school.pk, year=year, valid_to=None)
        .select_related("student__school_class", "case__application")
        .order_by(
            "student__school_class__stage",
            "student__school_class__grade",
            "student__school_class__number",
            "student__pinyin",
            "pk",
        )
    )
    return found


def lapsed(found: QuerySet[Recognition], year: int) -> QuerySet[Recognition]:
    """Difficult students of `year`, still here, who have not applied for the year after."""
    applied = Application.objects.filter(
        school_id=OuterRef("school_id"),
        student_id=OuterRef("student_id"),
        round__kind=Round.Kind.RECOGNITION,
        round__term__year=year + 1,
    ).exclude(status=Application.Status.WITHDRAWN)
    return found.filter(
        ~Exists(applied), grade__in=DIFFICULT, student__status=Student.Status.ENROLLED
    )
