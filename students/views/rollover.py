"""升班: what becomes of each class, shown before it happens once a year."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from audit.refusal import Refused
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.actions import roll_over
from students.forms import RolloverForm
from students.models import EnrolmentChange, RosterImport
from students.queue import planned
from students.rules.rollover import Rise, Season, why_not_roll


@requires(Role.OPERATOR, methods="GET POST")
def rollover(request: StaffRequest) -> HttpResponse:
    """The preview and the deed."""
    rises, season, done = planned(request.school)
    form = RolloverForm(request.POST or None, initial={"year": season.year if season else 0})
    if request.method == "POST" and form.is_valid():
        try:
            made = roll_over(
                school=request.school,
                names=_names(request.POST),
                by=request.appointment,
                **form.facts(),
            )
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, str(reason))
        else:
            messages.success(
                request,
                f"已升班：{made.classes}个班升入新年级，{made.graduated}人毕业。"
                "接着导入新生名册，请班主任核对。",
            )
            return redirect("students:classes")
    today = clock.today()
    context = {
        "form": form,
        "rises": rises,
        "season": season,
        "done": done,
        "reasons": why_not_roll(
            rises=rises, season=season, done=done is not None, left_on=today, today=today
        ),
        "rising": [r for r in rises if not r.graduates],
        "leaving": [r for r in rises if r.graduates],
        "graduates": sum(r.present for r in rises if r.graduates),
        "resting": sum(r.suspended for r in rises if r.graduates),
        "held_back": _held_back(request, season),
        "imported_at": _imported_at(request, rises, season),
    }
    return render(request, "students/rollover.html", context)


def _names(posted: QueryDict) -> dict[int, str]:
    """New names by class, as typed beside each class."""
    found = {}
    for key, value in posted.items():
        head, _, pk = key.partition("-")
        if head == "name" and pk.isascii() and pk.isdecimal():
            found[int(pk)] = str(value)[:64]
    return found


def _held_back(request: StaffRequest, season: Season | None) -> int:
    if season is None:
        return 0
    changes = EnrolmentChange.objects.for_school(request.school)
    return int(
        changes.filter(kind=EnrolmentChange.Kind.HELD_BACK, on__gte=date(season.year, 1, 1)).count()
    )


def _imported_at(request: StaffRequest, rises: list[Rise], season: Season | None) -> object:
    """When a roster came in after the summer began: its grades may be the new ones already."""
    if season is None or not rises:
        return None
    applied = RosterImport.objects.for_school(request.school).filter(
        status="applied", apply_at__date__gte=date(season.year, 7, 1)
    )
    return applied.order_by("-apply_at").values_list("apply_at", flat=True).first()
