"""Addresses that a page asks for again and again, worked out once.

A menu names some twenty places and a long table one for each row; asking the resolver each time
costs as much as a third of the table.
"""

from functools import cache

from django.urls import get_script_prefix, get_urlconf, reverse

# Stands in a pattern for the key; no row has it.
KEY = 987_654_321_987_654_321


def address(name: str) -> str:
    """The address of a page without a key in it. Raises `NoReverseMatch` for an unknown name."""
    return _address(name, get_urlconf(), get_script_prefix())


def address_of(name: str, key: int) -> str:
    """The address of a page of one row. Raises `NoReverseMatch` when it takes no such key."""
    before, after = _around(name, get_urlconf(), get_script_prefix())
    return f"{before}{int(key)}{after}"


@cache
def _address(name: str, urlconf: object, prefix: str) -> str:
    return reverse(name)


@cache
def _around(name: str, urlconf: object, prefix: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[KEY]).partition(str(KEY))
    return before, after
