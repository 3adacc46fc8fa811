"""The papers of a batch: the roll for print and as .xlsx, and the bank file."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from audit.refusal import Reason, Refused
from disbursement import actions, content
from disbursement.capitals import capitals
from disbursement.models import PaymentBatch, PaymentLine
from disbursement.views.own import FINANCE, READING, WORKING, own_batch
from office.documents.typeset import MissingGlyphs, pdf
from office.files import XLSX, download
from office.spreadsheets.writing import write_rows
from schools import clock
from schools.access import StaffRequest, requires

HEADERS = (
    "序号",
    "班级",
    "姓名",
    "学号",
    "资助项目",
    "学期",
    "档次",
    "金额（元）",
    "开户行",
    "卡号",
    "户名",
    "付款编号",
    "发放日期",
    "结果",
    "备注",
)


def _lines(batch: PaymentBatch) -> list[PaymentLine]:
    return list(
        PaymentLine.objects.filter(school_id=batch.school_id, batch=batch)
        .select_related("student", "award__tier")
        .order_by("serial")
    )


def _frozen(batch: PaymentBatch) -> list[PaymentLine]:
    lines = _lines(batch)
    if not lines:
        raise Refused([Reason("批次还没有冻结，没有发放清册", "冻结之后再打印或导出")])
    return lines


@requires(READING)
def roll(request: StaffRequest, batch_id: int) -> HttpResponse:
    """发放清册 for print, with the total in capitals and three signatures."""
    batch = own_batch(request, batch_id)
    lines = _frozen(batch)
    return render(
        request,
        "disbursement/roll.html",
        {
            "batch": batch,
            "lines": lines,
            "total_fen": batch.total_fen,
            "capitals": capitals(batch.total_fen),
            "fingerprint": content.short(batch.content_hash),
        },
    )


@requires(READING, methods="POST")
def roll_export(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The roll as .xlsx; card numbers stay masked, the export is recorded."""
    batch = own_batch(request, batch_id)
    lines = _frozen(batch)
    actions.note_export(
        school=request.school, what="发放清册", count=len(lines), by=request.appointment
    )
    rows = [_row(batch, line) for line in lines]
    total: list[Any] = [""] * len(HEADERS)
    total[1], total[2], total[7] = "合计", f"{len(lines)}人", batch.total_fen / 100
    total[14] = capitals(batch.total_fen)
    written = write_rows(
        None,
        HEADERS,
        [*rows, total],
        sheet_name="发放清册",
        widths=[6, 14, 10, 14, 26, 16, 8, 14, 20, 12, 10, 22, 12, 8, 28],
        number_formats={7: "#,##0.00"},
    )
    return download(f"发放清册-{batch.number}.xlsx", written, XLSX)


def _row(batch: PaymentBatch, line: PaymentLine) -> list[Any]:
    return [
        str(line.serial),
        line.class_name,
        line.student.name,
        line.student.student_no,
        batch.programme.name,
        batch.term.season_label,
        line.award.tier.label,
        line.amount_fen / 100,
        line.bank,
        str(line.card_number),
        line.name,
        line.number,
        line.settled_on.isoformat() if line.settled_on else "",
        line.get_status_display(),
        line.bank_note,
    ]


@requires(FINANCE, methods="POST")
def bank_file(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The file with every card number, for a reason, on the record."""
    batch = own_batch(request, batch_id)
    reason = request.POST.get("reason", "")
    written = actions.take_bank_file(batch=batch, reason=reason, by=request.appointment)
    file = batch.bank_file
    if file is None:
        raise Refused([Reason("还没有银行文件", "审批通过、送银行之后生成")])
    return download(file.name, written, file.media_type)


@requires(WORKING, methods="POST")
def receipts(request: StaffRequest, batch_id: int) -> HttpResponse:
    """签领表: one class at once, the whole batch as a job."""
    batch = own_batch(request, batch_id)
    class_name = request.POST.get("class", "")
    if not class_name:
        job = actions.want_receipts(batch=batch, by=request.appointment)
        return redirect("office:job", job_id=job.pk)
    values = actions.print_receipts(batch=batch, class_name=class_name, by=request.appointment)
    try:
        content = pdf("receipt_sheet", values, moment=clock.now())
    except MissingGlyphs as missing:
        raise Refused([Reason(str(missing), "请选全部班级，缺的字打印后手工补写")]) from missing
    return download(f"签领表-{batch.number}-{class_name}.pdf", content, "application/pdf")
