"""What the page components need to draw icons, status and deadlines (docs/parts.md)."""

import functools
import re
from collections.abc import Iterable
from typing import Any

import lucide
from django import template
from django.db.models import Field
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from office.addresses import address_of
from office.spreadsheets.sniffing import ACCEPTED, ENDINGS

register = template.Library()

STARS = re.compile("[*＊●•]+")
TONES = ("draft", "active", "wait", "done", "bad", "line")


# --- icons ------------------------------------------------------------------------------------


@functools.cache
def drawn(name: str, size: int, extra: str) -> SafeString:
    """One icon, drawn once per process: the wheel keeps them in a zip."""
    svg: str = lucide._render_icon(name, size)
    # Fill, stroke and its width belong to .icon in base.css.
    opening, inner = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]+"', opening)
    classes = conditional_escape(f"icon {extra}".strip())
    inner = re.sub(r"\s*\n\s*", "", inner).replace(" />", "/>")
    return mark_safe(  # noqa: S308  drawn from the wheel; the name never reaches the page
        f'<svg class="{classes}" width="{size}" height="{size}" {box.group() if box else ""} '
        f'aria-hidden="true">{inner}'
    )


@register.simple_tag
def icon(name: str, size: int = 16, extra: str = "") -> SafeString:
    return drawn(str(name), int(size), str(extra))


# --- files ------------------------------------------------------------------------------------


@register.simple_tag
def table_endings() -> str:
    """The kinds of tables that an upload takes, for its hint."""
    return "、".join(ENDINGS)


@register.simple_tag
def tables_accepted() -> str:
    """The same for the browser's choice of files."""
    return ",".join(ACCEPTED)


# --- status and deadlines -----------------------------------------------------------------------


@register.filter
def tone(thing: Any) -> str:
    """The status hue of an object (its `status_tone`), or of a tone's own name."""
    found = getattr(thing, "status_tone", thing)
    found = found() if callable(found) else found
    return found if found in TONES else "draft"


@register.simple_tag(name="tag")
def status_tag(text: Any, hue: str = "draft", mark: str = "") -> SafeString:
    """The same as <c-tag>, for long tables."""
    tag = _tagged if type(text) is str else _tag
    return tag(text, tone(hue), str(mark))


def _tag(text: Any, hue: str, mark: str) -> SafeString:
    drawing = drawn(mark, 12, "") if mark else ""
    return format_html('<span class="tag {}">{}{}</span>', hue, drawing, text)


# A table says the same few statuses again and again.
_tagged = functools.lru_cache(maxsize=512)(_tag)


@register.filter
def status(thing: Any) -> SafeString:
    """The status tag of an object that has `get_status_display` and `status_tone`."""
    return status_tag(thing.get_status_display(), tone(thing))


@register.filter
def words(thing: Any, field: str) -> str:
    """The same as get_…_display, for long tables."""
    value: str = getattr(thing, field)
    return _words(thing._meta.get_field(field)).get(value, value)


@functools.cache
def _words(field: Field[Any, Any]) -> dict[Any, str]:
    return {value: str(text) for value, text in field.flatchoices}


@register.filter
def due_tone(workdays: Any) -> str:
    if workdays in (None, ""):
        return ""
    left = int(workdays)
    return "bad" if left <= 0 else "wait" if left <= 3 else ""


@register.filter
def due_words(workdays: Any) -> str:
    if workdays in (None, ""):
        return ""
    left = int(workdays)
    if left < 0:
        return f"逾期{-left}个工作日"
    return "今天截止" if left == 0 else f"剩{left}个工作日"


@register.filter(name="mask")
def star(value: Any) -> SafeString:
    """Quieten the stars of a value that was masked where it is kept."""
    return mark_safe(STARS.sub(r"<i>\g<0></i>", conditional_escape(value)))  # noqa: S308


@register.filter
def masked(value: Any) -> SafeString:
    """The same as <c-mask> without an eye, for long tables."""
    return mark_safe(  # noqa: S308  the value is escaped
        f'<span class="masked"><span class="mask">{star(value)}</span></span>'
    )


# --- long tables --------------------------------------------------------------------------------


@register.filter
def at(key: Any, name: str) -> str:
    """The same as {% url name key %}, for long tables."""
    return address_of(name, key)


@register.simple_tag
def options(pairs: Iterable[tuple[Any, Any]], value: Any = "") -> SafeString:
    """The choices of a select, the one of this value chosen."""
    chosen = str(value)
    return mark_safe(  # noqa: S308  each part is escaped
        "".join(
            f'<option value="{conditional_escape(key)}"{" selected" if str(key) == chosen else ""}>'
            f"{conditional_escape(text)}</option>"
            for key, text in pairs
        )
    )


# --- parts that need a little arithmetic ----------------------------------------------------------


def get(thing: Any, key: str) -> Any:
    return thing.get(key) if isinstance(thing, dict) else getattr(thing, key, None)


@register.simple_tag
def agreement(sums: Iterable[Any]) -> dict[str, Any]:
    """The numbers of <c-agree>, each with whether it equals the first one."""
    listed = list(sums)
    first = get(listed[0], "value") if listed else None
    rows = [
        {
            "label": get(one, "label"),
            "value": get(one, "value"),
            "note": get(one, "note"),
            "unit": get(one, "unit") or "元",
            "same": get(one, "value") == first,
        }
        for one in listed
    ]
    return {"rows": rows, "ok": all(one["same"] for one in rows)}


@register.simple_tag
def steps_of(step: Any, total: Any) -> list[str]:
    """The marks of <c-progress>: what is done, where we are, what is to come."""
    now = int(step)
    return ["done" if n < now else "now" if n == now else "" for n in range(1, int(total) + 1)]
