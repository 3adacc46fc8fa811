"""The sweep's rows of the top floor: an appointment that nobody of the sweep signs in with."""

from datetime import date
from typing import Any

from schools import actions
from schools.models import Appointment
from schools.roles import Role
from tests.cast import Staffed, next_id


def objects(staffed: Staffed) -> dict[str, Any]:
    """One more committee member of the school."""
    employed = actions.employ(
        name="示例委员",
        id_number=next_id(),
        organisation=staffed.school,
        role=Role.COMMITTEE,
        since=date(2026, 9, 1),
        by=staffed.leader,
    )
    appointment: Appointment = employed.appointment
    return {"appointment_id": appointment.pk}
