"""What printed forms ask of this floor: what the class panel suggested, what was decided."""

from collections.abc import Iterable

from review.models import Recognition


def grades(school_id: int, year: int, students: Iterable[int]) -> dict[int, dict[str, str]]:
    """By student the 困难等级 that holds for an academic year, and the panel's that led to it.

    Until it is decided the panel's word is for the leading group alone.
    """
    rows = Recognition.objects.filter(
        school_id=school_id, year=year, valid_to=None, student_id__in=students
    ).select_related("case")
    return {
        row.student_id: {
            "grade": row.get_grade_display(),
            "panel": row.case.get_appraised_grade_display(),
        }
        for row in rows
    }
