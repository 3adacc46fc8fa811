"""Long work of the disbursement: a whole batch's receipt sheets as one PDF."""

from typing import Any

from disbursement import receipts
from disbursement.models import PaymentBatch
from office.documents.glyphs import missing_glyphs
from office.documents.typeset import pdf
from office.files import keep
from office.jobs import Progress, job
from office.models import StoredFile
from schools import clock


@job("disbursement.receipts")
def write_receipts(progress: Progress, params: dict[str, Any]) -> StoredFile:
    """签领表 of every class of a batch; characters no font has are told in the note."""
    batch = PaymentBatch.objects.select_related("school", "programme", "term").get(
        pk=params["batch"]
    )
    lines = receipts.lines_of(batch)
    progress.tell(0, 2, f"正在整理{len(lines)}人")
    filled = receipts.values(batch, lines)
    progress.tell(1, 2, "正在排版")
    content = pdf("receipt_sheet", filled, moment=clock.now(), allow_missing=True)
    kept = keep(
        organisation=progress.job.organisation,
        name=f"签领表-{batch.number}.pdf",
        content=content,
        media_type="application/pdf",
        purpose="receipt_sheet",
        created_by=progress.by.person,
    )
    lacking = missing_glyphs("".join(line.student.name for line in lines))
    note = f"字体缺少这些字，请手工补写：{'、'.join(lacking)}" if lacking else "已完成"
    progress.tell(2, 2, note)
    return kept
