"""The archive keeps no rows; its addresses ask for a class and a student."""

from typing import Any

from tests.cast import Staffed


def objects(staffed: Staffed) -> dict[str, Any]:
    """The school's class and its first student."""
    return {"class_id": staffed.school_class.pk, "student_id": staffed.students[0].pk}
