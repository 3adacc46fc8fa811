"""Which term a page is about."""

from django.http import Http404, HttpRequest

from schools.models import Term
from schools.official import current_term


def term_of(request: HttpRequest) -> Term:
    """The term named in the address (`?term=2026-1`), else the current one."""
    code = request.GET.get("term", "")
    term = Term.objects.filter(code=code).first() if code else current_term()
    if term is None:
        raise Http404
    return term
