"""How a form's errors are said: what Django says in its own words is said here with the cure.

A field that brings its own `error_messages` keeps them; all other forms need nothing.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.boundfield import BoundField

Word = Callable[[BoundField, dict[str, Any]], str]
NUMBERS = (forms.IntegerField, forms.DecimalField, forms.FloatField)
SEVERAL = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)


# What nobody sees was changed by nobody but the browser, or it is from before a new version.
STALE = "页面已过期，请刷新后重试"


def worded(field: BoundField) -> list[str]:
    """The errors of one field of a form, in words that say what to do."""
    found = field.form.errors.as_data().get(field.name, [])
    return [text for error in found for text in _texts(field, error)]


def worded_all(form: forms.BaseForm) -> list[tuple[str, str]]:
    """Every error of a form with the name of its field; "" where it belongs to none."""
    own = [("", str(text)) for text in form.non_field_errors()]
    return own + [(name, text) for name in form.fields for text in worded(form[name])]


def _texts(field: BoundField, error: ValidationError) -> list[str]:
    code = error.code or ""
    if field.is_hidden and is_stock(error):
        return [STALE]
    # Django composes what it says of passwords, so that only the code tells whose words they are.
    if is_stock(error) or code.startswith("password_"):
        return [WORDS.get(code, _invalid)(field, error.params or {})]
    return [str(one) for one in error.messages]


def is_stock(error: ValidationError) -> bool:
    """Whether nobody gave the error words of its own."""
    return any(error.message is one for one in _STOCK)


def stock_messages() -> Iterator[tuple[str, Any]]:
    """Every message that Django's fields and validators bring along, with its code."""
    for kind in (*_kinds(forms.Field), *_kinds(models.Field)):
        yield from vars(kind).get("default_error_messages", {}).items()
    for one in vars(validators).values():
        if isinstance(one, type) and "message" in vars(one):
            yield getattr(one, "code", "invalid"), vars(one)["message"]
    yield from validators.DecimalValidator.messages.items()
    for one in vars(validators).values():
        if isinstance(one, validators.RegexValidator):
            yield str(one.code), one.message


def _kinds(base: type[Any]) -> Iterator[type[Any]]:
    """Django's own kinds of field."""
    yield base
    for kind in base.__subclasses__():
        if kind.__module__.startswith("django."):
            yield from _kinds(kind)


def _required(field: BoundField, params: dict[str, Any]) -> str:
    asked = field.field
    if isinstance(asked.widget, forms.CheckboxInput):
        return f"请勾选“{field.label}”"
    if isinstance(asked, SEVERAL):
        return f"请至少选一项{field.label}"
    choice = isinstance(asked, forms.ChoiceField | forms.FileField)
    return f"请选择{field.label}" if choice else f"请填写{field.label}"


def _invalid(field: BoundField, params: dict[str, Any]) -> str:
    asked = field.field
    if isinstance(asked, NUMBERS):
        return _number(field, params)
    for kind, text in INVALID:
        if isinstance(asked, kind):
            return text
    return f"{field.label}填得不对，请核对后重新填写"


def _number(field: BoundField, params: dict[str, Any]) -> str:
    asked: Any = field.field
    whole = "整数" if isinstance(asked, forms.IntegerField) else "数字"
    least, most = asked.min_value, asked.max_value
    if least is not None and most is not None:
        return f"请填{_told(least)}到{_told(most)}之间的{whole}"
    if least is not None:
        return f"请填{whole}，不小于{_told(least)}"
    return f"请填{whole}，不大于{_told(most)}" if most is not None else f"请填{whole}"


def _told(limit: Any) -> str:
    value = limit() if callable(limit) else limit
    return f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else str(value)


def _length(field: BoundField, params: dict[str, Any]) -> str:
    limit, told = params.get("limit_value", params.get("max")), params.get("show_value")
    now = f"，现在{told or params.get('length')}个字"
    return f"最多{limit}个字{now}，请删短"


def _short(field: BoundField, params: dict[str, Any]) -> str:
    return f"至少{params['limit_value']}个字，现在{params['show_value']}个字，请补充"


def _choice(field: BoundField, params: dict[str, Any]) -> str:
    return f"选的那一项不在可选范围里，请重新选择{field.label}"


def _says(text: str) -> Word:
    return lambda field, params: text


# Of Django's kinds of field the narrower first.
INVALID: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.DateTimeField, "请填日期和时间，例如2026-09-15 14:30"),
    (forms.DateField, "请填日期，例如2026-09-15"),
    (forms.TimeField, "请填时间，例如14:30"),
    (forms.EmailField, "邮箱地址不对，请核对，例如name@example.com"),
    (forms.URLField, "网址不对，请从浏览器里复制完整的网址"),
    (forms.FileField, "文件没有传上来，请重新选择文件"),
)
WORDS: dict[str, Word] = {
    "required": _required,
    "null": _required,
    "blank": _required,
    "invalid": _invalid,
    "invalid_date": _says("请填日期，例如2026-09-15"),
    "invalid_time": _says("请填时间，例如14:30"),
    "invalid_datetime": _says("请填日期和时间，例如2026-09-15 14:30"),
    "incomplete": _says("没有填全，请把每一格都填上"),
    "overflow": _says("数太大了，请核对"),
    "min_value": _number,
    "max_value": _number,
    "step_size": lambda field, params: f"请填{params['limit_value']}的倍数",
    "max_digits": _says("数太大了，请核对单位和小数点"),
    "max_whole_digits": _says("数太大了，请核对单位和小数点"),
    "max_decimal_places": lambda field, params: f"小数点后最多{params['max']}位",
    "max_length": _length,
    "min_length": _short,
    "invalid_choice": _choice,
    "invalid_list": _choice,
    "invalid_pk_value": _choice,
    "list": _choice,
    "null_characters_not_allowed": _says("含有看不见的字符，请删去后重新输入"),
    "missing": _says("文件没有传上来，请重新选择文件"),
    "empty": _says("文件是空的，请换一个文件"),
    "contradiction": _says("新文件和“清除”只能选一样"),
    "invalid_image": _says("不是图片，或者图片已经损坏，请换一张"),
    "invalid_extension": lambda field, params: (
        f"不收这种文件，请换成{params.get('allowed_extensions', '规定的格式')}"
    ),
    "unique": lambda field, params: f"这个{field.label}已经有了，请换一个",
    "password_too_short": lambda field, params: f"密码至少{params['min_length']}个字符，请加长",
    "password_too_common": _says("密码太常见，容易被猜到，请换一个"),
    "password_entirely_numeric": _says("密码不能全是数字，请加上字母"),
    "password_too_similar": _says("密码与姓名、账号太像，请换一个"),
    "password_mismatch": _says("两次输入的密码不一样，请重新输入"),
    "password_incorrect": _says("原密码不对，请重新输入"),
}
_STOCK = tuple(message for _, message in stock_messages())
