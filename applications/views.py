"""Pages of programmes, rounds and applications."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from applications.models import Round
from schools.access import StaffRequest, requires
from schools.roles import SCHOOL_ROLES


@requires(SCHOOL_ROLES)
def round_page(request: StaffRequest, round_id: int) -> HttpResponse:
    """The application step of a round."""
    round_ = get_object_or_404(Round.objects.for_school(request.school), pk=round_id)
    return HttpResponse(str(round_))
