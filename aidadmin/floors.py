"""What the floors offer the desk: each app's places and to-dos, gathered by the top floor."""

from collections.abc import Callable
from datetime import date

from applications import navigation as applications
from archive import navigation as archive
from disbursement import navigation as disbursement
from office import navigation as office
from office.desk import Anomaly, Place, Todo
from review import navigation as review
from schools.models import Appointment
from schools.roles import Role
from screening import navigation as screening
from students import navigation as students

FLOORS = (office, students, applications, review, disbursement, screening, archive)
DESK = Place("工作台", "desk", "house", "", 0, frozenset(Role))
PLACES: tuple[Place, ...] = tuple(
    sorted((DESK, *(p for floor in FLOORS for p in floor.PLACES)), key=lambda p: p.order)
)

_TODOS: tuple[Callable[[Appointment], list[Todo]], ...] = tuple(f.todos for f in FLOORS)
_ANOMALIES: tuple[Callable[[Appointment], list[Anomaly]], ...] = tuple(f.anomalies for f in FLOORS)


def todos(appointment: Appointment) -> list[Todo]:
    """Everything this person must do now, soonest deadline first."""
    found = [todo for ask in _TODOS for todo in ask(appointment)]
    return sorted(found, key=lambda t: (t.due_on or date.max, t.title))


def anomalies(appointment: Appointment) -> list[Anomaly]:
    """What does not look right in this person's organisation."""
    return [a for ask in _ANOMALIES for a in ask(appointment) if a.count]
