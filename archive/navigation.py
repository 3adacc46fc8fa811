"""What this floor offers the desk: the archive's place. It owes nobody anything."""

from office.desk import Anomaly, Place, Todo
from schools.models import Appointment
from schools.roles import SCHOOL_ROLES

PLACES: tuple[Place, ...] = (
    Place("档案", "archive:index", "archive", "排查与档案", 51, SCHOOL_ROLES),
)


def todos(by: Appointment) -> list[Todo]:
    """Nothing: the archive only reads."""
    return []


def anomalies(by: Appointment) -> list[Anomaly]:
    """Nothing: what does not look right is told by the floor that keeps it."""
    return []
