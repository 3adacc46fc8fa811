"""Long work of the screening: the tables, written as private files."""

from typing import Any

from office.files import XLSX, keep
from office.jobs import Progress, job
from office.models import StoredFile
from schools import clock
from schools.models import Organisation, School, Term
from screening import annexes


@job("screening.table")
def write_table(progress: Progress, params: dict[str, Any]) -> StoredFile:
    """附件1 or 附件2 of one organisation and term; permission was checked when it was asked for."""
    term = Term.objects.get(code=params["term"])
    organisation = Organisation.objects.get(pk=params["organisation"])
    progress.tell(0, 3, "正在汇总")
    annex = (
        annexes.for_school(School.objects.get(pk=organisation.pk), term)
        if params["form"] == "school"
        else annexes.for_bureau(organisation, term)
    )
    progress.tell(1, 3, "正在核对")
    who = progress.by.person.name
    footer = f"{who}于{clock.now():%Y-%m-%d %H:%M}导出，含身份证号，仅用于报送"
    content = annexes.written(annex, footer=footer)
    progress.tell(2, 3, "正在保存")
    kept = keep(
        organisation=progress.job.organisation,
        name=f"{annex.kind}_{organisation.name}_{term.code}.xlsx",
        content=content,
        media_type=XLSX,
        purpose="screening_table",
        created_by=progress.by.person,
    )
    progress.tell(3, 3, "已完成")
    return kept
