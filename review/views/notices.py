"""公示: list, compose, preview, objections, confirmation."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from review.models import Notice
from schools.access import StaffRequest, requires
from schools.roles import OFFICE


@requires(OFFICE)
def notice(request: StaffRequest, notice_id: int) -> HttpResponse:
    """One notice."""
    found = get_object_or_404(Notice.objects.for_school(request.school), pk=notice_id)
    return render(request, "review/notice.html", {"notice": found})
