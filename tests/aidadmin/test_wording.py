"""No form of the product speaks in Django's words: every form found, every error it can make."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from aidadmin.templatetags.fields import listed
from office.wording import STALE, WORDS, is_stock, stock_messages, worded, worded_all
from review.models import ScoringScheme
from review.scheme_form import SchemeForm
from tests.cast import Cast

PACKAGES = (
    *("aidadmin", "archive", "screening", "disbursement", "review", "applications"),
    *("students", "office", "schools"),
)
BAD = (
    *("", " ", "没有", "-99999999999999", "99999999999999", "1.23456789", "NaN", "\\x00"),
    *("2026-13-45", "25:61", "字" * 5000, "没有这一项"),
)
LIMITS = ("min_value", "max_value")
SEVERAL: tuple[Any, ...] = ([], ["没有这一项"], "没有这一项")
FILES = (SimpleUploadedFile("空.xlsx", b""), SimpleUploadedFile("表.exe", b"x"), "不是文件")


def modules() -> Iterator[Any]:
    """Every module of the product that could hold a form."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            parts = found.name.split(".")
            if {"migrations", "management", "launch", "demo"}.isdisjoint(parts):
                yield importlib.import_module(found.name)


def every_form() -> dict[str, type[Any]]:
    """Form classes by their full name, each where it is defined."""
    return {
        f"{one.__module__}.{one.__qualname__}": one
        for module in modules()
        for one in vars(module).values()
        if isinstance(one, type)
        and issubclass(one, forms.BaseForm)
        and one.__module__ == module.__name__
    }


def errors_of(field: forms.Field) -> Iterator[ValidationError]:
    """Whatever the field answers to nonsense."""
    several = isinstance(field.widget, forms.SelectMultiple | forms.CheckboxSelectMultiple)
    for value in FILES if isinstance(field, forms.FileField) else SEVERAL if several else BAD:
        try:
            field.clean(value)
        except ValidationError as error:
            yield from error.error_list


def said(field: forms.Field, error: ValidationError) -> list[str]:
    """How a page would word it."""
    holder = type("Holder", (forms.Form,), {"one": field})({})
    holder.full_clean()
    holder.errors.clear()
    holder.add_error("one", error)
    return worded(holder["one"])


def test_no_form_speaks_in_djangos_words() -> None:
    found, asked, reworded = every_form(), 0, 0
    assert len(found) > 60
    for name, form in found.items():
        for field_name, field in form.base_fields.items():
            for error in errors_of(field):
                asked += 1
                (text,) = said(field, error)
                reworded += is_stock(error)
                stock = is_stock(error) and text in error.messages
                assert not stock, f"{name}.{field_name}：{text}"
    # The stock words are what most forms would have said.
    assert asked > 500
    assert reworded > 100


@pytest.mark.parametrize("code", sorted({code for code, _ in stock_messages()} & set(WORDS)))
def test_each_of_djangos_messages_has_words_of_ours(code: str) -> None:
    params = {
        "limit_value": 3,
        "show_value": 5,
        "max": 3,
        "length": 5,
        "allowed_extensions": "xlsx",
        "min_length": 10,
    }
    field = forms.IntegerField(min_value=1) if code in LIMITS else forms.CharField()
    for message in (m for c, m in stock_messages() if c == code):
        (text,) = said(field, ValidationError(message, code=code, params=params))
        assert text
        assert not any(word in text for word in ("确保", "有效的", "该字段", "Ensure", "%("))


CHINESE = re.compile("[\u4e00-\u9fff]")


def test_every_field_that_is_seen_has_a_chinese_name() -> None:
    for name, form in every_form().items():
        for field_name, field in form.base_fields.items():
            named = CHINESE.search(str(field.label or ""))
            assert named or field.widget.is_hidden, f"{name}.{field_name}"


def hidden_fields() -> list[tuple[type[Any], str]]:
    found = []
    for form in every_form().values():
        fields = form.base_fields.items()
        found += [(form, name) for name, field in fields if field.widget.is_hidden]
    return found


def test_what_nobody_sees_is_not_asked_for_by_its_name() -> None:
    """Someone changed the page, or it is from before the last release: he opens it again."""
    wrong = 0
    for form, name in hidden_fields():
        field = form.base_fields[name]
        for error in errors_of(field):
            wrong += 1
            holder = type("Holder", (forms.Form,), {name: field})({})
            holder.full_clean()
            holder.errors.clear()
            holder.add_error(name, error)
            (shown,) = listed(holder)
            assert shown["id"] == ""
            assert not re.search("[A-Za-z]", shown["text"]), shown
            assert not is_stock(error) or shown["text"] == STALE
    assert wrong > 10


@pytest.mark.parametrize("told", [{}, {"seen": "9" * 99}])
def test_a_page_whose_mark_is_gone_is_to_be_opened_again(
    cast: Cast, sign_in: Any, told: dict[str, str]
) -> None:
    told |= {"stage": "senior", "least": "14", "most": "25", "reason": "有往届生"}
    page = sign_in(cast.a.leader).post(reverse("students:ages"), told).content.decode()
    assert STALE in page
    assert "Seen" not in page
    assert "seen：" not in page


def test_who_signs_in_without_a_name_is_told_in_our_words(client: Client, cast: Cast) -> None:
    page = client.post(reverse("login"), {"username": "", "password": ""}).content.decode()
    assert "请填写用户名" in page
    assert "请填写密码" in page
    assert "必填" not in page


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("students:correction_sign", {"correction": "x"}),
        ("students:correction_refuse", {}),
        ("students:lowering_sign", {"word": "x"}),
        ("students:lowering_refuse", {"word": "", "reason": "字" * 121}),
    ],
)
def test_an_answer_to_nothing_is_not_silence(
    cast: Cast, sign_in: Any, name: str, told: dict[str, str]
) -> None:
    answer = sign_in(cast.reviewer).post(reverse(name), told)
    assert answer.status_code == 409
    assert STALE in answer.content.decode()


def test_a_fields_own_words_stay() -> None:
    field = forms.IntegerField(
        label="年龄", min_value=1, error_messages={"invalid": "年龄要填整数。", "min_value": "太小"}
    )
    for typed, text in (("x", "年龄要填整数。"), ("0", "太小")):
        with pytest.raises(ValidationError) as error:
            field.clean(typed)
        assert said(field, error.value.error_list[0]) == [text]


def test_of_passwords_too() -> None:
    for password in ("1234", "password"):
        with pytest.raises(ValidationError) as error:
            password_validation.validate_password(password)
        texts = [t for e in error.value.error_list for t in said(forms.CharField(), e)]
        assert texts
        assert not set(texts) & set(error.value.messages)


def test_the_editor_of_a_scheme_says_its_limits(cast: Cast) -> None:
    form = SchemeForm(ScoringScheme.objects.order_by("pk")[0].rules, {"points_0_0": "-99999"})
    texts = dict(worded_all(form))
    assert texts["points_0_0"].endswith("之间的整数")
    assert texts["grade_hard"] == "请填写困难起分"
    page = Template("{% load fields %}{% for e in f|listed %}{{ e.text }}\\n{% endfor %}")
    shown = page.render(Context({"f": form}))
    assert "确保" not in shown
    assert "该字段" not in shown
    assert "8000" not in shown
