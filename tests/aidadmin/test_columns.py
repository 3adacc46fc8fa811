"""Heads of columns: how each sorts now, and that one which does not sort says nothing of it."""

import pytest
from django.template import Context
from django.test import RequestFactory

from aidadmin.templatetags.addresses import sorting


@pytest.mark.parametrize(
    ("query", "key", "state", "url"),
    [
        ("", "name", "", "?sort=name"),
        ("sort=name", "name", "ascending", "?sort=-name"),
        ("sort=-name", "name", "descending", "?sort=name"),
        ("sort=class&page=2", "name", "", "?sort=name"),
        ("", "", "", ""),
        ("sort=", "", "", ""),
        ("sort=-", "", "", ""),
    ],
)
def test_how_a_column_sorts(query: str, key: str, state: str, url: str) -> None:
    context = Context({"request": RequestFactory().get(f"/?{query}")})
    assert sorting(context, key) == {"state": state, "url": url}
