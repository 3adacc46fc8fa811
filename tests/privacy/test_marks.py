"""The mark of a page: the same for the same facts, another for others, and telling nothing."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from privacy.marks import mark_of


@dataclass(frozen=True)
class Told:
    name: str
    on: date | None = None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "b"),
        (Told("a"), Told("b")),
        (Told("a", date(2026, 9, 1)), Told("a")),
        ((Told("a"), Told("b")), (Told("b"), Told("a"))),
        ({"x": 1}, {"x": 2}),
    ],
)
def test_other_facts_have_another_mark(one: Any, other: Any) -> None:
    assert mark_of("page", one) == mark_of("page", one)
    assert mark_of("page", one) != mark_of("page", other)
    assert mark_of("page", one) != mark_of("other page", one)


def test_the_order_of_names_is_no_change() -> None:
    assert mark_of("page", {"a": 1, "b": 2}) == mark_of("page", {"b": 2, "a": 1})


def test_nobody_without_the_key_can_try_facts_out() -> None:
    assert mark_of("page", "13800000000") not in hashlib.sha256(b'"13800000000"').hexdigest()


def test_what_has_no_words_of_its_own_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        mark_of("page", object())
