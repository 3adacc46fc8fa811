"""设置·机构·批量添加: many schools from one table, and their leaders' accounts shown once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from aidadmin import school_lists
from aidadmin.floors import IN_CHARGE_BELOW
from audit.refusal import Reason, Refused
from office import files
from office.files import XLSX
from office.spreadsheets.refusals import Unreadable
from schools.access import StaffRequest, requires
from students.forms import TableFile


@requires(IN_CHARGE_BELOW)
def school_template(request: StaffRequest) -> HttpResponse:
    """An empty table with the right headings."""
    return files.download("学校清单模板.xlsx", school_lists.template(), XLSX)


@requires(IN_CHARGE_BELOW, methods="GET POST")
def add_schools(request: StaffRequest) -> HttpResponse:
    """Read the table; when nothing is wrong in it, found every school, else say what to mend."""
    form = TableFile(request.POST or None, request.FILES or None)
    wrong: list[school_lists.Wrong] = []
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            lines, wrong = school_lists.read(file.read(), file.name, top=request.organisation)
            if not wrong:
                founded = school_lists.found_all(lines=lines, by=request.appointment)
                return _welcome(request, founded)
        except Unreadable as error:
            reasons = [error.as_reason()]
        except Refused as refused:
            reasons = refused.reasons
    return render(
        request,
        "aidadmin/organisations_many.html",
        {"form": form, "wrong": wrong, "reasons": reasons},
        status=409 if wrong or reasons else 200,
    )


def _welcome(request: StaffRequest, founded: list[school_lists.Founded]) -> HttpResponse:
    said = f"已建立{len(founded)}所学校。"
    if not any(one.employed for one in founded):
        messages.success(request, f"{said}接着任命它们的分管领导。")
        return redirect("organisations")
    # The passwords are nowhere stored in clear, so they can't be shown after a redirect.
    context = {"founded": founded, "said": said}
    response = render(request, "aidadmin/organisations_founded.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
