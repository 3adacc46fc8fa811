"""What this floor offers the desk: open deadlines; messages are counted by the bell."""

from office.desk import Anomaly, Place, Todo
from office.models import Job
from schools.models import Appointment

PLACES: tuple[Place, ...] = ()


def todos(by: Appointment) -> list[Todo]:
    """Nothing: each app tells its own work, with the same deadlines."""
    return []


def anomalies(by: Appointment) -> list[Anomaly]:
    """Work of this person that failed in the end."""
    failed = Job.objects.filter(
        organisation_id=by.organisation_id, wanted_by__person_id=by.person_id, status="failed"
    ).count()
    return [
        Anomaly("没有完成的导出", failed, "重新发起，或联系管理员。", "/office/jobs/", "bad", "件")
    ]
