"""年度经费: what the year's students need by programme, beside what came and was paid."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from disbursement import actions
from disbursement.budget import Line, budget
from disbursement.views.own import READING
from office.asked import key_of
from office.files import download
from office.spreadsheets.cells import Cell
from office.spreadsheets.writing import write_rows
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import Term
from schools.official import current_term

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADERS = (
    "资助项目",
    "资助来源",
    "学段",
    "符合条件（人）",
    "全年需要（元）",
    "已确定（元）",
    "收到（元）",
    "还差（元）",
    "已到账（元）",
)


def _year(asked: str | None) -> int:
    """The academic year asked for, else the present one; 404 without any."""
    term = Term.objects.filter(year=key_of(asked) or 0).first() or current_term()
    if term is None:
        raise Http404
    return term.year


@requires(READING)
def budget_page(request: StaffRequest) -> HttpResponse:
    """The year by programme; nothing of it is stored."""
    year = _year(request.GET.get("year"))
    lines = budget(request.school, year, clock.today())
    years = Term.objects.order_by("-year").values_list("year", flat=True).distinct()
    context = {
        "year": year,
        "years": [(str(y), f"{y}—{y + 1}学年") for y in years],
        "lines": lines,
        "needed": sum(line.needed_fen or 0 for line in lines),
        "granted": sum(line.granted_fen for line in lines),
        "received": sum(line.received_fen for line in lines),
        "lacking": sum(line.lacking_fen or 0 for line in lines),
        "paid": sum(line.paid_fen for line in lines),
    }
    return render(request, "disbursement/budget.html", context)


@requires(READING, methods="POST")
def budget_export(request: StaffRequest) -> HttpResponse:
    """The same as .xlsx; the export is recorded."""
    year = _year(request.POST.get("year"))
    lines = budget(request.school, year, clock.today())
    actions.note_export(
        school=request.school, what="年度经费", count=len(lines), by=request.appointment
    )
    content = write_rows(
        None,
        HEADERS,
        [_row(line) for line in lines],
        sheet_name="年度经费",
        widths=[36, 14, 12, 14, 18, 18, 18, 18, 18],
        number_formats={3: "#,##0", **dict.fromkeys(range(4, 9), "#,##0.00")},
    )
    return download(f"年度经费_{year}-{year + 1}学年.xlsx", content, XLSX)


def _row(line: Line) -> list[Cell]:
    amounts = (line.needed_fen, line.granted_fen, line.received_fen, line.lacking_fen)
    return [
        line.programme.name,
        line.programme.get_source_display(),
        line.programme.get_stage_display(),
        line.heads,
        *(None if fen is None else fen / 100 for fen in (*amounts, line.paid_fen)),
    ]
