"""What pages need to write figures, dates, icons and query strings (docs/parts.md)."""

import copy
import functools
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import lucide
from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.template.context import Context
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

NOTHING = "—"
WEEKDAYS = "一二三四五六日"
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


# --- figures ----------------------------------------------------------------------------------


@register.filter
def yuan(fen: Any) -> str:
    """Integer fen as the aid office writes an amount: 115000 → 1,150.00."""
    if fen is None or fen == "":
        return NOTHING
    return f"{Decimal(int(fen)) / 100:,.2f}"


@register.filter
def thousands(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    try:
        return f"{Decimal(str(value)):,}"
    except InvalidOperation:
        return str(value)


FIGURE = re.compile(
    r"\d[\d,.]*(?:[:/—－-]\d[\d,.]*)*%?"
    r"(?:个工作日|个自然日|个班级|个班|学年|学期|工作日|小时|分钟|万元|百分点|年\d+月\d+日|月\d+日|"
    r"[人名元份笔项票天年月日岁班级行列处次周步页条张件所户分秒批本届科门位套])?"
)
MARKUP = re.compile(r"(<[^>]*>|&[#\w]+;)")


@register.filter
def nb(value: Any, unit: str = "") -> SafeString:
    """Keep every figure on one line with its unit: 312|nb:"人", or a whole sentence|nb."""
    if unit:
        figure = thousands(value) if isinstance(value, int | Decimal | float) else value
        return format_html('<span class="nb">{}{}</span>', figure, unit)
    # Of a text that is already escaped only what lies between tags and entities is ours to touch.
    text = conditional_escape(value)
    return mark_safe(  # noqa: S308  escaped above
        "".join(
            piece if index % 2 else FIGURE.sub(whole_figure, piece)
            for index, piece in enumerate(MARKUP.split(text))
        )
    )


def whole_figure(match: re.Match[str]) -> str:
    found = match.group()
    return found if len(found) < 2 else f'<span class="nb">{found}</span>'


@register.filter
def percent(part: Any, whole: Any = None) -> str:
    """A ratio, or a part of a whole, as 24.0%."""
    if part is None or whole == 0:
        return NOTHING
    ratio = Decimal(str(part)) if whole is None else Decimal(str(part)) / Decimal(str(whole))
    return f"{(ratio * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


@register.filter
def share(part: Any, whole: Any) -> str:
    """The length of a bar: never empty once begun, never full while something is owed."""
    if not whole:
        return "0%"
    exact = Decimal(str(part or 0)) * 100 / Decimal(str(whole))
    if exact <= 0:
        return "0%"
    if exact >= 100:
        return "100%"
    return f"{min(max(int(exact), 1), 99)}%"


# --- dates --------------------------------------------------------------------------------------


def as_date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


@register.filter
def day(value: Any) -> str:
    on = as_date(value)
    return f"{on.month}月{on.day}日" if on else str(value or NOTHING)


@register.filter
def weekday(value: Any) -> str:
    on = as_date(value)
    return f"周{WEEKDAYS[on.weekday()]}" if on else ""


@register.filter
def dayw(value: Any) -> str:
    on = as_date(value)
    return f"{day(on)} {weekday(on)}" if on else str(value or NOTHING)


@register.filter
def md(value: Any) -> str:
    on = as_date(value)
    return f"{on:%m-%d}" if on else str(value or NOTHING)


@register.filter
def ymd(value: Any) -> str:
    on = as_date(value)
    return f"{on.year}年{on.month}月{on.day}日" if on else str(value or NOTHING)


@register.filter
def iso(value: Any) -> str:
    on = as_date(value)
    return on.isoformat() if on else ""


@register.filter
def when(value: Any, form: str = "") -> str:
    """A moment: 9月14日 16:20; with "y" also the year."""
    if not isinstance(value, datetime):
        return ymd(value) if form == "y" else day(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{ymd(local) if form == 'y' else day(local)} {local:%H:%M}"


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
    drawing = drawn(mark, 12, "") if mark else ""
    return format_html('<span class="tag {}">{}{}</span>', tone(hue), drawing, text)


@register.filter
def status(thing: Any) -> SafeString:
    """The status tag of an object that has `get_status_display` and `status_tone`."""
    return status_tag(thing.get_status_display(), tone(thing))


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
    return mark_safe(  # noqa: S308
        re.sub(r"[*＊●•]+", lambda stars: f"<i>{stars.group()}</i>", conditional_escape(value))
    )


# --- query strings --------------------------------------------------------------------------------


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
    """How a column is sorted now and the link that turns it."""
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


@register.filter
def listed(form: Any) -> list[dict[str, str]]:
    """Every error of a form (or of several) with the id of the field to go to."""
    forms_ = form if isinstance(form, list | tuple) else [form]
    found: list[dict[str, str]] = []
    for one in forms_:
        if isinstance(one, forms.BaseFormSet):
            found += [{"id": "", "text": str(text)} for text in one.non_form_errors()]
            found += listed(list(one.forms))
            continue
        found += [{"id": "", "text": str(text)} for text in one.non_field_errors()]
        for name in one.errors:
            if name not in one.fields:
                continue
            field = one[name]
            for text in worded(field):
                words = text if str(field.label) in text else f"{field.label}：{text}"
                found.append({"id": focus_id(field), "text": words})
    return found


@register.filter
def worded(field: BoundField) -> list[str]:
    """The errors of a field, Django's two commonest ones in words that say what to do."""
    texts = []
    for error in field.form.errors.as_data().get(field.name, []):
        text = " ".join(str(one) for one in error.messages)
        defaults = type(field.field).default_error_messages
        if error.code == "required" and text == str(forms.Field.default_error_messages["required"]):
            choice = isinstance(field.field, forms.ChoiceField | forms.FileField)
            if kind(field) == "check":
                text = f"请勾选“{field.label}”"
            else:
                text = f"请选择{field.label}" if choice else f"请填写{field.label}"
        elif error.code == "invalid" and text == str(defaults.get("invalid", "")):
            if isinstance(field.field, forms.IntegerField):
                text = "请填数字，例如8000"
            elif isinstance(field.field, forms.DateField):
                text = "请填日期，例如2026-09-15"
        texts.append(text)
    return texts


def focus_id(field: BoundField) -> str:
    """The element a link of the error summary leads to: of a group, its first choice."""
    base = field.auto_id
    group = isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return f"{base}_0" if group and base else base


NATIVE = (
    (forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
    (forms.DateInput, "date", "%Y-%m-%d"),
    (forms.TimeInput, "time", "%H:%M"),
)


@register.filter
def kind(field: BoundField) -> str:
    """How <c-field> draws a bound field."""
    widget = field.field.widget
    # Several boxes are a kind of radio to Django, so they are asked for first.
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checks"
    if isinstance(widget, forms.RadioSelect):
        return "radio"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "hidden" if field.is_hidden else "control"


@register.simple_tag
def control(field: BoundField, hint: Any = "", **attrs: Any) -> SafeString:
    """The input of a bound field: our class, the ids of its hint and error, native dates."""
    widget = copy.deepcopy(field.field.widget)
    name = field.auto_id or field.html_name
    described = " ".join(
        one
        for one, there in ((f"{name}-hint", hint and hint != "no"), (f"{name}-error", field.errors))
        if there
    )
    given = {
        key.rstrip("_").replace("_", "-"): value
        for key, value in attrs.items()
        if value not in ("", None, False)
    }
    if described:
        given["aria-describedby"] = described
    if field.errors:
        given["aria-invalid"] = "true"
    if isinstance(widget, forms.Textarea):
        base = "textarea"
        widget.attrs.pop("cols", None)
        widget.attrs["rows"] = (
            3 if widget.attrs.get("rows") in (None, "10") else widget.attrs["rows"]
        )
    elif isinstance(widget, forms.Select):
        base = "select"
    elif isinstance(widget, forms.CheckboxInput):
        base = ""
    else:
        base = "input"
    if type(widget) in (forms.DateTimeInput, forms.DateInput, forms.TimeInput):
        for sort, native, form in NATIVE:
            if isinstance(widget, sort):
                widget.input_type, widget.format = native, form
                break
    if isinstance(widget, forms.NumberInput):
        widget.input_type = "text"
        given.setdefault("inputmode", "decimal" if "step" in widget.attrs else "numeric")
        for key in ("min", "max", "step"):
            widget.attrs.pop(key, None)
    classes = " ".join(one for one in (base, widget.attrs.get("class"), given.get("class")) if one)
    if classes:
        given["class"] = classes
    return field.as_widget(widget=widget, attrs=given)


@register.simple_tag
def steps_of(step: Any, total: Any) -> list[str]:
    """The marks of <c-progress>: what is done, where we are, what is to come."""
    now = int(step)
    return ["done" if n < now else "now" if n == now else "" for n in range(1, int(total) + 1)]
