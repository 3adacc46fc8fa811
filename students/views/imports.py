"""导入名册, a conversation: a file, how it was understood, its errors, its difference, applying."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Refused
from office.asked import key_of
from office.spreadsheets.writing import write_rows
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.actions import (
    apply_roster,
    correct_columns,
    discard_roster,
    marked_roster,
    stage_roster,
)
from students.actions.headings import forget_heading
from students.actions.leaving import LEAVES, record_leavings
from students.actions.roster_jobs import apply_later, is_long, read_again, receive_roster
from students.actions.sheet_columns import correct_sheet, is_long_import, restore_sheet
from students.forms import LeavingForm, TableFile
from students.models import EnrolmentChange, RosterHeading, RosterImport, SchoolClass, Student
from students.rules.roster.columns import LABELS, REQUIRED
from students.views.files import attachment
from students.views.import_kinds import kinds_of

SHOWN_ERRORS = 200
SHOWN_MISSING = 100
RECENT = 10


@requires(Role.OPERATOR)
def import_template(request: StaffRequest) -> HttpResponse:
    """An empty table with a heading for every column that is understood, all of them text."""
    headings = list(LABELS.values())
    content = write_rows(None, headings, [], sheet_name="名册", widths=[18] * len(headings))
    return attachment(content, "名册模板.xlsx")


@requires(Role.OPERATOR, methods="GET POST")
def import_new(request: StaffRequest) -> HttpResponse:
    """Drop a file; it is read and kept, the roster is not touched."""
    if "forget" in request.POST:
        return _forget(request)
    form = TableFile(request.POST or None, request.FILES or None)
    reasons: list[Any] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            content = file.read()
            take = receive_roster if is_long(content) else stage_roster
            staged = take(
                school=request.school,
                content=content,
                filename=file.name,
                by=request.appointment,
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            return redirect("students:import", import_id=staged.pk)
    recent = RosterImport.objects.for_school(request.school).select_related("file", "staged_by")
    context = {
        "form": form,
        "reasons": reasons,
        "recent": recent.order_by("-staged_at", "-pk")[:RECENT],
        "labels": [LABELS[name] for name in LABELS],
        "required": [LABELS[name] for name in REQUIRED],
        "headings": [
            (row, LABELS.get(row.column, "不导入"))
            for row in RosterHeading.objects.for_school(request.school).select_related(
                "remembered_by"
            )
        ],
    }
    return render(request, "students/import_new.html", context, status=422 if reasons else 200)


def _forget(request: StaffRequest) -> HttpResponse:
    rows = RosterHeading.objects.for_school(request.school)
    heading = get_object_or_404(rows, pk=key_of(request.POST["forget"]))
    forget_heading(heading=heading, by=request.appointment)
    messages.success(request, f"不再记住表头“{heading.heading}”，下次按通常的意思读。")
    return redirect("students:import_new")


@requires(Role.OPERATOR, methods="GET POST")
def import_page(request: StaffRequest, import_id: int) -> HttpResponse:
    """How the file was understood, what is wrong in it, what it would change.

    POST says which of the students who are not in the file have left.
    """
    staged = _staged(request, import_id)
    leaving = None
    if request.method == "POST":
        leaving = _leaving_form(staged, request.POST)
        if leaving.is_valid():
            return _leave(request, staged, leaving)
    if staged.status == RosterImport.Status.READING or _busy(staged):
        return _progress(request, staged)
    if request.headers.get("HX-Request") and "progress" in request.GET:
        return HttpResponse(headers={"HX-Refresh": "true"})
    counts = staged.counts
    if not counts:
        return render(request, "students/import_unread.html", {"staged": staged})
    good = counts["added"] + counts["changed"]
    context = {
        **_missing(staged, leaving),
        "touched": _touched(staged),
        "staged": staged,
        "counts": counts,
        "good": good,
        "errors": staged.errors[:SHOWN_ERRORS],
        "warnings": staged.warnings[:SHOWN_ERRORS],
        "main": staged.layout[0] if staged.layout else None,
        "others": staged.layout[1:],
        "kinds": kinds_of(staged),
        "labels": list(LABELS.items()),
        "samples": counts.get("samples", {}),
        "fields": list(counts["fields"].items()),
        "open": staged.status == RosterImport.Status.STAGED,
        "steps": _steps(staged),
    }
    return render(request, "students/import.html", context)


def _leaving_form(staged: RosterImport, data: Any = None) -> LeavingForm:
    kinds = [(str(k), str(EnrolmentChange.Kind(k).label)) for k in LEAVES]
    return LeavingForm(data, kinds=kinds, students=staged.counts.get("missing", []))


def _missing(staged: RosterImport, form: LeavingForm | None) -> dict[str, Any]:
    """Students who were not in the file and are still here."""
    rows = Student.objects.for_school(staged.school).present()
    found = rows.filter(pk__in=staged.counts.get("missing", [])).select_related("school_class")
    return {
        "missing_count": found.count(),
        "missing_students": list(
            found.order_by("school_class__grade", "school_class__number", "pinyin")[:SHOWN_MISSING]
        ),
        "leaving": form or _leaving_form(staged),
        "shown_missing": SHOWN_MISSING,
    }


def _leave(request: StaffRequest, staged: RosterImport, form: LeavingForm) -> HttpResponse:
    said = form.cleaned_data
    recorded = record_leavings(
        staged=staged,
        students=said["pick"],
        kind=said["kind"],
        on=said["on"],
        reason=said["reason"],
        by=request.appointment,
    )
    label = EnrolmentChange.Kind(said["kind"]).label
    messages.success(request, f"已登记{recorded}人{label}，名册和以后的资助不再包括他们。")
    return redirect("students:import", import_id=staged.pk)


def _touched(staged: RosterImport) -> list[tuple[SchoolClass, int]]:
    """The classes that a written file changed, most first."""
    if staged.status != RosterImport.Status.APPLIED:
        return []
    counts = staged.counts.get("touched", {})
    rows = SchoolClass.objects.for_school(staged.school).filter(name__in=list(counts))
    return sorted(((row, counts[row.name]) for row in rows), key=lambda pair: -pair[1])


def _busy(staged: RosterImport) -> bool:
    return staged.job is not None and not staged.job.finished


def _progress(request: StaffRequest, staged: RosterImport) -> HttpResponse:
    """How far the reading or writing is; the page asks again by itself."""
    job = staged.job
    # The component of the page knows five words.
    shown = {"waiting": "queued", "cancelled": "stopped"}
    context = {
        "staged": staged,
        "failed": job is not None and job.finished,
        "job": {
            "status": shown.get(job.status, job.status),
            "title": f"{job.label}：{staged.file.name}",
            "done": job.done,
            "total": job.total,
            "note": job.error or job.note or "排队中，马上开始。",
        }
        if job
        else None,
    }
    if request.headers.get("HX-Request") and "progress" in request.GET:
        return render(request, "students/import_progress.html", context)
    return render(request, "students/import_job.html", context)


def _steps(staged: RosterImport) -> list[dict[str, Any]]:
    counts = staged.counts
    errors = counts["errors"]
    done = staged.status == RosterImport.Status.APPLIED
    clean = done or not errors
    good = counts["added"] + counts["changed"]
    steps = [
        {"label": "选择文件", "state": "done", "note": f"{counts['rows']}行"},
        {
            "label": "核对列和错误",
            "state": "done" if clean else "now",
            "note": f"{errors}处要改" if errors else "没有错误",
        },
        {
            "label": "预览变化",
            "state": "done" if done else "now" if clean else "",
            "note": f"{good}人有变化" if clean else "",
        },
        {"label": "写入名册", "state": "done" if done else ""},
    ]
    if staged.status == RosterImport.Status.DISCARDED:
        return [{**step, "state": ""} for step in steps]
    return steps


@requires(Role.OPERATOR, methods="POST")
def import_columns(request: StaffRequest, import_id: int) -> HttpResponse:
    """Read the file again with a sheet's columns as the officer corrected them, or as usual."""
    staged = _staged(request, import_id)
    by = request.appointment
    if "again" in request.POST:
        read = read_again if is_long_import(staged) else correct_columns
        row = read(staged=staged, columns=staged.columns, by=by)
    elif "restore" in request.POST:
        row = restore_sheet(staged=staged, sheet=_sheet(request, staged), by=by)
    else:
        sheet = _sheet(request, staged)
        columns: dict[str, int | None] = dict.fromkeys(LABELS)
        for column in staged.layout[sheet]["columns"]:
            chosen = request.POST.get(f"column-{column['index']}", "")
            if chosen in LABELS and columns[chosen] is None:
                columns[chosen] = column["index"]
        row = correct_sheet(staged=staged, sheet=sheet, columns=columns, by=by)
    if row.status != RosterImport.Status.READING:
        said = f"还有{row.counts['errors']}处错误" if row.counts["errors"] else "没有错误"
        messages.success(request, f"已重新读取{row.counts['rows']}行，{said}。")
    return redirect("students:import", import_id=staged.pk)


def _sheet(request: StaffRequest, staged: RosterImport) -> int:
    sheet = key_of(request.POST.get("sheet", "0"))
    if sheet is None or sheet >= len(staged.layout):
        raise Http404
    return sheet


@requires(Role.OPERATOR, methods="POST")
def import_apply(request: StaffRequest, import_id: int) -> HttpResponse:
    """Write the difference."""
    staged = _staged(request, import_id)
    good = request.POST.get("rows") == "good"
    if is_long_import(staged):
        apply_later(staged=staged, by=request.appointment, good_rows=good)
        return redirect("students:import", import_id=staged.pk)
    done = apply_roster(staged=staged, by=request.appointment, good_rows=good)
    counts = done.counts
    messages.success(
        request,
        f"名册已更新：新增{counts['added']}人，更改{counts['changed']}人。接着请班主任核对名册。",
    )
    return redirect("students:import", import_id=staged.pk)


@requires(Role.OPERATOR, methods="POST")
def import_discard(request: StaffRequest, import_id: int) -> HttpResponse:
    """Put the file away."""
    discard_roster(staged=_staged(request, import_id), by=request.appointment)
    messages.success(request, "已放弃这份文件，名册没有改动。")
    return redirect("students:import_new")


@requires(Role.OPERATOR, methods="POST")
def import_marked(request: StaffRequest, import_id: int) -> HttpResponse:
    """The same workbook with the errors marked."""
    staged = _staged(request, import_id)
    content = marked_roster(staged=staged, by=request.appointment)
    return attachment(content, "名册-错误已标红.xlsx")


def _staged(request: StaffRequest, import_id: int) -> RosterImport:
    rows = RosterImport.objects.for_school(request.school).select_related(
        "file", "staged_by", "job"
    )
    found: RosterImport = get_object_or_404(rows, pk=import_id)
    return found
