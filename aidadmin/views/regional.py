"""全区总览"""

from django.http import HttpResponse
from django.shortcuts import render

from schools.access import StaffRequest, requires
from schools.roles import BUREAU_ROLES


@requires(BUREAU_ROLES)
def overview(request: StaffRequest) -> HttpResponse:
    return render(request, "aidadmin/overview.html", {})


@requires(BUREAU_ROLES)
def export_overview(request: StaffRequest) -> HttpResponse:
    return render(request, "aidadmin/overview.html", {})


@requires(BUREAU_ROLES)
def school_overview(request: StaffRequest, school_id: int) -> HttpResponse:
    return render(request, "aidadmin/overview.html", {})


@requires(BUREAU_ROLES, methods="POST")
def urge(request: StaffRequest) -> HttpResponse:
    return render(request, "aidadmin/overview.html", {})
