"""年龄范围: beyond which ages a risk is shown, as the school sets them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from audit.refusal import Refused
from schools.access import StaffRequest, requires
from schools.models import Stage
from schools.roles import OFFICE, Role
from students.actions import set_age_limit
from students.forms import AgeLimitForm
from students.models import AgeLimit, SchoolClass
from students.rules.ages import STAGE_AGES


@requires(OFFICE, methods="GET POST")
def ages(request: StaffRequest) -> HttpResponse:
    """What holds for each stage of the school, who set it and why; the officer sets others."""
    classes = SchoolClass.objects.for_school(request.school)
    stages = list(classes.order_by().values_list("stage", flat=True).distinct())
    here = [stage for stage in Stage if stage in stages] or [Stage(request.school.stage)]
    own = {
        row.stage: row
        for row in AgeLimit.objects.for_school(request.school).select_related("set_by")
    }
    rows = [(stage, own.get(stage), AgeLimit(**_usual(stage))) for stage in here]
    operator = request.appointment.role == Role.OPERATOR
    form = AgeLimitForm(request.POST or None, stages=here)
    if request.method == "POST" and operator and form.is_valid():
        try:
            made = set_age_limit(school=request.school, by=request.appointment, **form.cleaned_data)
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, str(reason))
        else:
            label = made.get_stage_display()
            messages.success(request, f"{label}的年龄范围改为{made}，风险提示按新的范围列出。")
            return redirect("students:ages")
    context = {"rows": rows, "form": form, "operator": operator}
    return render(request, "students/ages.html", context)


def _usual(stage: str) -> dict[str, object]:
    least, most = STAGE_AGES[stage]
    return {"stage": stage, "least": least, "most": most}
