"""Links that keep this page's query: filters, sorting and paging (docs/parts.md)."""

from typing import Any

from django import template
from django.core.paginator import Page
from django.http import QueryDict
from django.template.context import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()


def query_of(context: Context) -> QueryDict:
    request = context.get("request")
    return request.GET.copy() if request else QueryDict(mutable=True)


@register.simple_tag(takes_context=True)
def qs(context: Context, **changes: Any) -> str:
    """This page's query with some parameters changed; None or "" drops one. Paging starts again."""
    query = query_of(context)
    if "page" not in changes and "cursor" not in changes:
        query.pop("page", None)
        query.pop("cursor", None)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        elif isinstance(value, list | tuple | set):
            query.setlist(key, [str(one) for one in value])
        else:
            query[key] = str(value)
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def qs_without(context: Context, key: str, value: Any = None) -> str:
    """This page's query without one parameter, or without one of its values."""
    query = query_of(context)
    for gone in ("page", "cursor"):
        query.pop(gone, None)
    left = [one for one in query.getlist(key) if value is not None and one != str(value)]
    query.setlist(key, left)
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def qs_fields(context: Context, *leave_out: str) -> SafeString:
    """This page's query as hidden inputs, for a form that must keep it."""
    pairs = [
        (key, value)
        for key, values in query_of(context).lists()
        if key not in {*leave_out, "page", "cursor"}
        for value in values
    ]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)


@register.simple_tag(takes_context=True)
def sorting(context: Context, key: str) -> dict[str, str]:
    """How a column is sorted now and the link that turns it; empty for one that does not sort."""
    if not key:
        return {"state": "", "url": ""}
    now = query_of(context).get("sort", "")
    state = "ascending" if now == key else "descending" if now == f"-{key}" else ""
    return {"state": state, "url": qs(context, sort=f"-{key}" if state == "ascending" else key)}


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | None]:
    """1 2 3 … 51, with None for the gap."""
    return [
        one if isinstance(one, int) else None
        for one in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
