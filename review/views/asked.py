"""What a list's address asks for, however badly it was typed."""

from django.http import HttpRequest


def number(request: HttpRequest, name: str) -> int | None:
    """A row's id from the query; None for anything that can't be one."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def words(request: HttpRequest, name: str = "q") -> str:
    """What was typed into the search box, without what no column can hold."""
    return request.GET.get(name, "").replace("\x00", "").strip()
