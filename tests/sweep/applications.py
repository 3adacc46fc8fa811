"""The sweep's rows of applications: a recognition round and one application in it."""

from typing import Any

from applications import actions
from schools.models import Term
from tests.applications import scenes
from tests.cast import Staffed


def objects(staffed: Staffed) -> dict[str, Any]:
    """A round of the school and an application of its first student."""
    round_ = actions.open_recognition_round(
        school=staffed.school, term=Term.objects.get(code="2026-1"), by=staffed.operator
    )
    application = scenes.handed_in(round_, staffed.students[0], staffed.head_teacher)
    return {"round_id": round_.pk, "application_id": application.pk}
