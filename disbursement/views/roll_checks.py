"""与学籍核对: drop an export of the 学籍 system, see what it says of each aided student."""

from collections import Counter
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from disbursement import actions
from disbursement.actions.roll_checks import COMPARERS, PURPOSE
from disbursement.roll_check import RESULTS, Checked, Result
from disbursement.views.own import terms
from office import files
from office.asked import key_of
from office.files import XLSX
from office.models import StoredFile
from office.spreadsheets.writing import write_rows
from schools.access import StaffRequest, requires
from schools.models import Term
from schools.official import current_term

PER_PAGE = 50
HEADERS = ("结果", "姓名", "班级", "学号", "说明", "资助项目", "本学期金额（元）")
WIDTHS = [22, 12, 14, 14, 48, 30, 16]
ROLES = frozenset(COMPARERS)


@requires(ROLES, methods="GET POST")
def roll_check(request: StaffRequest) -> HttpResponse:
    """Drop a file; see who of the aided is missing there or stands there otherwise."""
    term = _term(request)
    uploaded = request.FILES.get("file")
    if request.method == "POST" and isinstance(uploaded, UploadedFile):
        kept = actions.check_roll(
            school=request.school,
            term=term,
            content=uploaded.read(),
            filename=uploaded.name or "",
            by=request.appointment,
        )
        return redirect(f"{request.path}?stage={kept.pk}&term={term.code}")
    stage = _stage(request)
    context: dict[str, Any] = {"stage": stage, "term": term, "terms": terms()}
    if stage is not None:
        context |= _shown(request, stage, term)
    return render(request, "disbursement/roll_check.html", context)


def _shown(request: StaffRequest, stage: StoredFile, term: Term) -> dict[str, Any]:
    """The page's own: all that don't agree, or those of one result."""
    found = _found(request, stage, term)
    counts = Counter(one.result for one in found)
    asked = next((key for key in RESULTS if key == request.GET.get("result")), None)
    rows = [
        one for one in found if one.result == asked or (not asked and one.result != Result.SAME)
    ]
    return {
        "found": found,
        "counts": [
            {"key": str(key), "label": label, "tone": tone, "count": counts[key]}
            for key, (label, tone) in RESULTS.items()
            if counts[key]
        ],
        "same": counts[Result.SAME],
        "asked": asked,
        "applied": (
            [{"label": "结果", "value": RESULTS[asked][0], "key": "result", "raw": asked}]
            if asked
            else []
        ),
        "everything": f"{request.path}?stage={stage.pk}&term={term.code}",
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "total": len(rows),
    }


def _found(request: StaffRequest, stage: StoredFile, term: Term) -> list[Checked]:
    content = files.content_of(stage)
    return actions.look_at_roll(
        school=request.school, term=term, content=content, filename=stage.name
    )


def _term(request: StaffRequest) -> Term:
    asked = request.POST.get("term") or request.GET.get("term")
    if asked:
        return get_object_or_404(Term, code=asked.replace("\x00", ""))
    term = current_term()
    if term is None:
        raise Http404
    return term


def _stage(request: StaffRequest) -> StoredFile | None:
    asked = key_of(request.POST.get("stage") or request.GET.get("stage"))
    if asked is None:
        return None
    found: StoredFile = get_object_or_404(
        StoredFile.objects.for_organisation(request.organisation), pk=asked, purpose=PURPOSE
    )
    return found


@requires(ROLES, methods="POST")
def roll_check_export(request: StaffRequest) -> HttpResponse:
    """Every aided student with what was found, as a workbook; the export is recorded."""
    stage, term = _stage(request), _term(request)
    if stage is None:
        return redirect("disbursement:roll_check")
    rows = [
        [
            one.label,
            one.student.name,
            one.student.school_class.name,
            one.student.student_no,
            "；".join(one.words),
            one.aid,
            one.amount_fen / 100,
        ]
        for one in _found(request, stage, term)
    ]
    actions.note_export(
        school=request.school, what="受助学生与学籍核对", count=len(rows), by=request.appointment
    )
    content = write_rows(
        None,
        HEADERS,
        rows,
        sheet_name="与学籍核对",
        widths=WIDTHS,
        number_formats={6: "#,##0.00"},
    )
    return files.download(f"受助学生与学籍核对 {term.code}.xlsx", content, XLSX)
