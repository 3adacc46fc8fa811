"""The sweep's rows of the office: a message and a job of the school's operator."""

from typing import Any

from office import jobs
from office.actions import tell
from tests.cast import Staffed


def objects(staffed: Staffed) -> dict[str, Any]:
    """A message to, and a job of, the school's operator."""
    told = tell(organisation=staffed.school, person=staffed.operator.person, title="示例提醒")
    job = jobs.want(kind="none", label="示例任务", by=staffed.operator)
    return {"message_id": told.pk, "job_id": job.pk}
