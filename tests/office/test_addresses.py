"""Addresses worked out once are those that the resolver gives."""

import pytest
from django.template import Context, Template
from django.test.utils import override_script_prefix
from django.urls import NoReverseMatch, reverse

from office.addresses import address, address_of


def test_they_are_what_the_resolver_says() -> None:
    for key in (1, 12, 10**18):
        assert address_of("students:student", key) == reverse("students:student", args=[key])
    assert address("students:roster") == reverse("students:roster")


def test_a_key_in_the_middle_stands_there() -> None:
    said = reverse("students:class_teacher", args=[7])
    assert not said.endswith("7/")
    assert address_of("students:class_teacher", 7) == said


def test_an_unknown_page_or_a_key_that_is_no_number_is_an_error() -> None:
    for name in ("students:nowhere", "students:roster"):
        with pytest.raises(NoReverseMatch):
            address_of(name, 1)
    with pytest.raises(ValueError, match="invalid literal"):
        address_of("students:student", "1/../2")  # type: ignore[arg-type]


def test_under_another_prefix_they_are_other_addresses() -> None:
    plain = address_of("students:student", 1)
    with override_script_prefix("/aid/"):
        assert address_of("students:student", 1) == f"/aid{plain}"
    assert address_of("students:student", 1) == plain


def test_templates_write_it_as_a_filter() -> None:
    text = "{% load ui %}{{ key|at:'students:student' }}"
    assert Template(text).render(Context({"key": 5})) == reverse("students:student", args=[5])
