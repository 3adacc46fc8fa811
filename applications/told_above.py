"""What floors above know that a form asks for: what was decided and posted, the card's last digits.

A setting names their readings (`FORM_READINGS`), so that this floor knows of none of them.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from applications.models import Application, Round
from audit.refusal import Reason


def told_above(round_: Round, students: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By student what is known for a round and its academic year, under the keys of the forms.

    Each reading asks once for all of them; a student of whom nothing is known is left out.
    """
    told: dict[int, dict[str, Any]] = {}
    for path in settings.FORM_READINGS:
        for student_id, words in import_string(path)(round_, students).items():
            told.setdefault(student_id, {}).update(words)
    return told


def held_above(application: Application) -> list[Reason]:
    """Why floors above can't do without an application that is to be withdrawn."""
    return [
        reason for path in settings.WITHDRAWAL_HOLDS for reason in import_string(path)(application)
    ]
