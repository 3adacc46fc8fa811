"""资助卡导入: read, show every fault by its cell, then register all at once."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from disbursement import actions
from disbursement.views.own import CARD_KEEPERS
from office import files
from office.asked import key_of
from office.files import XLSX
from office.models import StoredFile
from office.spreadsheets.marking import mark_errors
from office.spreadsheets.writing import write_rows
from schools.access import StaffRequest, requires

PURPOSE = "card_import"
HEADERS = ("学号", "姓名", "卡号", "开户行", "户名")


@requires(CARD_KEEPERS, methods="GET POST")
def card_import(request: StaffRequest) -> HttpResponse:
    """Drop a file; see what it would do; register. Nothing is written before that."""
    uploaded = request.FILES.get("file")
    if isinstance(uploaded, UploadedFile):
        return _keep(request, uploaded)
    stage = _stage(request)
    if stage is None:
        return render(request, "disbursement/card_import.html", {"stage": None})
    content = files.content_of(stage)
    if request.method == "POST":
        done = actions.import_cards(
            school=request.school, content=content, filename=stage.name, by=request.appointment
        )
        messages.success(request, f"已登记{len(done)}张资助卡，等待第二人核对")
        return redirect(f"{reverse('disbursement:cards')}?view=unchecked")
    sheet = actions.look_at_cards(school=request.school, content=content, filename=stage.name)
    return render(request, "disbursement/card_import.html", {"stage": stage, "sheet": sheet})


def _keep(request: StaffRequest, uploaded: UploadedFile[Any]) -> HttpResponse:
    content = uploaded.read()
    # Read once before keeping: a file that is no table is refused here.
    actions.look_at_cards(school=request.school, content=content, filename=uploaded.name or "")
    stage = files.keep(
        organisation=request.school,
        name="资助卡.xlsx",
        content=content,
        media_type=XLSX,
        purpose=PURPOSE,
        created_by=request.appointment.person,
    )
    return redirect(f"{request.path}?stage={stage.pk}")


def _stage(request: StaffRequest) -> StoredFile | None:
    asked = key_of(request.POST.get("stage") or request.GET.get("stage"))
    if asked is None:
        return None
    found: StoredFile = get_object_or_404(
        StoredFile.objects.for_organisation(request.organisation), pk=asked, purpose=PURPOSE
    )
    return found


@requires(CARD_KEEPERS)
def card_import_marked(request: StaffRequest) -> HttpResponse:
    """The same workbook with its faults marked."""
    stage = _stage(request)
    if stage is None:
        return redirect("disbursement:card_import")
    content = files.content_of(stage)
    sheet = actions.look_at_cards(school=request.school, content=content, filename=stage.name)
    return files.download("资助卡-标出错误.xlsx", mark_errors(content, sheet.marks), XLSX)


@requires(CARD_KEEPERS)
def card_template(request: StaffRequest) -> HttpResponse:
    """An empty table with the right headings."""
    content = write_rows(None, HEADERS, [], sheet_name="资助卡", widths=[16, 12, 24, 24, 12])
    return files.download("资助卡登记模板.xlsx", content, XLSX)
