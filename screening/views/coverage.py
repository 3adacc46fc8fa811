"""应助尽助: who should be aided and who is, by grade and class."""

from django.http import HttpResponse
from django.shortcuts import render

from schools.access import StaffRequest, requires
from schools.models import Term
from schools.roles import OFFICE
from screening.coverage import Share, by_class
from screening.facts import day_of
from screening.views.terms import term_of


@requires(OFFICE)
def coverage(request: StaffRequest) -> HttpResponse:
    """The school's own numbers of a term; nothing of it is stored."""
    term = term_of(request)
    grades = by_class(request.school, term)
    context = {
        "term": term,
        "day": day_of(term),
        "terms": [(t.code, t.season_label) for t in Term.objects.order_by("-code")],
        "grades": grades,
        "whole": Share.of("全校", (grade for grade, _ in grades)),
    }
    return render(request, "screening/coverage.html", context)
