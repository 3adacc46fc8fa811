"""What this floor offers the desk: the screening's place, what each role owes it, what is late."""

from django.urls import reverse

from office.desk import Anomaly, Place, Todo
from schools import clock
from schools.models import Appointment
from schools.official import current_term
from schools.roles import BUREAU_ROLES, OFFICE, SCHOOL_ROLES, Role
from screening.models import Screening, ScreeningRow
from screening.queue import found_unaided
from students.models import Student

INDEX = "screening:index"
PLACES: tuple[Place, ...] = (
    Place("学期排查", INDEX, "list-checks", "排查与档案", 50, SCHOOL_ROLES),
    Place("排查汇总", INDEX, "list-checks", "排查与档案", 50, BUREAU_ROLES),
)
Status = Screening.Status
OWED = {
    (Status.FILLED, Role.REVIEWER): ("审核学期排查", "经办已填报，等待审核。", "去审核"),
    (Status.REVIEWED, Role.LEADER): ("签字报送学期排查", "已审核，等待签字。", "去签字"),
}


def todos(by: Appointment) -> list[Todo]:
    """Students to verify, and the screening to fill in, review or sign; at most two queries."""
    if by.role not in (Role.HEAD_TEACHER, Role.OPERATOR, Role.REVIEWER, Role.LEADER):
        return []
    screening = (
        Screening.objects.filter(school_id=by.organisation_id)
        .exclude(status=Status.SIGNED)
        .select_related("term")
        .order_by("-term__code")
        .first()
    )
    if screening is None:
        return []
    if screening.status == Status.OPEN:
        return _of_open(screening, by)
    owed = OWED.get((Status(screening.status), Role(by.role)))
    return [_todo(screening, *owed)] if owed else []


def _of_open(screening: Screening, by: Appointment) -> list[Todo]:
    if by.role not in (Role.HEAD_TEACHER, Role.OPERATOR):
        return []
    rows = ScreeningRow.objects.filter(
        school_id=screening.school_id,
        screening=screening,
        result="",
        student__status=Student.Status.ENROLLED,
    )
    if by.role == Role.HEAD_TEACHER:
        left = rows.filter(school_class__head_teacher_id=by.person_id).count()
        if not left:
            return []
        text = "逐一核实本班学生，应助未助的写明原因和措施。"
        return [_todo(screening, f"学期排查：核实{left}名学生", text, "去核实", left)]
    if rows.exists():
        return []
    text = "每一名学生都已核实，填报后请审核人审核。"
    return [_todo(screening, "填报学期排查", text, "去填报")]


def _todo(screening: Screening, title: str, text: str, action: str, count: int = 1) -> Todo:
    return Todo(
        title=title,
        text=f"{screening.term.season_label}。{text}",
        url=reverse(INDEX),
        action=action,
        due_on=screening.due_on,
        count=count,
        place=INDEX,
    )


def anomalies(by: Appointment) -> list[Anomaly]:
    """应助未助 of this term, and those whose remedy is past its last day; two queries."""
    if by.role not in OFFICE | BUREAU_ROLES:
        return []
    term = current_term()
    if term is None:
        return []
    rows = found_unaided(ScreeningRow.objects.for_reach(by.organisation), term)
    found = rows.count()
    late = rows.filter(measure_due_on__lt=clock.today()).count() if found else 0
    url = reverse("screening:unaided")
    return [
        Anomaly("应助未助", found, "班主任核实，本学期应资助而没有资助。", url),
        Anomaly(
            "应助未助措施逾期",
            late,
            "写明的解决时限已过，请督办。",
            f"{url}?state=late",
            tone="bad",
        ),
    ]
