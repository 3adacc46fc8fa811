"""Long work of the top floor: the list of risks as a workbook; rounds that have come to an end."""

from typing import Any

from celery import shared_task

from aidadmin import closings, risks
from office.beats import in_each
from office.files import XLSX, keep
from office.jobs import Progress, job
from office.models import StoredFile
from schools import clock
from schools.models import School


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def close_rounds() -> None:
    """Close every school's rounds that have come to their end (beat, every hour)."""

    def act(school: School) -> int:
        return closings.close_ended(school=school)

    in_each(School.objects.order_by("pk"), act, trouble="rounds_not_closed")


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
