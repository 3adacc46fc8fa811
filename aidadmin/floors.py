"""What the floors offer the desk: each app's places and to-dos, gathered by the top floor."""

from collections.abc import Callable
from datetime import date

from aidadmin import closings, risks
from applications import navigation as applications
from archive import navigation as archive
from disbursement import navigation as disbursement
from office import navigation as office
from office.desk import Anomaly, Place, Todo
from review import navigation as review
from schools.models import Appointment
from schools.roles import BUREAU_ROLES, Role
from schools.rules import MANAGERS
from screening import navigation as screening
from students import navigation as students

FLOORS = (office, students, applications, review, disbursement, screening, archive)
EVERYONE = frozenset(Role)
IN_CHARGE_BELOW = frozenset({Role.BUREAU_REVIEWER, Role.ADMIN})
TRAIL_READERS = MANAGERS | {Role.AUDITOR}
OWN = (
    Place("工作台", "desk", "house", "", 0, EVERYONE),
    Place("总览", "overview", "layout-grid", "", 1, BUREAU_ROLES),
    Place("风险提示", "risks", "shield-alert", "学生", 12, risks.READERS),
    Place("风险提示", "risks", "shield-alert", "学生", 12, BUREAU_ROLES),
    Place("机构", "organisations", "building-2", "设置", 89, IN_CHARGE_BELOW),
    Place("人员与任期", "people", "users-round", "设置", 90, MANAGERS),
    Place("工作日历与学期", "calendar", "calendar-days", "设置", 91, EVERYONE),
    Place("审计查询", "audit", "scroll-text", "设置", 92, TRAIL_READERS),
)
PLACES: tuple[Place, ...] = tuple(
    sorted((*OWN, *(p for floor in FLOORS for p in floor.PLACES)), key=lambda p: p.order)
)

_TODOS: tuple[Callable[[Appointment], list[Todo]], ...] = (
    *(f.todos for f in FLOORS),
    closings.todos,
)
_ANOMALIES: tuple[Callable[[Appointment], list[Anomaly]], ...] = (
    *(f.anomalies for f in FLOORS),
    risks.anomalies,
)


def todos(appointment: Appointment) -> list[Todo]:
    """Everything this person must do now, soonest deadline first."""
    found = [todo for ask in _TODOS for todo in ask(appointment)]
    return sorted(found, key=lambda t: (t.due_on or date.max, t.title))


def anomalies(appointment: Appointment) -> list[Anomaly]:
    """What does not look right in this person's organisation."""
    return [a for ask in _ANOMALIES for a in ask(appointment) if a.count]
