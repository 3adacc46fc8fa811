"""What floors above know that a form asks for: the grade decided, the card's last digits.

A setting names their readings (`FORM_READINGS`), so that this floor knows of none of them.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def told_above(school_id: int, year: int, students: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By student what is known of an academic year, under the keys of the forms.

    Each reading asks once for all of them; a student of whom nothing is known is left out.
    """
    told: dict[int, dict[str, Any]] = {}
    for path in settings.FORM_READINGS:
        for student_id, words in import_string(path)(school_id, year, students).items():
            told.setdefault(student_id, {}).update(words)
    return told
