"""姓名核对: a name that a list writes otherwise is marked as checked, or the mark taken back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from schools.access import StaffRequest, requires
from schools.roles import Role
from students.actions import check_name, recall_check
from students.models import NameCheck, NameDifference
from students.rules.sight import SEES_TAGS


@requires(Role.OPERATOR, methods="POST")
def name_check(request: StaffRequest, difference_id: int) -> HttpResponse:
    """It is our student all the same."""
    rows = NameDifference.objects.for_school(request.school).select_related("student", "group")
    row = get_object_or_404(rows, pk=difference_id)
    check_name(difference=row, note=request.POST.get("note", ""), by=request.appointment)
    messages.success(
        request, f"已记下{row.student}的姓名核对过；名单或名册改成别的写法，会再列出来。"
    )
    return redirect(f"{reverse('students:groups')}#names")


@requires(SEES_TAGS, methods="POST")
def name_recall(request: StaffRequest, check_id: int) -> HttpResponse:
    """The mark was a mistake."""
    rows = NameCheck.objects.for_school(request.school).select_related("student")
    row = get_object_or_404(rows, pk=check_id)
    recall_check(check=row, by=request.appointment)
    messages.success(request, f"已撤回，{row.student}的姓名又列为要核对。")
    return redirect(f"{reverse('students:groups')}#names")
