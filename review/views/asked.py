"""What a list's address asks for, however badly it was typed."""

from django.http import HttpRequest

from office.asked import key_of


def number(request: HttpRequest, name: str) -> int | None:
    """A row's id from the query; None for anything that can't be one."""
    return key_of(request.GET.get(name))


def posted(request: HttpRequest, name: str) -> int:
    """A row's id from the form; 0, which no row has, for anything that can't be one."""
    return key_of(request.POST.get(name)) or 0


def words(request: HttpRequest, name: str = "q") -> str:
    """What was typed into the search box, without what no column can hold."""
    return request.GET.get(name, "").replace("\x00", "").strip()
