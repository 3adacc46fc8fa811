"""A wrong registration of the 绿色通道: voided alone, or asked for and answered."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from applications import actions
from applications.rules.green import ASKERS
from applications.views.green import JUDGING, own_entry
from schools.access import StaffRequest, requires
from schools.roles import Role


@requires(Role.OPERATOR, methods="POST")
def void(request: StaffRequest, green_id: int) -> HttpResponse:
    """作废."""
    entry = actions.void_green(
        entry=own_entry(request, green_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, f"{entry.student.name}{entry}已作废，可以重新登记。")
    return redirect("applications:green")


@requires(ASKERS, methods="POST")
def ask(request: StaffRequest, green_id: int) -> HttpResponse:
    """申请作废."""
    entry = actions.ask_void_green(
        entry=own_entry(request, green_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(
        request, f"已申请作废{entry.student.name}{entry}，另一位审核人确认以前照旧有效。"
    )
    return redirect("applications:green")


@requires(JUDGING, methods="POST")
def confirm(request: StaffRequest, green_id: int) -> HttpResponse:
    """确认作废."""
    entry = actions.confirm_void_green(entry=own_entry(request, green_id), by=request.appointment)
    messages.success(request, f"{entry.student.name}{entry}已作废，请专干告知学生和财务。")
    return redirect("applications:green")


@requires(JUDGING, methods="POST")
def decline(request: StaffRequest, green_id: int) -> HttpResponse:
    """不同意作废."""
    entry = actions.decline_void_green(
        entry=own_entry(request, green_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, f"{entry.student.name}{entry}没有作废，照旧有效；已告诉申请的人。")
    return redirect("applications:green")
