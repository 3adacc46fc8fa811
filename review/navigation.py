"""What this floor offers the desk: places of the menu, things to do, what does not look right."""

from office.desk import Anomaly, Place, Todo
from schools.models import Appointment

PLACES: tuple[Place, ...] = ()


def todos(by: Appointment) -> list[Todo]:
    """What this person must do here now."""
    return []


def anomalies(by: Appointment) -> list[Anomaly]:
    """What does not look right here."""
    return []
