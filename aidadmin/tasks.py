"""Long work of the top floor: the list of risks as a workbook; rounds that have come to an end."""

from typing import Any

import structlog
from celery import shared_task

from aidadmin import closings, risks
from office.files import XLSX, keep
from office.jobs import Progress, job
from office.models import StoredFile
from schools import clock
from schools.models import ClockShift, School
from schools.scope import acting_for

log = structlog.get_logger(__name__)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def close_rounds() -> None:
    """Close every school's rounds that have come to their end (beat, every hour)."""
    clock.set_shift(ClockShift.current())
    for school in School.objects.order_by("pk"):
        with acting_for(school):
            try:
                closings.close_ended(school=school)
            except Exception as error:
                log.error("rounds_not_closed", school=school.pk, error=type(error).__name__)


@job(risks.JOB)
def write_risks(progress: Progress, params: dict[str, Any]) -> StoredFile:
    """风险清单 of one organisation; permission and reason were checked when it was asked for."""
    progress.tell(0, 2, "正在汇总")
    organisation = progress.by.organisation
    content = risks.workbook(organisation)
    progress.tell(1, 2, "正在保存")
    kept = keep(
        organisation=progress.job.organisation,
        name=f"风险清单_{organisation.name}_{clock.today():%Y-%m-%d}.xlsx",
        content=content,
        media_type=XLSX,
        purpose="risks",
        created_by=progress.by.person,
    )
    progress.tell(2, 2, "已完成")
    return kept
