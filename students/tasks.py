"""Long work: a large roster is read or written; who of a list is on no roster, as a workbook."""

from typing import Any

from celery import shared_task
from django.urls import reverse

from audit.refusal import Refused
from office import actions as office
from office.beats import in_each
from office.files import keep
from office.jobs import Progress, job
from office.models import StoredFile
from schools import clock
from schools.models import Bureau, School
from students.actions import rematching
from students.actions.missing import missing_workbook
from students.actions.roster_jobs import APPLY, READ, read_received
from students.actions.roster_readings import forget_earlier
from students.actions.rosters import MEDIA_TYPE, apply_roster
from students.models import DepartmentList, RosterImport

STEPS = 4


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def match_newcomers() -> None:
    """Match every bureau's lists again with those who came since (beat, every half hour)."""

    def act(bureau: Bureau) -> int:
        return rematching.match_newcomers(bureau=bureau)

    in_each(Bureau.objects.order_by("pk"), act, trouble="lists_not_matched")


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def forget_readings() -> None:
    """Rows of a roster that nobody wrote on the day it was read are kept no longer (beat)."""
    in_each(School.objects.order_by("pk"), forget_earlier, trouble="readings_not_forgotten")


@job(READ)
def read_roster(progress: Progress, params: dict[str, Any]) -> None:
    """Read, check and compare a file; its person is told when the preview is there."""

    def tell(done: int, note: str) -> None:
        progress.tell(done, STEPS, note)

    staged = _staged(params)
    tell(0, "正在打开表格")
    try:
        row = read_received(
            staged=staged, by=progress.by, tell=tell, remember=params.get("remember")
        )
    except Refused as refused:
        _message(progress, staged, f"名册没有读成：{refused}")
        raise
    tell(STEPS, f"已读完{row.counts['rows']}行")
    _message(progress, row, f"名册已读完{row.counts['rows']}行，请核对后写入")


@job(APPLY)
def write_roster(progress: Progress, params: dict[str, Any]) -> None:
    """Write the difference in one transaction; a repeated try finds it written."""
    staged = _staged(params)
    if staged.status != RosterImport.Status.APPLIED:
        progress.tell(1, STEPS, "正在比对并写入，全部写完才生效")
        staged = apply_roster(staged=staged, by=progress.by, good_rows=params["good_rows"])
    progress.tell(STEPS, STEPS, "已写入名册")
    counts = staged.counts
    _message(progress, staged, f"名册已更新：新增{counts['added']}人，更改{counts['changed']}人")


def _staged(params: dict[str, Any]) -> RosterImport:
    found: RosterImport = RosterImport.objects.select_related("school", "file").get(
        pk=params["import"]
    )
    return found


def _message(progress: Progress, staged: RosterImport, title: str) -> None:
    office.tell(
        organisation=progress.by.organisation,
        person=progress.by.person,
        title=title[:96],
        url=reverse("students:import", kwargs={"import_id": staged.pk}),
    )


@job("students.missing")
def write_missing(progress: Progress, params: dict[str, Any]) -> StoredFile:
    """未比中人员 of one list; permission and reason were checked when it was asked for."""
    progress.tell(0, 2, "正在查找各校名册")
    listed = DepartmentList.objects.select_related("group").get(pk=params["list"])
    content = missing_workbook(listed, params["band"], params["outcome"], clock.today())
    progress.tell(1, 2, "正在保存")
    kept = keep(
        organisation=progress.job.organisation,
        name=f"未比中人员_{listed.group.name}_{listed.issued_on:%Y-%m-%d}.xlsx",
        content=content,
        media_type=MEDIA_TYPE,
        purpose="list_missing",
        created_by=progress.by.person,
    )
    progress.tell(2, 2, "已完成")
    return kept
