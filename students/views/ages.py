"""年龄范围: beyond which ages a risk is shown, as a school or its bureau sets them."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render

from audit.refusal import Refused
from schools.access import StaffRequest, requires
from schools.models import Organisation, Stage
from schools.roles import BUREAU_ROLES, OFFICE, Role
from students.actions import drop_age_limit, set_age_limit
from students.forms import AgeLimitForm
from students.models import AgeLimit, SchoolClass
from students.rules.ages import STAGE_AGES
from students.rules.limits import Ages, ages_of

PAGE = 50
EDITORS = frozenset({Role.OPERATOR, Role.BUREAU_OPERATOR})


@dataclass(frozen=True, slots=True)
class Shown:
    """One stage: what holds, its own row, and what would hold without it."""

    stage: Stage
    own: AgeLimit | None
    above: AgeLimit | None
    usual: AgeLimit

    @property
    def inherited(self) -> AgeLimit:
        """The nearest superior's, or the usual ages."""
        return self.above or self.usual

    @property
    def now(self) -> AgeLimit:
        """What holds."""
        return self.own or self.inherited


@requires(OFFICE, BUREAU_ROLES, methods="GET POST")
def ages(request: StaffRequest) -> HttpResponse:
    """What holds for each stage, who set it and why; the officer sets others."""
    organisation = request.organisation
    rows = _shown(ages_of(organisation), _stages(request))
    editor = request.appointment.role in EDITORS
    posted, drops = request.POST.get("stage", ""), "drop" in request.POST
    form = AgeLimitForm(
        request.POST or None,
        stages=[row.stage for row in rows],
        auto_id=f"%s-drop-{posted}" if drops else f"%s-{posted}",
    )
    if request.method == "POST" and form.is_valid():
        try:
            said = _change(request, form.cleaned_data)
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, str(reason))
        else:
            messages.success(request, said)
            return redirect("students:ages")
    below = None if organisation.is_school else Paginator(_below(organisation), PAGE)
    context: dict[str, Any] = {
        "rows": rows,
        "form": form,
        "editor": editor,
        "bureau": not organisation.is_school,
        "posted": posted if form.errors else "",
        "drops": drops,
        "page": below and below.get_page(request.GET.get("page")),
    }
    return render(request, "students/ages.html", context)


def _change(request: StaffRequest, told: dict[str, Any]) -> str:
    """Set, or give up, what the form names; what to say of it."""
    organisation, by = request.organisation, request.appointment
    label = Stage(told["stage"]).label
    if "drop" in request.POST:
        facts = {name: told[name] for name in ("stage", "seen", "reason")}
        now = drop_age_limit(organisation=organisation, by=by, **facts)
        return f"{label}的年龄范围恢复沿用，现在是{now}。"
    made = set_age_limit(organisation=organisation, by=by, **told)
    where = "" if organisation.is_school else "，没有自行设定的学校都按它"
    return f"{label}的年龄范围改为{made}，风险提示按新的范围列出{where}。"


def _stages(request: StaffRequest) -> list[Stage]:
    """A school's own; of a bureau all."""
    if not request.organisation.is_school:
        return list(Stage)
    classes = SchoolClass.objects.for_school(request.school)
    stages = set(classes.order_by().values_list("stage", flat=True).distinct())
    return [stage for stage in Stage if stage in stages] or [Stage(request.school.stage)]


def _shown(ages: Ages, stages: list[Stage]) -> list[Shown]:
    return [Shown(stage, ages.own(stage), ages.inherited(stage), _usual(stage)) for stage in stages]


def _usual(stage: Stage) -> AgeLimit:
    least, most = STAGE_AGES[stage]
    return AgeLimit(stage=stage, least=least, most=most)


def _below(bureau: Organisation) -> QuerySet[AgeLimit]:
    """What schools and bureaus under this one set for themselves."""
    rows: QuerySet[AgeLimit] = (
        AgeLimit.objects.filter(
            Q(organisation__school__reached_from__organisation_id=bureau.pk)
            | Q(organisation__bureau__isnull=False, organisation__superior_id=bureau.pk)
        )
        .select_related("organisation", "set_by")
        .order_by("organisation__kind", "organisation__name", "stage", "pk")
    )
    return rows
