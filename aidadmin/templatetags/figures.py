"""How pages write amounts, counts, ratios and dates (docs/parts.md)."""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

NOTHING = "—"
WEEKDAYS = "一二三四五六日"


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
