"""撤回 of a 资助项目 that was enacted wrongly and has not begun."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from applications import actions
from applications.rules.programmes import EDITORS
from applications.views.programmes import seen_programme
from schools.access import StaffRequest, requires
from schools.roles import CHECKERS


@requires(EDITORS, methods="POST")
def ask_revoke(request: StaffRequest, programme_id: int) -> HttpResponse:
    """提出撤回, with a reason."""
    found = actions.ask_revoke(
        programme=seen_programme(request, programme_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, f"已提出撤回{found}，由审核人确认后生效。")
    return redirect("applications:programme", programme_id=found.pk)


@requires(CHECKERS, methods="POST")
def confirm_revoke(request: StaffRequest, programme_id: int) -> HttpResponse:
    """确认撤回."""
    found = actions.confirm_revoke(
        programme=seen_programme(request, programme_id), by=request.appointment
    )
    goes_on = "，原版本继续执行" if found.follows_id else ""
    quotas = "，各校名额一并作废" if found.quotas.exists() else ""
    messages.success(request, f"{found}已撤回{quotas}{goes_on}。")
    return redirect("applications:programme", programme_id=found.pk)


@requires(EDITORS, CHECKERS, methods="POST")
def retain_programme(request: StaffRequest, programme_id: int) -> HttpResponse:
    """不撤回."""
    found = actions.retain_programme(
        programme=seen_programme(request, programme_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, f"{found}仍按期执行。")
    return redirect("applications:programme", programme_id=found.pk)
