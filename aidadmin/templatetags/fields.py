"""How <c-field> and <c-errors> draw a form's fields and word its errors (docs/parts.md)."""

import copy
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

from office.wording import worded

register = template.Library()


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
                if field.is_hidden:
                    found.append({"id": "", "text": text})
                    continue
                words = text if str(field.label) in text else f"{field.label}：{text}"
                found.append({"id": focus_id(field), "text": words})
    return found


register.filter("worded", worded)


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
