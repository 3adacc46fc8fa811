"""What long tables are drawn with says the same as the slower part that it stands for."""

from typing import Any

import pytest
from django.db.models import TextChoices
from django.test import RequestFactory
from django.utils.safestring import mark_safe
from django_cotton import render_component

from aidadmin.templatetags.ui import masked, options, status_tag, words
from students.models import Student


@pytest.mark.parametrize(
    ("field", "choices"),
    [
        ("sex", Student.Sex),
        ("household", Student.Household),
        ("boarding", Student.Boarding),
        ("status", Student.Status),
        ("id_kind", Student.IdKind),
    ],
)
def test_words_are_those_of_the_choices(field: str, choices: type[TextChoices]) -> None:
    for value in [*choices.values, "", "unknown"]:
        student = Student(**{field: value})
        assert words(student, field) == getattr(student, f"get_{field}_display")()


def test_a_tag_is_escaped_whether_or_not_it_was_drawn_before() -> None:
    for _ in range(2):
        assert status_tag("<b>", "done") == '<span class="tag done">&lt;b&gt;</span>'
        assert status_tag(mark_safe("<b>"), "done") == '<span class="tag done"><b></span>'
        assert status_tag("在读", "<i>") == '<span class="tag draft">在读</span>'


class Turning:
    """Its hue is not what it was."""

    status_tone = "wait"


def test_a_tag_has_the_hue_of_now() -> None:
    thing = Turning()
    assert 'class="tag wait"' in status_tag("在读", thing)  # type: ignore[arg-type]
    thing.status_tone = "done"
    assert 'class="tag done"' in status_tag("在读", thing)  # type: ignore[arg-type]


def test_a_mask_is_escaped_and_its_stars_are_quiet() -> None:
    assert masked("9<9**") == (
        '<span class="masked"><span class="mask">9&lt;9<i>**</i></span></span>'
    )


@pytest.mark.parametrize(
    ("value", "chosen"),
    [("", []), (None, []), ("1", ["1"]), (1, ["1"]), ("<", ["&lt;"]), ("10", [])],
)
def test_choices_are_escaped_and_the_one_in_force_is_chosen(value: Any, chosen: list[str]) -> None:
    html = options([(1, "一<b>"), ("<", '"'), (2, "二")], value)
    assert [h.split('"')[1] for h in html.split("<option") if " selected" in h] == chosen
    assert html.startswith('<option value="1"')
    assert "一&lt;b&gt;</option>" in html
    assert '<option value="&lt;"' in html
    assert "&quot;</option>" in html
    assert html.count("<option") == 3


def test_a_select_draws_its_choices() -> None:
    html = render_component(
        RequestFactory().get("/"),
        "choose",
        name="n",
        all="全部",
        options=[("a", "甲"), ("b", "乙")],
        value="b",
    )
    assert '<option value="">全部</option><option value="a">甲</option>' in html
    assert '<option value="b" selected>乙</option>' in html
