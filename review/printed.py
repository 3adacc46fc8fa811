"""What printed forms ask of this floor: the grade that was decided."""

from collections.abc import Iterable

from review.models import Recognition


def grades(school_id: int, year: int, students: Iterable[int]) -> dict[int, dict[str, str]]:
    """By student the 困难等级 that holds for an academic year."""
    rows = Recognition.objects.filter(
        school_id=school_id, year=year, valid_to=None, student_id__in=students
    )
    return {row.student_id: {"grade": row.get_grade_display()} for row in rows}
